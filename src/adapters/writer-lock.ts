import type fs from "node:fs";
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EngineryError } from "../core/errors.ts";
import type { WriterLock } from "../ports/lock.ts";
import type { Reporter } from "../ports/reporter.ts";
import { errnoOf, translateErrno } from "./errno.ts";

const STALE_MS = 10_000;
const STEP_MS = 100;
/** Whoever waits longer is told for whom. */
const TELL_AFTER_MS = 1_000;

/** `proper-lockfile` on HOME/.writer, the holder's words in HOME/.writer-holder. The library is loaded by the first `acquire`. */
export function writerLock(reporter?: Pick<Reporter, "warn">): WriterLock {
  return {
    acquire: async (home, holder, waitMs) => {
      // The whole library and not its names: a bundled CommonJS library has none but this.
      const { default: library } = await import("proper-lockfile");
      const lockfilePath = join(home, ".writer");
      const holderPath = join(home, ".writer-holder");
      const options = {
        lockfilePath,
        realpath: false,
        fs: diskOf(),
        stale: STALE_MS,
        // Nothing rests on the lock: that another writer took it over costs double work at most.
        onCompromised: () => reporter?.warn("lock", "The writer lock was taken over while we held it."),
      };
      for (let waited = 0; ; waited += STEP_MS) {
        try {
          const release = await library.lock(home, options);
          tellHolder(holderPath, holder);
          return { [Symbol.asyncDispose]: () => letGo(release, holderPath) };
        } catch (error) {
          // The lock's folder went between the library's calls: whoever removes it keeps nobody else out either.
          if (errnoOf(error) === "ENOENT" && waited < waitMs && existsSync(home)) continue;
          if (errnoOf(error) !== "ELOCKED") throw translateErrno(error, "lock", lockfilePath);
          if (waited >= waitMs) throw busy(home, holderOf(holderPath));
          if (waited === TELL_AFTER_MS)
            reporter?.warn("lock", `Waiting for ${holderOf(holderPath) ?? "another Enginery"}.`);
          await pause(Math.min(STEP_MS, waitMs - waited));
        }
      }
    },
  };
}

/**
 * What the library asks of a disk, at once and answered later: each is a call of microseconds, and to start Node's pool of threads for it takes
 * longer. Whatever the umask: who could write to the lock's folder could keep it from being let go.
 */
function diskOf(): typeof fs {
  const mkdir = later((path: string) => mkdirSync(path, { mode: 0o755 }));
  const calls = { mkdir, rmdir: later(rmdirSync), stat: later(statSync), utimes: later(utimesSync), rmdirSync };
  return calls as unknown as typeof fs;
}

function later<A extends readonly unknown[], T>(call: (...args: A) => T) {
  return (...all: [...A, (error: unknown, answer?: T) => void]): void => {
    const done = all.pop() as (error: unknown, answer?: T) => void;
    try {
      const answer = call(...(all as unknown as A));
      process.nextTick(done, null, answer);
    } catch (error) {
      process.nextTick(done, error);
    }
  };
}

async function letGo(release: () => Promise<void>, holderPath: string): Promise<void> {
  // First the words, then the lock: never somebody else's words.
  try {
    rmSync(holderPath, { force: true });
  } catch {
    // Only words; the next holder replaces them.
  }
  // Taken over meanwhile: there is nothing left to let go.
  await release().catch(() => undefined);
}

function tellHolder(path: string, holder: string): void {
  try {
    // Anew each time, and never through a link.
    rmSync(path, { force: true });
    writeFileSync(path, `${holder}\n`, { mode: 0o644, flag: "wx" });
  } catch {
    // Only words for others; the lock itself is held.
  }
}

function busy(home: string, holder: string | undefined): EngineryError {
  return new EngineryError(
    "busy",
    `Another Enginery is at work in ${home}${holder === undefined ? "" : `: ${holder}`}.`,
    {
      context: { home, ...(holder === undefined ? {} : { holder }) },
    },
  );
}

function holderOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}
