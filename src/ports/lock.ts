/** The writer lock: saves double work and names the holder; safety never rests on it. */
export interface WriterLock {
  /** Errors: `busy`, naming the holder, after `waitMs`. */
  acquire(home: string, holder: string, waitMs: number): Promise<AsyncDisposable>;
}
