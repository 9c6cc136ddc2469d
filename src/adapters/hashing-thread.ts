import type { MessagePort } from "node:worker_threads";

/** A batch, or all that is to be hashed: of a pool each batch is for whichever thread comes to it first. */
export type HashingMessage = { readonly batch: string } | HashingPool;

/** In memory that all threads share: there may be a million files, and a thread's own heap is small. */
export interface HashingPool {
  /** JSON of one batch behind the other. */
  readonly texts: SharedArrayBuffer;
  /** As 32-bit numbers: how many batches are taken, then where each batch's text ends. */
  readonly ends: SharedArrayBuffer;
}

/** A file that is there, and the bytes that it should have. */
export type HashingTask = readonly [path: string, bytes: number];
/** A file that is to be made of `bytes` bytes of the shared memory, from `start` on. */
export type WritingTask = readonly [path: string, bytes: number, mode: number, start: number];

/** Of a batch of the pool its place in it, else undefined. */
export interface HashingAnswer {
  readonly batch: number | undefined;
  /**
   * One for each task, in order: its hash. Empty where the file has other bytes, is none, or could not be read; what could not be written is told
   * by `!` and the system's word for why.
   */
  readonly hashes: readonly string[];
}

/** What both sides have in common. */
export interface HashingCommon {
  /** Whole files to be written. */
  readonly memory: SharedArrayBuffer;
  /** Two numbers of 32 bits: whether it is over; whether the thread is at work. */
  readonly control: SharedArrayBuffer;
}

/** Their places in `control`. */
export const OVER = 0;
export const AT_WORK = 1;

/**
 * What a thread does: batches of tasks (as JSON) in, or a pool of them; their hashes out, and null at a pool's end. It is handed to the thread as
 * text, so that no build has to carry a file of its own for it: nothing of this module is within its reach, and Node's modules come from `process`.
 */
export function hashingThread(): void {
  const { closeSync, constants, fchmodSync, fstatSync, openSync, readSync, writeSync } =
    process.getBuiltinModule("node:fs");
  const { createHash, hash } = process.getBuiltinModule("node:crypto");
  const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads");
  const { memory, control } = workerData as HashingCommon;
  const [over, atWork] = [0, 1];
  const state = new Int32Array(control);
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  // a pipe that somebody planted would be waited for without end
  const reading = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const making = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

  function hashOf(path: string, bytes: number): string {
    const fd = openSync(path, reading);
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

  /** Answers what the file has once it is written, read from the file. */
  function make(path: string, bytes: number, mode: number, start: number): string {
    const fd = openSync(path, making, mode);
    try {
      // After the open: the mode is exact whatever the umask.
      fchmodSync(fd, mode);
      const content = new Uint8Array(memory, start, bytes);
      for (let written = 0; written < bytes; ) written += writeSync(fd, content, written);
      const count = readSync(fd, buffer, 0, buffer.length, 0);
      return count === bytes ? hash("sha256", buffer.subarray(0, count), "hex") : "";
    } finally {
      closeSync(fd);
    }
  }

  function answer([path, bytes, mode, start]: HashingTask | WritingTask): string {
    if (Atomics.load(state, over) !== 0) return "";
    try {
      return mode === undefined || start === undefined ? hashOf(path, bytes) : make(path, bytes, mode, start);
    } catch (error) {
      return mode === undefined ? "" : `!${(error as NodeJS.ErrnoException).code ?? "EIO"}`;
    }
  }

  const port = parentPort as MessagePort;

  function hashBatch(text: string, batch?: number): void {
    port.postMessage({ batch, hashes: (JSON.parse(text) as (HashingTask | WritingTask)[]).map(answer) });
  }

  function hashPool(pool: HashingPool): void {
    const [texts, ends] = [Buffer.from(pool.texts), new Int32Array(pool.ends)];
    const count = ends.length - 1;
    for (let batch = Atomics.add(ends, 0, 1); batch < count; batch = Atomics.add(ends, 0, 1))
      hashBatch(texts.toString("utf8", batch === 0 ? 0 : ends[batch], ends[batch + 1]), batch);
    port.postMessage(null);
  }

  port.on("message", (message: HashingMessage) => {
    Atomics.store(state, atWork, 1);
    if ("batch" in message) hashBatch(message.batch);
    else hashPool(message);
    Atomics.store(state, atWork, 0);
    Atomics.notify(state, atWork);
  });
}
