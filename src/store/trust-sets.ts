import type { TrustSet } from "../ports/trust.ts";

/** TUF metadata in whole, numbered sets. */
export interface TrustSets {
  /** Errors: `unknown-generation` never; `home-damaged` where that number is not there or cannot be read. */
  read(number: number): TrustSet;
  /** Durable when it returns. The same files and bytes as the newest set: that one's number. */
  commit(set: TrustSet): number;
  /** Ascending. */
  numbers(): number[];
  newest(): number | undefined;
  remove(number: number): void;
}
