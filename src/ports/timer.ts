/** Waiting, by a clock that nobody sets. */
export interface Timer {
  /** Milliseconds since some instant; never goes back. */
  ticks(): number;
  /** Resolves after so many milliseconds, or as soon as `signal` is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
