import { createReadStream, statSync } from "node:fs";
import { EngineryError } from "../../core/errors.ts";
import type { FetchedBody, FetchOptions } from "../../ports/fetcher.ts";
import { translateErrno } from "../errno.ts";

const CHUNK_BYTES = 256 * 1024;

/** A file of this machine. Errors: `missing` (a folder or a device too), `permission`, `io`, `length-mismatch`. */
export async function openLocal(path: string, options: FetchOptions): Promise<FetchedBody> {
  const start = options.start ?? 0;
  const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  const size = sizeOf(path);
  if (size > maxBytes) {
    throw new EngineryError(
      "length-mismatch",
      `${path} has ${size} bytes, more than the ${maxBytes} that are allowed.`,
      {
        context: { location: path, maxBytes },
      },
    );
  }
  return { start, chunks: chunksOf(path, start) };
}

function sizeOf(path: string): number {
  try {
    const status = statSync(path);
    if (status.isFile()) return status.size;
  } catch (error) {
    throw translateErrno(error, "read", path);
  }
  throw new EngineryError("missing", `${path} is not a file.`, { context: { path } });
}

async function* chunksOf(path: string, start: number): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { start, highWaterMark: CHUNK_BYTES }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw translateErrno(error, "read", path);
  }
}
