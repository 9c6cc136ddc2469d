import type { Pin } from "../core/model/home.ts";

/** One small file a pin. */
export interface Pins {
  get(tenant: string, engine: string): Pin | undefined;
  /** Durable when it returns. */
  put(pin: Pin): void;
  /** False where there was none. */
  remove(tenant: string, engine: string): boolean;
  /** In no particular order; reads one file a pin. Errors: `home-damaged`. */
  all(): Iterable<Pin>;
}
