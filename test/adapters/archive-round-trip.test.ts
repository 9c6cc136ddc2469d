import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { createArchiveWriter } from "../../src/adapters/archive/writer.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import type { Tree } from "../../src/core/model/tree.ts";
import { treePathProblem } from "../../src/core/tree-paths.ts";
import { compressed, type Files, inChunks, sha256, treeOf, unpackSigned } from "../hostile/support/unpacking.ts";

async function pack(
  files: Files,
  chunkBytes = 1000,
  executable: readonly string[] = [],
  order = (rows: Tree["files"]) => rows,
): Promise<Buffer> {
  const tree = treeOf(files, executable);
  const parts: Uint8Array[] = [];
  const read = (path: string) => inChunks(Buffer.from(files[path] ?? ""), chunkBytes);
  await createArchiveWriter().pack({ ...tree, files: order(tree.files) }, read, (bytes) =>
    parts.push(Buffer.from(bytes)),
  );
  return Buffer.concat(parts);
}

const component = fc.oneof(
  fc.stringMatching(/^[a-z0-9_]{1,12}$/),
  fc.stringMatching(/^[a-z]{90,140}$/),
  fc.constantFrom("é", "文件", "a b", "x.so.1"),
);
const path = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
const files = fc
  .uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 3000 })), {
    selector: ([name]) => name.split("/")[0] ?? "",
    maxLength: 8,
  })
  .map((entries) => Object.fromEntries(entries.filter(([name]) => treePathProblem(name) === undefined)));

test("what the writer packs the reader unpacks, whatever the paths and contents", async () => {
  const property = fc.asyncProperty(files, async (content) => {
    const archive = await pack(content);
    const { error, finished } = await unpackSigned(archive, treeOf(content), { format: "tar.zst" });
    assert.equal(error, undefined);
    const expected = Object.entries(content).map(([name, bytes]) => [name, Buffer.from(bytes)] as const);
    assert.deepEqual(new Map([...finished].sort()), new Map(expected.sort()));
  });
  await fc.assert(property, { numRuns: 40 });
});

const SAMPLE: Files = { "bin/engine": Buffer.alloc(700_000, "engine "), "share/notes.txt": "notes", empty: "" };

test("files of odd sizes come whole, wherever the decoder cuts what comes out of it", async () => {
  const content = Object.fromEntries(
    Array.from({ length: 300 }, (_, number) => [`f${number}`, randomBytes((number * 7919) % 30_011)]),
  );
  const tree = treeOf(content);
  const archive = await pack(content);
  for (const bytes of [archive, compressed["tar.gz"](zstdDecompressSync(archive))]) {
    const format = bytes === archive ? "tar.zst" : "tar.gz";
    const { error, finished } = await unpackSigned(bytes, tree, { format });
    assert.equal(error, undefined, format);
    for (const [path, expected] of Object.entries(content)) assert.ok(finished.get(path)?.equals(expected), path);
  }
});

test("the same tree gives the same bytes, however it is read", async () => {
  const hashes = await Promise.all([97, 65_536, 1_000_000].map(async (size) => sha256(await pack(SAMPLE, size))));
  hashes.push(sha256(await pack(SAMPLE, 1000, [], (rows) => rows.toReversed())));
  assert.equal(new Set(hashes).size, 1);
});

test("no owner, no time, two modes, sorted, one end mark", async () => {
  const tar = zstdDecompressSync(await pack(SAMPLE, 1000, ["bin/engine"]));
  const first = tar.subarray(0, 512).toString("latin1");
  assert.equal(first.slice(0, 10), "bin/engine");
  assert.equal(first.slice(100, 124), "0000755\x000000000\x000000000\x00");
  assert.equal(first.slice(136, 148), "00000000000\x00");
  const second = tar.subarray(512 + Math.ceil(700_000 / 512) * 512).toString("latin1");
  assert.equal(second.slice(0, 5), "empty");
  assert.equal(second.slice(100, 108), "0000644\x00");
  assert.equal(tar.length % 512, 0);
  assert.deepEqual(tar.subarray(-1024), Buffer.alloc(1024));
  assert.notDeepEqual(tar.subarray(-1536, -1024), Buffer.alloc(512));
});

test("long paths that ustar cannot say get an extended header, others none", async () => {
  const splits = `${"a".repeat(100)}/${"b".repeat(90)}`;
  const doesNot = "c".repeat(150);
  const tar = zstdDecompressSync(await pack({ [splits]: "1", [doesNot]: "2" }));
  assert.equal(String.fromCharCode(tar[156] ?? 0), "0");
  assert.equal(tar.toString("latin1", 0, 90), "b".repeat(90));
  assert.equal(tar.toString("latin1", 345, 445), "a".repeat(100));
  assert.equal(String.fromCharCode(tar[1024 + 156] ?? 0), "x");
});

test("a file that changes while it is packed is refused", async () => {
  const tree = treeOf({ engine: "as it was" });
  const packed = (content: string) =>
    createArchiveWriter().pack(
      tree,
      () => inChunks(Buffer.from(content), 4),
      () => undefined,
    );
  for (const other of ["as it is.", "longer than it was", "short"]) {
    await assert.rejects(packed(other), (error) => isEngineryError(error, "tree-mismatch"), other);
  }
});

test("a path that some system reads otherwise is not packed", async () => {
  await assert.rejects(pack({ "aux.txt": "x" }), (error) => isEngineryError(error, "archive-hostile"));
  await assert.rejects(pack({ Bin: "x", bin: "y" }), (error) => isEngineryError(error, "archive-hostile"));
});

test("any flipped byte of a signed archive ends in the tree or in an error of ours", async () => {
  const tar = zstdDecompressSync(await pack({ "bin/engine": "engine", [`${"d".repeat(120)}/x`]: "deep" }));
  const tree = treeOf({ "bin/engine": "engine", [`${"d".repeat(120)}/x`]: "deep" });
  const flip = fc.record({ at: fc.nat(tar.length - 1), to: fc.integer({ min: 0, max: 255 }) });
  const property = fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 3 }), async (flips) => {
    const damaged = Buffer.from(tar);
    for (const { at, to } of flips) damaged[at] = to;
    const { error, finished, open } = await unpackSigned(compressed["tar.gz"](damaged), tree, { format: "tar.gz" });
    assert.ok(error === undefined || isEngineryError(error), String(error));
    assert.deepEqual(open, []);
    for (const file of tree.files) {
      const content = finished.get(file.path);
      if (content !== undefined) assert.equal(sha256(content), file.sha256);
      else assert.notEqual(error, undefined);
    }
  });
  await fc.assert(property, { numRuns: 400 });
});
