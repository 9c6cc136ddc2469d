import { chmod, lstat, open } from "node:fs/promises";
import { translateErrno } from "./errno.ts";

/** More than Node has threads for them: one is always waiting. */
const AT_ONCE = 16;

/**
 * Flushes files that are written and closed. Flushes that wait at the same time share one commit of the file system's journal.
 * Errors: the first one, when none is under way any more.
 */
export async function flushAll(paths: readonly string[], windows: boolean): Promise<void> {
  let next = 0;
  let failure: unknown;
  const work = async () => {
    while (next < paths.length && failure === undefined) {
      const path = paths[next++] as string;
      try {
        await flush(path, windows);
      } catch (error) {
        failure ??= translateErrno(error, "fsync", path);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, paths.length) }, work));
  if (failure !== undefined) throw failure;
}

async function flush(path: string, windows: boolean): Promise<void> {
  if (windows) return flushWritable(path);
  await using handle = await open(path, "r");
  await handle.sync();
}

/** FlushFileBuffers wants a handle that can write, which a read-only file does not give. */
async function flushWritable(path: string): Promise<void> {
  const { mode } = await lstat(path);
  const readOnly = (mode & 0o200) === 0;
  if (readOnly) await chmod(path, mode | 0o200);
  try {
    await using handle = await open(path, "r+");
    await handle.sync();
  } finally {
    if (readOnly) await chmod(path, mode & 0o7777);
  }
}
