import { createHash, type Hash, randomBytes } from "node:crypto";
import { createArchiveReader } from "../../../src/adapters/archive/reader.ts";
import { END, entry } from "../../hostile/support/raw-tar.ts";

/** Unpacks a large archive that is made as it is read, and prints what memory that took. Run as a process of its own. */
const FILE_BYTES = 150 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
/** Random bytes do not compress: they are written as raw blocks (RFC 8878, 3.1.1.2), as large as such may be. */
const BLOCK = randomBytes(128 * 1024);

function* content(): Generator<Uint8Array> {
  for (let sent = 0; sent < FILE_BYTES; sent += BLOCK.length) yield BLOCK;
}

/** A zstd frame without any compression: magic, no checksum, a window of 1 MiB, raw blocks. */
function* archive(): Generator<Uint8Array> {
  yield Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]);
  yield* rawBlock(entry({ name: "large", size: FILE_BYTES }), false);
  for (const part of content()) yield* rawBlock(part, false);
  yield* rawBlock(END, true);
}

function* rawBlock(bytes: Uint8Array, last: boolean): Generator<Uint8Array> {
  const header = (bytes.length << 3) | (last ? 1 : 0);
  yield Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16]);
  yield bytes;
}

async function* served(): AsyncGenerator<Uint8Array> {
  yield* archive();
}

function hashPieces(): { readonly bytes: number; readonly pieces: readonly string[] } {
  const pieces: string[] = [];
  let hash: Hash = createHash("sha256");
  let bytes = 0;
  for (const chunk of archive()) {
    for (let position = 0; position < chunk.length; ) {
      const part = chunk.subarray(position, position + PIECE_BYTES - (bytes % PIECE_BYTES));
      hash.update(part);
      position += part.length;
      bytes += part.length;
      if (bytes % PIECE_BYTES > 0) continue;
      pieces.push(hash.digest("hex"));
      hash = createHash("sha256");
    }
  }
  return { bytes, pieces: bytes % PIECE_BYTES === 0 ? pieces : [...pieces, hash.digest("hex")] };
}

const whole = createHash("sha256");
for (const part of content()) whole.update(part);
const { bytes, pieces } = hashPieces();
const before = process.memoryUsage.rss();
let most = before;
let unpackedBytes = 0;
const sink = {
  write: (part: Uint8Array) => {
    unpackedBytes += part.length;
    most = Math.max(most, process.memoryUsage.rss());
  },
  finish: () => undefined,
  abandon: () => undefined,
};
const started = performance.now();
await createArchiveReader().unpack({
  format: "tar.zst",
  root: "",
  tree: { format: 1, files: [{ path: "large", bytes: FILE_BYTES, sha256: whole.digest("hex"), executable: false }] },
  pieces: { format: 1, archive: "0".repeat(64), bytes, pieceBytes: PIECE_BYTES, pieces },
  chunks: served(),
  sink: { begin: () => sink },
});
const milliseconds = Math.round(performance.now() - started);
process.stdout.write(
  JSON.stringify({ unpackedBytes, archiveBytes: bytes, before, grownBytes: most - before, milliseconds }),
);
