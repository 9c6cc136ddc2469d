import type { Sha256 } from "./manifest.ts";

/** The complete list of a release's files: nothing else may be there. Sorted by path, by UTF-16 code unit. */
export interface Tree {
  readonly format: 1;
  readonly files: readonly TreeFile[];
}

export interface TreeFile {
  /** Relative, `/` between components. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Sha256;
  readonly executable: boolean;
}

/** The hashes of an archive's pieces, so that each is checked before it is decompressed or parsed. */
export interface Pieces {
  readonly format: 1;
  readonly archive: Sha256;
  /** Size of the archive. */
  readonly bytes: number;
  /** Size of every piece but the last. */
  readonly pieceBytes: number;
  readonly pieces: readonly Sha256[];
}
