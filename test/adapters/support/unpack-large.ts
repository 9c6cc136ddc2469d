import { createHash, randomBytes } from "node:crypto";
import { createZstdCompress } from "node:zlib";
import { createArchiveReader } from "../../../src/adapters/archive/reader.ts";
import { END, entry } from "../../hostile/support/raw-tar.ts";

/** Unpacks 300 MB that hardly compress, made as they are read, and prints what memory that took. Run as a process of its own. */
const FILE_BYTES = 300_000_000;
const BLOCK = randomBytes(1_000_000);
const PIECE_BYTES = 1024 * 1024;

function* tar(): Generator<Buffer> {
  yield entry({ name: "large", size: FILE_BYTES });
  for (let sent = 0; sent < FILE_BYTES; sent += BLOCK.length) yield BLOCK;
  yield Buffer.alloc((512 - (FILE_BYTES % 512)) % 512);
  yield END;
}

async function* archive(): AsyncGenerator<Uint8Array> {
  const encoder = createZstdCompress({ params: { 100: -50 } });
  void (async () => {
    // The last chunk must be through before the end is said: Node would end the frame twice and begin a second one.
    for (const part of tar()) await new Promise((resolve) => encoder.write(part, resolve));
    encoder.end();
  })();
  yield* encoder as AsyncIterable<Uint8Array>;
}

const hash = createHash("sha256");
for (let sent = 0; sent < FILE_BYTES; sent += BLOCK.length) hash.update(BLOCK);
const file = { path: "large", bytes: FILE_BYTES, sha256: hash.digest("hex"), executable: false };

const pieces: string[] = [];
let bytes = 0;
let rest = Buffer.alloc(0);
for await (const chunk of archive()) {
  bytes += chunk.length;
  rest = Buffer.concat([rest, chunk]);
  while (rest.length >= PIECE_BYTES) {
    pieces.push(createHash("sha256").update(rest.subarray(0, PIECE_BYTES)).digest("hex"));
    rest = rest.subarray(PIECE_BYTES);
  }
}
if (rest.length > 0) pieces.push(createHash("sha256").update(rest).digest("hex"));

const before = process.memoryUsage().rss;
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
  tree: { format: 1, files: [file] },
  pieces: { format: 1, archive: "0".repeat(64), bytes, pieceBytes: PIECE_BYTES, pieces },
  chunks: archive(),
  sink: { begin: () => sink },
});
const milliseconds = Math.round(performance.now() - started);
process.stdout.write(
  JSON.stringify({ unpackedBytes, archiveBytes: bytes, grownBytes: most - before, most, milliseconds }),
);
