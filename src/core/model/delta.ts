import type { Sha256 } from "./manifest.ts";

/**
 * The table of a delta (docs/LAYOUT.md, "Deltas"). What the new tree has by hash and the old one has not, each content once, in the order of the
 * new tree, is one run of bytes, cut into segments; each is compressed by itself with a stretch of old files as its dictionary.
 */
export interface DeltaTable {
  readonly format: 1;
  /** Tree digest of the release that it builds upon. */
  readonly from: Sha256;
  /** Tree digest of the release that it makes. */
  readonly tree: Sha256;
  /** Content of every segment but the last. */
  readonly segmentBytes: number;
  readonly segments: readonly DeltaSegment[];
}

export interface DeltaSegment {
  /** Compressed. */
  readonly bytes: number;
  /** Absent: none is needed. */
  readonly dictionary?: DeltaDictionary;
}

export interface DeltaDictionary {
  /** Of the stretches, one behind the other: nothing that changed on the disk reaches the decoder. */
  readonly sha256: Sha256;
  readonly stretches: readonly Stretch[];
}

/** A part of a file of the old tree. */
export interface Stretch {
  /** Its place in the old tree. */
  readonly file: number;
  readonly offset: number;
  readonly bytes: number;
}
