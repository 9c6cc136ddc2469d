import type { HashingPool, HashingTask } from "./hashing-thread.ts";

/** What one message carries. */
export const BATCH_FILES = 64;
export const BATCH_BYTES = 1024 * 1024;

export function* batches(tasks: readonly HashingTask[]): Generator<readonly HashingTask[]> {
  for (let start = 0; start < tasks.length; ) {
    let end = start;
    for (let bytes = 0; end < tasks.length && end - start < BATCH_FILES && bytes < BATCH_BYTES; end += 1)
      bytes += tasks[end]?.[1] ?? 0;
    yield tasks.slice(start, end);
    start = end;
  }
}

export function poolOf(batches: readonly (readonly HashingTask[])[]): HashingPool {
  const parts = batches.map((batch) => Buffer.from(JSON.stringify(batch)));
  const texts = new SharedArrayBuffer(parts.reduce((sum, { length }) => sum + length, 0));
  const ends = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (parts.length + 1));
  const [bytes, places] = [new Uint8Array(texts), new Int32Array(ends)];
  let end = 0;
  for (const [index, part] of parts.entries()) {
    bytes.set(part, end);
    end += part.length;
    places[index + 1] = end;
  }
  return { texts, ends };
}
