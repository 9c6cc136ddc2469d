import type { Sha256 } from "../core/model/manifest.ts";

/** Hashes files of the disk in threads of its own, beside what this thread does. */
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

/** Disposed before `finish`: what is under way is given up. */
export interface FileHasher extends Disposable {
  /** `bytes`: what the file should have. It is whole and closed; never read through a link. */
  add(path: string, bytes: number): void;
  /** By path, of all that were added; what has other bytes or could not be read is not in it, and no error. Once only. */
  finish(): Promise<ReadonlyMap<string, Sha256>>;
}
