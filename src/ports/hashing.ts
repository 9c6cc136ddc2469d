import type { Sha256 } from "../core/model/manifest.ts";

/** Hashes files of the disk, and writes small ones, in threads of its own, beside what this thread does. */
export interface Hashing {
  /**
   * `files` and `bytes` are what is to come; undefined where threads would cost more than they bring: whoever asks hashes for itself.
   * `beside`: this thread writes meanwhile what is to be hashed, and leaves one core free.
   */
  start(work: HashingWork): FileHasher | undefined;
}

export interface HashingWork {
  readonly files: number;
  readonly bytes: number;
  readonly beside: boolean;
  /** Told of every `n` bytes hashed. */
  readonly onBytes?: ((n: number) => void) | undefined;
}

/** Disposed before `finish`: what is under way is given up, and no file is made any more once that returns. */
export interface FileHasher extends Disposable {
  /** `bytes`: what the file should have. It is whole and closed; never read through a link. */
  add(path: string, bytes: number): void;
  /**
   * Room for a file that is not there yet, to be made with exactly `mode`, written, and read back, by another thread. Undefined where there is none
   * just now, which whoever asks then does for itself: so the work is shared by how fast each thread is. Errors: why an earlier one could not be written.
   */
  place(path: string, mode: number, bytes: number): PlacedFile | undefined;
  /**
   * By path, of all that were added or written; what has other bytes or could not be read is not in it, and no error. Once only.
   * Errors: why a file could not be written.
   */
  finish(): Promise<ReadonlyMap<string, Sha256>>;
}

/** To be filled whole; of those that were not told to `write` nothing comes. */
export interface PlacedFile {
  readonly content: Uint8Array;
  /** Before another is placed. */
  write(): void;
}
