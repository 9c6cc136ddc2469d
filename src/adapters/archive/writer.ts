import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, createZstdCompress } from "node:zlib";
import { EngineryError } from "../../core/errors.ts";
import type { Tree, TreeFile } from "../../core/model/tree.ts";
import { quote } from "../../core/quote.ts";
import { checkTreePaths } from "../../core/tree-paths.ts";
import type { ArchiveWriter, Packing } from "../../ports/archive.ts";
import { compressParams, ZSTD_LEVEL } from "./compression.ts";
import { END_MARK, headersOf, paddingOf } from "./tar-write.ts";
import { createFrameWalker } from "./zstd-frame.ts";

/** The encoder's output may depend on how its input is cut: it is always cut here. */
const CUT_BYTES = 256 * 1024;
const GZIP_SYSTEM = 9;

type Read = (path: string) => AsyncIterable<Uint8Array>;

/**
 * The archive depends on the tree and the files' bytes alone (and on Node's zstd or zlib): sorted, no owners, no times, modes 0644 and 0755, no folders.
 * Level 19 takes some 100 MiB of memory and a second for each 3 to 10 MB. Errors: `archive-hostile` for a path that is not allowed,
 * `tree-mismatch` where a file is no longer what the tree says.
 */
export function createArchiveWriter(): ArchiveWriter {
  return { pack };
}

async function pack(
  tree: Tree,
  read: Read,
  write: (bytes: Uint8Array) => void,
  packing: Packing = { format: "tar.zst", level: ZSTD_LEVEL },
): Promise<void> {
  checkTreePaths(tree.files.map((file) => file.path));
  const files = tree.files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  await pipeline(
    Readable.from(cut(tarOf(files, read))),
    packing.format === "tar.gz" ? createGzip({ level: packing.level }) : zstdEncoder(files, packing.level),
    async (encoded: AsyncIterable<Uint8Array>) => {
      const sound = packing.format === "tar.gz" ? ofNoSystem(encoded) : inOneFrame(encoded);
      for await (const chunk of sound) write(chunk);
    },
  );
}

function zstdEncoder(files: readonly TreeFile[], level: number) {
  return createZstdCompress({ params: compressParams(level), pledgedSrcSize: tarBytes(files) });
}

/** Node ends a frame twice, and so begins a second one, where the last chunk is still waiting when the end is said. */
async function* inOneFrame(encoded: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frame = createFrameWalker((why) => {
    throw new EngineryError("internal", `The archive that was written is not usable: ${why}.`);
  });
  for await (const chunk of encoded) {
    frame.push(chunk);
    yield chunk;
  }
  frame.end();
}

/** The header of a gzip member names the system it was made on (RFC 1952, 2.3.1): 255 is any. */
async function* ofNoSystem(encoded: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of encoded) {
    if (at <= GZIP_SYSTEM && at + chunk.length > GZIP_SYSTEM) chunk[GZIP_SYSTEM - at] = 255;
    at += chunk.length;
    yield chunk;
  }
}

function tarBytes(files: readonly TreeFile[]): number {
  const sizes = files.map(
    (file) => headersOf(file.path, file.bytes, file.executable).length + file.bytes + paddingOf(file.bytes).length,
  );
  return sizes.reduce((sum, size) => sum + size, END_MARK.length);
}

async function* tarOf(files: readonly TreeFile[], read: Read): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    yield headersOf(file.path, file.bytes, file.executable);
    yield* checkedContent(file, read);
    yield paddingOf(file.bytes);
  }
  yield END_MARK;
}

async function* checkedContent(file: TreeFile, read: Read): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of read(file.path)) {
    bytes += chunk.length;
    hash.update(chunk);
    if (bytes > file.bytes) break;
    yield chunk;
  }
  if (bytes === file.bytes && hash.digest("hex") === file.sha256) return;
  throw new EngineryError("tree-mismatch", `${quote(file.path)} changed while it was being packed.`, {
    context: { path: file.path },
  });
}

async function* cut(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let buffer = Buffer.allocUnsafe(CUT_BYTES);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let position = 0; position < chunk.length; ) {
      const part = chunk.subarray(position, position + CUT_BYTES - filled);
      buffer.set(part, filled);
      filled += part.length;
      position += part.length;
      if (filled < CUT_BYTES) continue;
      yield buffer;
      buffer = Buffer.allocUnsafe(CUT_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
