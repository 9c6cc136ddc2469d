import type { Seal } from "../core/model/home.ts";
import type { Version } from "../core/model/manifest.ts";
import type { Tree, TreeFile } from "../core/model/tree.ts";
import type { VerifiedStage } from "./stage.ts";

export interface InstalledName {
  readonly engine: string;
  readonly version: Version;
}

/** One way in which an installation is not what was sealed. */
export interface InstallationProblem {
  /** Within the installation, `/` between components. */
  readonly path: string;
  readonly kind: "changed" | "missing" | "extra" | "mode" | "seal" | "size";
}

export interface InspectOptions {
  /** Existence, kind, size and mode only: no file is read. */
  readonly quick: boolean;
  /** Told of every `n` bytes hashed. */
  readonly onBytes?: (n: number) => void;
}

export interface Installations {
  /** Absolute folder of that installation, whether or not it is there. */
  path(engine: string, version: Version): string;
  /** Undefined where there is no installation or it has no seal. Errors: `home-damaged` where the seal cannot be read. */
  seal(engine: string, version: Version): Seal | undefined;
  /** Whatever has a folder, sealed or not. */
  list(): InstalledName[];
  /**
   * Renames a verified stage into place, durable when it returns. The same seal there already: the stage is dropped. A folder without
   * a seal is moved aside first. Errors: `release-conflict` where other bytes are sealed under that version.
   */
  adopt(staged: VerifiedStage): void;
  inspect(engine: string, version: Version, tree: Tree, options: InspectOptions): InstallationProblem[];
  /** Puts a sound file in the place of a damaged one by rename. Errors: `hash-mismatch` before anything is replaced. */
  replaceFile(engine: string, version: Version, file: TreeFile, content: Iterable<Uint8Array>): void;
  removeExtra(engine: string, version: Version, path: string): void;
  /** Sets the mode that `path` has by the tree: 0444 or 0555 for a file, 0755 for a folder. */
  fixMode(engine: string, version: Version, path: string, tree: Tree): void;
  /** Writes a seal anew where all else of the installation was found to be sound. */
  fixSeal(seal: Seal): void;
  /** In chunks; nothing is checked. Errors: `missing`. */
  readFile(engine: string, version: Version, path: string): Iterable<Uint8Array>;
  /** Renames the installation out of sight, into staging/; `staging.sweepTrash` deletes it. */
  toTrash(engine: string, version: Version): void;
}
