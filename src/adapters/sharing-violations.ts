import { errnoOf } from "./errno.ts";

const SHARING_VIOLATIONS = new Set(["EPERM", "EACCES", "EBUSY"]);

export interface Patience {
  /** Give up after this many milliseconds of waiting. */
  readonly boundMs: number;
  readonly stepMs: number;
  readonly wait: (milliseconds: number) => void;
}

export const WINDOWS_PATIENCE: Patience = { boundMs: 10_000, stepMs: 10, wait: blockFor };
export const NO_PATIENCE: Patience = { boundMs: 0, stepMs: 0, wait: () => {} };

/**
 * On Windows a virus scanner or an indexer holds a file for moments: waits a little longer each time, up to the bound, then
 * lets the last error through. Blocks this thread.
 */
export function outwaiting<T>(patience: Patience, action: () => T): T {
  let waited = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return action();
    } catch (error) {
      const pause = attempt * patience.stepMs;
      if (!SHARING_VIOLATIONS.has(errnoOf(error) ?? "") || waited + pause > patience.boundMs || pause === 0)
        throw error;
      patience.wait(pause);
      waited += pause;
    }
  }
}

function blockFor(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
