import type { Pieces, Tree } from "../core/model/tree.ts";

/** Archives in and out. Nothing unverified is parsed: pieces are hashed before they are decompressed. */
export interface ArchiveReader {
  /**
   * Reads `archive` in one pass, each piece verified against `pieces` first, and hands every file of `tree` to `sink`, content
   * hashed against it. Anything that the signed tree does not say is refused: `hash-mismatch`, `length-mismatch`, `archive-hostile`,
   * `archive-malformed`, `tree-mismatch`. Memory is bounded whatever the size.
   */
  unpack(request: UnpackRequest): Promise<void>;
}

export interface UnpackRequest {
  readonly format: "tar.zst" | "tar.gz";
  /** Folder within the archive at which the tree begins, with a trailing slash; what lies outside is checked and not written. */
  readonly root: string;
  readonly tree: Tree;
  readonly pieces: Pieces;
  /** The archive's bytes from offset 0, in chunks of any size, not yet verified. */
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly sink: TreeSink;
  /** Told of every verified piece in order: to keep it for a resumed download. */
  readonly onPiece?: (piece: Uint8Array, index: number) => void;
}

/** Where verified files go. `store/staging` makes one that writes with exclusive create, fixed modes, no links. */
export interface TreeSink {
  /** Whoever made the sink hashes every file again before anything believes it: the reader holds only the size against the tree. */
  readonly readsBack?: true;
  begin(path: string, executable: boolean): FileSink;
}

export interface FileSink {
  write(bytes: Uint8Array): void;
  /** All bytes came, and their hash is the signed one unless the sink reads back. */
  finish(): void;
  /** The file is not what was signed: nothing of it may stay. */
  abandon(): void;
}

/** Same folder, same bytes. */
export interface ArchiveWriter {
  /** Writes a deterministic archive of `files` (read through `read`, in order of their paths) to `write`. Default: a release's `.tar.zst`. */
  pack(
    tree: Tree,
    read: (path: string) => AsyncIterable<Uint8Array>,
    write: (bytes: Uint8Array) => void,
    packing?: Packing,
  ): Promise<void>;
}

export interface Packing {
  readonly format: "tar.zst" | "tar.gz";
  /** Of the compressor: more takes longer. */
  readonly level: number;
}
