import type { Generation } from "../core/model/home.ts";
import type { Manifest } from "../core/model/manifest.ts";

/** What is derived from a generation: the launchers' index, bin/ and lib/. */
export interface Views {
  /** The launchers' index of a generation, durable when it returns: to be called before that generation is committed. */
  writeIndex(next: Generation, manifest: Manifest): void;
  /** Rebuilds bin/ and lib/ (and the index where it is missing); removes indexes of retired generations. Idempotent. */
  settle(newest: Generation, manifest: Manifest): void;
}
