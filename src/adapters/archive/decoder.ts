import { constants, createInflateRaw, createZstdDecompress } from "node:zlib";
import { isEngineryError } from "../../core/errors.ts";
import { CHUNK_BYTES, pump } from "./decoder-pump.ts";
import { GzipMember } from "./gzip-member.ts";
import { malformed } from "./refusal.ts";
import { createFrameWalker, MAX_WINDOW_LOG } from "./zstd-frame.ts";

/**
 * Decompresses `pieces` (all of an archive of `bytes` bytes) and hands the result to `take`, part by part as it comes, each valid until `take` returns. Exactly one
 * zstd frame or gzip member, nothing before or after. Errors: `archive-malformed`, and whatever `pieces` and `take` throw.
 */
export async function decompress(
  format: "tar.zst" | "tar.gz",
  bytes: number,
  pieces: AsyncIterable<Uint8Array>,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const run = format === "tar.zst" ? unzstd(pieces, take) : gunzip(bytes, pieces, take);
  await run.catch((error: unknown) => {
    throw isDecoderError(error) ? malformed(`its compressed data is damaged (${error.message})`, {}, error) : error;
  });
}

async function unzstd(pieces: AsyncIterable<Uint8Array>, take: (bytes: Uint8Array) => void): Promise<void> {
  const walker = createFrameWalker((why) => {
    throw malformed(why);
  });
  async function* walked(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      walker.push(piece);
      yield piece;
    }
    walker.end();
  }
  const params = { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG };
  await pump(walked(), createZstdDecompress({ chunkSize: CHUNK_BYTES, params }), take);
}

async function gunzip(
  bytes: number,
  pieces: AsyncIterable<Uint8Array>,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const member = new GzipMember(bytes);
  async function* deflated(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      const part = member.deflated(piece);
      if (part.length > 0) yield part;
    }
  }
  const decoder = createInflateRaw({ chunkSize: CHUNK_BYTES });
  await pump(deflated(), decoder, (chunk) => {
    member.inflated(chunk);
    take(chunk);
  });
  member.requireEnd(decoder.bytesWritten);
}

/** What zlib and zstd report have codes of their own kind; anything else is not theirs. */
function isDecoderError(error: unknown): error is Error {
  if (!(error instanceof Error) || isEngineryError(error) || !("code" in error) || !("errno" in error)) return false;
  return typeof error.code === "string" && /^(?:Z_|ZSTD_)/.test(error.code);
}
