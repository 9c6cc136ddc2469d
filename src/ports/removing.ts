/** Removes folders in a thread of its own, beside this thread, which removes all of them as if it were alone. */
export interface Removing {
  /**
   * Begins at the other end: of each folder the last entry first. It makes this thread faster and nothing else: what it cannot remove, or when
   * it does not begin at all, is met by this thread. Never through a link. Disposed: given up. Undefined where it would cost more than it brings.
   */
  help(work: RemovingWork): Disposable | undefined;
}

export interface RemovingWork {
  /** Absolute. */
  readonly folders: readonly string[];
  /** How many are known to be in them. */
  readonly files: number;
}
