import type { Mark } from "../core/model/home.ts";
import type { Version } from "../core/model/manifest.ts";

/** What prune is about to remove. */
export interface Marks {
  /** Owned by this process; durable when it returns. */
  put(engine: string, version: Version, operation: string): void;
  /** Undefined where there is none or its owner is gone (void). */
  get(engine: string, version: Version): Mark | undefined;
  remove(engine: string, version: Version): void;
}
