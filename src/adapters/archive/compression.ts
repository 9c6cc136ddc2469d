import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { EngineryError } from "../../core/errors.ts";
import type { Compression } from "../../ports/compression.ts";
import { createFrameWalker, MAX_WINDOW_LOG } from "./zstd-frame.ts";

export const ZSTD_LEVEL = 19;

/** Fixed, so that one input has one output: level, checksum, content size, one thread. */
export function compressParams(level = ZSTD_LEVEL): Readonly<Record<number, number>> {
  return {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_checksumFlag]: 1,
    [constants.ZSTD_c_contentSizeFlag]: 1,
    [constants.ZSTD_c_nbWorkers]: 0,
  };
}

/** zstd for documents: whole in memory, for at most some megabytes. */
export function createCompression(): Compression {
  return { compress, decompress };
}

function compress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: compressParams(), pledgedSrcSize: bytes.length });
}

function decompress(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const walker = createFrameWalker((why) => refuse(why));
  walker.push(bytes);
  walker.end();
  const params = { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG };
  try {
    const content = zstdDecompressSync(bytes, { params, maxOutputLength: maxBytes + 1 });
    return content.length > maxBytes ? tooLong(maxBytes) : content;
  } catch (error) {
    if (error instanceof EngineryError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ERR_BUFFER_TOO_LARGE" ? tooLong(maxBytes) : refuse("its zstd data is damaged", error);
  }
}

function tooLong(maxBytes: number): never {
  return refuse(`it decompresses to more than ${maxBytes} bytes`);
}

function refuse(why: string, cause?: unknown): never {
  throw new EngineryError("document-invalid", `A compressed document is not usable: ${why}.`, { cause });
}
