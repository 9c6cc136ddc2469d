import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { promisify } from "node:util";

/** Node has no `syncfs`; by absolute paths, as what is first on PATH may be anybody's. */
const PROGRAMS = ["/usr/bin/sync", "/bin/sync"];
/** Since Linux 5.8 `syncfs` tells of what could not be written. */
const TELLS_OF_FAILURES = [5, 8] as const;
/** More than this of others' writing, and the flush would be theirs and not ours. */
const MAX_DIRTY_BYTES = 2 * 1024 ** 3;

/**
 * One `syncfs` of the file system that holds `path`, by GNU `sync -f`: of the others some do not tell of a failure. False where it cannot
 * be had, or has failed: which file it was that failed, only a flush of each can tell.
 */
export async function flushFileSystem(path: string): Promise<boolean> {
  if (!tellsOfFailures() || isOthersBusy()) return false;
  const run = promisify(execFile);
  for (const program of PROGRAMS) {
    try {
      const { stdout } = await run(program, ["--version"], { env: {} });
      if (!stdout.startsWith("sync (GNU coreutils)")) return false;
    } catch {
      continue;
    }
    try {
      await run(program, ["--file-system", path], { env: {} });
      return true;
    } catch {
      return false;
    }
  }
  return false;
}

function tellsOfFailures(): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > TELLS_OF_FAILURES[0] || (major === TELLS_OF_FAILURES[0] && minor >= TELLS_OF_FAILURES[1]);
}

/** Where it cannot be read nothing is known to wait. */
function isOthersBusy(): boolean {
  try {
    const kibibytes = /^Dirty: +(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    return Number(kibibytes ?? 0) * 1024 > MAX_DIRTY_BYTES;
  } catch {
    return false;
  }
}
