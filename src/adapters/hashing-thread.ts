import type { MessagePort } from "node:worker_threads";

/** Path, and the bytes that the file should have. */
export type HashingTask = readonly [path: string, bytes: number];
/** One for each task, in order; empty where the file has other bytes, is none, or could not be read. */
export type HashingAnswer = readonly string[];

/**
 * What a thread does: batches of tasks (as JSON) in, their hashes out. It is handed to the thread as text, so that no build has to carry a file of
 * its own for it: nothing of this module is within its reach, and Node's modules come from `process`.
 */
export function hashingThread(): void {
  const { closeSync, constants, fstatSync, openSync, readSync } = process.getBuiltinModule("node:fs");
  const { createHash, hash } = process.getBuiltinModule("node:crypto");
  const { parentPort } = process.getBuiltinModule("node:worker_threads");
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  // a pipe that somebody planted would be waited for without end
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

  function hashOf(path: string, bytes: number): string {
    const fd = openSync(path, flags);
    try {
      const found = fstatSync(fd);
      if (!found.isFile() || found.size !== bytes) return "";
      const first = readSync(fd, buffer, 0, buffer.length, 0);
      // one call for all of a small file: no object that the collector must take
      if (first === bytes && bytes < buffer.length) return hash("sha256", buffer.subarray(0, first), "hex");
      const running = createHash("sha256");
      let position = 0;
      for (let count = first; count > 0; count = readSync(fd, buffer, 0, buffer.length, position)) {
        running.update(buffer.subarray(0, count));
        position += count;
      }
      return position === bytes ? running.digest("hex") : "";
    } finally {
      closeSync(fd);
    }
  }

  function answer([path, bytes]: HashingTask): string {
    try {
      return hashOf(path, bytes);
    } catch {
      return "";
    }
  }

  const port = parentPort as MessagePort;
  port.on("message", (tasks: string) => port.postMessage((JSON.parse(tasks) as HashingTask[]).map(answer)));
}
