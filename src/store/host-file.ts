import { EngineryError } from "../core/errors.ts";
import type { FileSystem, ReadHandle } from "../ports/file-system.ts";

const CHUNK_BYTES = 1024 * 1024;

/** Errors: `missing`, `refused` where it is no plain file. */
export function openHostFile(fileSystem: FileSystem, path: string): ReadHandle {
  const kind = fileSystem.status(path)?.kind;
  if (kind === "file" || kind === undefined) return fileSystem.openRead(path);
  throw new EngineryError("refused", `${path} is no plain file.`, {
    hint: "Name the file itself, and no link to it.",
    context: { path },
  });
}

/** Chunks of at most 1 MiB, each overwritten by the next. Errors: `length-mismatch` where the file is shorter. */
export function* chunksFrom(
  handle: ReadHandle,
  path: string,
  offset: number,
  length: number,
): Generator<Uint8Array, void> {
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, length));
  for (let done = 0; done < length; ) {
    const count = handle.read(buffer.subarray(0, Math.min(buffer.length, length - done)), offset + done);
    if (count === 0) throw new EngineryError("length-mismatch", `${path} ends early.`, { context: { path } });
    done += count;
    yield buffer.subarray(0, count);
  }
}

/** Errors: `length-mismatch`. */
export function bytesFrom(handle: ReadHandle, path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  for (const chunk of chunksFrom(handle, path, offset, length)) {
    bytes.set(chunk, done);
    done += chunk.length;
  }
  return bytes;
}
