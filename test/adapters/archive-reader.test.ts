import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { zstdCompressSync } from "node:zlib";
import { createArchiveReader } from "../../src/adapters/archive/reader.ts";
import { EngineryError, isEngineryError } from "../../src/core/errors.ts";
import { END, entry, gnuLong, pax } from "../hostile/support/raw-tar.ts";
import { compressed, inChunks, piecesOf, sha256, treeOf, unpackSigned } from "../hostile/support/unpacking.ts";

const FILES = { "bin/engine": Buffer.alloc(300_000, "abcdefg"), readme: "read me" };
const TREE = treeOf(FILES, ["bin/engine"]);
const TAR = Buffer.concat([
  entry({ name: "bin/", type: "5" }),
  entry({ name: "bin/engine", mode: 0o755 }, FILES["bin/engine"]),
  entry({ name: "readme" }, FILES.readme),
  END,
  Buffer.alloc(9216),
]);
/** Not to be compressed, so that there are many pieces. */
const NOISE = randomBytes(300_000);

test("takes folders, long names and padding that are as they should be", async () => {
  const long = `${"long/".repeat(30)}name`;
  const tar = Buffer.concat([
    gnuLong(long),
    entry({ name: "cut" }, "1"),
    pax([
      ["path", "é"],
      ["mtime", "1.5"],
    ]),
    entry({ name: "e" }, "2"),
    TAR,
  ]);
  const tree = treeOf({ ...FILES, [long]: "1", é: "2" }, ["bin/engine"]);
  for (const format of ["tar.zst", "tar.gz"] as const) {
    const { error, finished, executable } = await unpackSigned(compressed[format](tar), tree, { format });
    assert.equal(error, undefined);
    assert.equal(finished.size, 4);
    assert.deepEqual(executable, ["bin/engine"]);
  }
});

test("takes the git archive's global comment", async () => {
  const tar = Buffer.concat([pax([["comment", "a".repeat(40)]], "g"), TAR]);
  assert.equal((await unpackSigned(compressed["tar.gz"](tar), TREE, { format: "tar.gz" })).error, undefined);
});

test("begins at the root's folder and writes nothing of what lies outside", async () => {
  const tar = Buffer.concat([
    entry({ name: "package/", type: "5" }),
    entry({ name: "package/docs/index.html" }, "outside"),
    entry({ name: "package/./linux/engine" }, "inside"),
    entry({ name: "packages/linux/engine" }, "outside"),
    END,
  ]);
  const request = { format: "tar.gz", root: "package/linux/" } as const;
  const { error, finished } = await unpackSigned(compressed["tar.gz"](tar), treeOf({ engine: "inside" }), request);
  assert.equal(error, undefined);
  assert.deepEqual([...finished.keys()], ["engine"]);
});

test("each difference from the signed tree is a mismatch that names the path", async () => {
  const archive = compressed["tar.zst"](TAR);
  const differences: readonly (readonly [Record<string, string | Uint8Array>, string])[] = [
    [{ ...FILES, missing: "x" }, "missing"],
    [{ "bin/engine": FILES["bin/engine"] }, "readme"],
    [{ ...FILES, readme: "read it" }, "readme"],
    [{ ...FILES, readme: "longer text" }, "readme"],
  ];
  for (const [files, path] of differences) {
    const { error, finished, open } = await unpackSigned(archive, treeOf(files), { format: "tar.zst" });
    assert.ok(isEngineryError(error, "tree-mismatch"), String(error));
    assert.equal(error.context["path"], path);
    assert.ok(!finished.has(path));
    assert.deepEqual(open, []);
  }
});

test("a wrong piece is refused before anything after it is looked at, with its index and hashes", async () => {
  const tar = Buffer.concat([entry({ name: "noise" }, NOISE), END]);
  const archive = zstdCompressSync(tar);
  const pieces = piecesOf(archive);
  const served = Buffer.from(archive);
  served[pieces.pieceBytes * 2 + 5] = (served[pieces.pieceBytes * 2 + 5] ?? 0) ^ 1;
  const verified: number[] = [];
  const { error, finished } = await unpackSigned(archive, treeOf({ noise: NOISE }), {
    format: "tar.zst",
    pieces,
    chunks: inChunks(served, 7777),
    onPiece: (piece, index) => {
      assert.equal(sha256(piece), pieces.pieces[index]);
      verified.push(index);
    },
  });
  assert.ok(isEngineryError(error, "hash-mismatch"));
  assert.equal(error.context["piece"], 2);
  assert.equal(error.context["expected"], pieces.pieces[2]);
  assert.match(String(error.context["found"]), /^[0-9a-f]{64}$/);
  assert.deepEqual(verified, [0, 1]);
  assert.equal(finished.size, 0);
});

