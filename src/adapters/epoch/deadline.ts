import { unreadable } from "../../core/epoch-reading.ts";
import { isEngineryError } from "../../core/errors.ts";
import type { EpochReading, EpochSource } from "../../ports/epoch-source.ts";

export interface Deadline {
  /** Aborted when the time is over or the caller has had enough: whoever waits stops and lets go. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** A source whose every reading ends in time, and whose every failure is `epoch-unreadable`. */
export function boundedSource(name: string, work: (deadline: Deadline) => Promise<EpochReading>): EpochSource {
  return {
    name,
    read: async ({ timeoutMs, signal }) => {
      const ended = new AbortController();
      const end = (why: string) => ended.abort(unreadable(name, why));
      const tooLate = setTimeout(() => end(`told nothing within ${timeoutMs / 1000} s`), timeoutMs);
      const brokenOff = () => end("was broken off");
      signal?.addEventListener("abort", brokenOff, { once: true });
      if (signal?.aborted) brokenOff();
      try {
        return await settledBefore(ended.signal, work({ signal: ended.signal, timeoutMs }));
      } catch (error) {
        // what breaks because the time is over is not the cause
        throw asUnreadable(name, ended.signal.aborted ? ended.signal.reason : error);
      } finally {
        clearTimeout(tooLate);
        signal?.removeEventListener("abort", brokenOff);
      }
    },
  };
}

/** Even work that heeds no signal, as a read from a disk that hangs, holds nobody up. */
function settledBefore<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject);
  });
}

function asUnreadable(name: string, error: unknown): Error {
  if (isEngineryError(error, "epoch-unreadable")) return error;
  return unreadable(name, `cannot be read: ${messageOf(error)}`, error);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}
