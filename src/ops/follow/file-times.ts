/** How finely a disk dates what changes, in milliseconds: a tick of the kernel, or two seconds where it keeps whole ones. */
const FINE_MS = 100;
const COARSE_MS = 2_500;

/** What tells one look at a file or folder from the next. */
export interface Stamp {
  /** When it last changed, by the clock of files, in milliseconds since 1970. */
  readonly changedMs: number;
  readonly inode: number;
}

export function isSame(one: Stamp | undefined, other: Stamp | undefined): boolean {
  return one?.changedMs === other?.changedMs && one?.inode === other?.inode;
}

/**
 * Whether a change that a look at `lookedMs` missed would have given another date than the one it saw: not where the clock, from the
 * look to now, was within a tick of that date.
 */
export function isTelling({ changedMs }: Stamp, lookedMs: number, nowMs: number): boolean {
  const tick = changedMs % 1_000 === 0 ? COARSE_MS : FINE_MS;
  return changedMs < Math.min(lookedMs, nowMs) - tick || changedMs > Math.max(lookedMs, nowMs) + tick;
}
