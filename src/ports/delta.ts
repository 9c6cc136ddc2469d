import type { TreeDifference } from "../core/delta-content.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import type { TreeSink } from "./archive.ts";

/** Fills `into` from a file of the old tree (its place in it), beginning at `offset`. Errors: `missing`, `length-mismatch`. */
export type ReadOld = (file: number, offset: number, into: Uint8Array) => void;

/** From one release's files to another's, and back never. */
export interface DeltaReader {
  /**
   * Hands every file of `difference.fresh` to `sink`, content hashed against the signed tree. `chunks` are the delta from its first byte, hashed
   * before. Errors: `document-invalid`, `hash-mismatch` where the old files are not what the publisher had, `tree-mismatch`. Memory: one segment and
   * its dictionary, twice (at most 160 MiB; some 80 for those that `repo add` makes).
   */
  apply(request: ApplyRequest): Promise<void>;
}

export interface ApplyRequest {
  /** Tree digests. */
  readonly from: Sha256;
  readonly tree: Sha256;
  readonly old: Tree;
  readonly difference: TreeDifference;
  readonly bytes: number;
  readonly chunks: Iterable<Uint8Array>;
  readonly readOld: ReadOld;
  /** Several of its files are open at once, and while `meanwhile` is called. */
  readonly sink: TreeSink;
  /** Other work of this thread, a few milliseconds at a time, for while the decoder is at work elsewhere; false once there is none. */
  readonly meanwhile?: () => boolean;
  /** Told of the bytes of every segment that was applied. */
  readonly onSegment?: (compressedBytes: number) => void;
}

/** Same trees, same bytes. */
export interface DeltaWriter {
  /** Undefined where it would have more than `maxBytes`. Takes up to 1.6 GB, and a second of processor time for each MB that is new. */
  make(request: MakeRequest): Promise<Uint8Array | undefined>;
}

export interface MakeRequest {
  readonly from: Sha256;
  readonly tree: Sha256;
  readonly old: Tree;
  readonly difference: TreeDifference;
  readonly readOld: ReadOld;
  /** Fills `into` from what is new (its place in `difference.fresh`). */
  readonly readNew: (fresh: number, offset: number, into: Uint8Array) => void;
  readonly maxBytes: number;
}
