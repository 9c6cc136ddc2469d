import type { Sha256 } from "../core/model/manifest.ts";

/** Downloads that may be resumed, disposable. Nothing here is trusted: whoever reads it checks it again. */
export interface Cache {
  /** Verified pieces of a broken download, in order from offset 0. */
  partial(archive: Sha256): PartialDownload;
  readonly documents: {
    /** Undefined too where the bytes are not those of the name. */
    read(sha256: Sha256): Uint8Array | undefined;
    keep(sha256: Sha256, bytes: Uint8Array): void;
  };
  /** Removes all of it; answers the bytes freed. */
  clear(): number;
}

export interface PartialDownload {
  /** How many bytes there are now. */
  readonly bytes: number;
  read(): Iterable<Uint8Array>;
  append(piece: Uint8Array): void;
  discard(): void;
}
