import type { Platform, Sha256, Version } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import type { TreeSink } from "../ports/archive.ts";

declare const verified: unique symbol;

/** A staged tree that was read back and found to be exactly what was signed; only Stage.finish makes one. */
export interface VerifiedStage {
  readonly [verified]: true;
  readonly release: StagedRelease;
  /** Absolute folder, within staging/. */
  readonly path: string;
}

export interface StagedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  readonly tree: Tree;
  readonly treeDigest: Sha256;
}

export interface Stage {
  /** Absolute folder, within staging/: probes run here before the release is adopted. */
  readonly path: string;
  /** Exclusive create, files 0444 or 0555, folders 0755, no links. Errors: `tree-mismatch` for what the tree does not list. */
  readonly sink: TreeSink;
  /** Reads all back, seals it and flushes it. Errors: `tree-mismatch`. */
  finish(): VerifiedStage;
  /** Removes it; never throws. */
  abandon(): void;
}