test("unsigned bytes never reach the decoder", async () => {
  const archive = compressed["tar.gz"](TAR);
  const rubbish = Buffer.alloc(archive.length, "rubbish");
  const { error } = await unpackSigned(archive, TREE, { format: "tar.gz", chunks: inChunks(rubbish, 1000) });
  assert.ok(isEngineryError(error, "hash-mismatch"), "a decoder would have called it malformed");
});

test("too few and too many bytes are a mismatch of length", async () => {
  const archive = compressed["tar.gz"](TAR);
  for (const served of [archive.subarray(0, -1), Buffer.alloc(0), Buffer.concat([archive, Buffer.from("x")])]) {
    const { error } = await unpackSigned(archive, TREE, { format: "tar.gz", chunks: inChunks(served, 100) });
    assert.ok(isEngineryError(error, "length-mismatch"), String(error));
  }
});

test("a list of pieces that contradicts itself is an invalid document", async () => {
  const archive = compressed["tar.gz"](TAR);
  const pieces = piecesOf(archive);
  for (const change of [
    { pieces: [...pieces.pieces, "00"] },
    { bytes: 0 },
    { pieceBytes: 0.5 },
    { pieceBytes: 2 ** 30, pieces: [""] },
  ]) {
    const { error } = await unpackSigned(archive, TREE, { format: "tar.gz", pieces: { ...pieces, ...change } });
    assert.ok(isEngineryError(error, "document-invalid"), JSON.stringify(change));
  }
});

test("the sink's and the source's own errors come through, and the open file is abandoned", async () => {
  const archive = compressed["tar.zst"](TAR);
  const full = new EngineryError("disk-full", "The disk is full.");
  let abandoned = 0;
  const sink = {
    begin: () => ({
      write: () => {
        throw full;
      },
      finish: () => assert.fail("finished"),
      abandon: () => {
        abandoned += 1;
      },
    }),
  };
  assert.equal((await unpackSigned(archive, TREE, { format: "tar.zst", sink })).error, full);
  assert.equal(abandoned, 1);
  const lost = new EngineryError("network", "The connection is lost.");
  async function* breaking() {
    yield archive.subarray(0, 10);
    throw lost;
  }
  assert.equal((await unpackSigned(archive, TREE, { format: "tar.zst", chunks: breaking() })).error, lost);
});

test("no more is taken from the source than is worked on: memory stays bounded, whatever the size", async () => {
  const child = spawn(process.execPath, [new URL("./support/unpack-large.ts", import.meta.url).pathname], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [status] = await once(child, "close");
  assert.equal(status, 0);
  const { unpackedBytes, grownBytes } = JSON.parse(output) as { unpackedBytes: number; grownBytes: number };
  assert.equal(unpackedBytes, 150 * 1024 * 1024);
  assert.ok(grownBytes < 64 * 1024 * 1024, `${Math.round(grownBytes / 1024 / 1024)} MiB more than before`);
});

test("what takes up far more than its archive is taken as it comes, and never waits in memory", async () => {
  const zeros = Buffer.alloc(256 * 1024 * 1024);
  const tree = treeOf({ zeros });
  const archive = compressed["tar.zst"](Buffer.concat([entry({ name: "zeros" }, zeros), END]));
  assert.ok(archive.length < 64 * 1024);
  let atOnce = 0;
  let most = 0;
  const sink = {
    readsBack: true as const,
    begin: () => ({
      write: () => {
        if (atOnce === 0) setImmediate(() => (atOnce = 0));
        atOnce += 1;
        most = Math.max(most, atOnce);
      },
      finish: () => undefined,
      abandon: () => undefined,
    }),
  };
  const pieces = piecesOf(archive);
  const request = { format: "tar.zst", root: "", tree, pieces, chunks: inChunks(archive, 64 * 1024), sink } as const;
  await createArchiveReader().unpack(request);
  // parts of a mebibyte that were there at one time
  assert.ok(most < 16, `${most} parts`);
});
