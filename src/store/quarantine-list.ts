import type { Quarantine } from "../core/model/home.ts";
import type { Sha256 } from "../core/model/manifest.ts";

/** Releases known bad on this host, by tree digest. */
export interface QuarantineList {
  list(): Quarantine[];
  put(quarantine: Quarantine): void;
  /** False where it was not there. */
  lift(tree: Sha256): boolean;
}
