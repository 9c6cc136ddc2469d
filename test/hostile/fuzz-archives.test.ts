import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createCompression } from "../../src/adapters/archive/compression.ts";
import { createArchiveSurveyor } from "../../src/adapters/archive/survey.ts";
import { EngineryError, type ErrorCode, isEngineryError } from "../../src/core/errors.ts";
import { edited, edits, fuzz } from "./support/fuzzing.ts";
import { END, entry, gnuLong, pax } from "./support/raw-tar.ts";
import { compressed, inChunks, treeOf, type Unpacked, unpackSigned } from "./support/unpacking.ts";

const LONG = `deep/${"folder/".repeat(20)}file`;
const FILES = { "bin/toy": "x".repeat(3000), empty: "", [LONG]: "long", other: "other" };
const TREE = treeOf(FILES, ["bin/toy"]);
const TAR = Buffer.concat([
  entry({ name: "bin/", type: "5", mode: 0o755 }),
  entry({ name: "bin/toy", mode: 0o755 }, FILES["bin/toy"]),
  entry({ name: "empty" }),
  pax([
    ["path", LONG],
    ["mtime", "1.5"],
  ]),
  entry({ name: "short" }, "long"),
  gnuLong("other"),
  entry({ name: "other" }, "other"),
  END,
]);
const FORMATS = ["tar.zst", "tar.gz"] as const;
const OURS: readonly ErrorCode[] = ["archive-hostile", "archive-malformed", "tree-mismatch"];

/** Refused with one of our words, or exactly what was signed; never anything else written, never a file left open. */
function requireSound({ error, finished, open }: Unpacked): void {
  assert.deepEqual(open, [], "a file was left open");
  for (const [path, content] of finished)
    assert.equal(content.toString("latin1"), (FILES as Record<string, string>)[path], path);
  if (error === undefined) assert.equal(finished.size, Object.keys(FILES).length);
  else {
    assert.ok(error instanceof EngineryError, String(error));
    assert.ok(OURS.includes(error.code), `${error.code}: ${error.message}`);
    assert.match(error.message, /^[^\p{C}\u2028\u2029]*$/u);
  }
}

test("the archive that is fuzzed is sound", async () => {
  for (const format of FORMATS) {
    const unpacked = await unpackSigned(compressed[format](TAR), TREE, { format });
    assert.equal(unpacked.error, undefined);
    requireSound(unpacked);
  }
});

test("tar with bytes changed, signed as it is", async (context) => {
  const property = fc.asyncProperty(edits, fc.constantFrom(...FORMATS), async (changes, format) => {
    requireSound(await unpackSigned(compressed[format](edited(TAR, changes)), TREE, { format }));
  });
  await fuzz(context, 500, property);
});

test("tar with fields of its headers rewritten and their checksums made right", async (context) => {
  const headers = Array.from({ length: TAR.length / 512 }, (_, block) => block * 512).filter((at) => isHeader(at));
  const field = fc.record({
    header: fc.constantFrom(...headers),
    at: fc.nat(511),
    put: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  });
  const property = fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 3 }), async (fields) => {
    const tar = Buffer.from(TAR);
    for (const { header, at, put } of fields) {
      tar.set(put.subarray(0, 512 - at), header + at);
      const sum = tar
        .subarray(header, header + 512)
        .reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
      tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, header + 148, "latin1");
    }
    requireSound(await unpackSigned(compressed["tar.gz"](tar), TREE, { format: "tar.gz" }));
  });
  await fuzz(context, 500, property);
});

function isHeader(at: number): boolean {
  return TAR.toString("latin1", at + 257, at + 262) === "ustar";
}

test("compressed bytes changed, signed as they are", async (context) => {
  const sound = { "tar.zst": compressed["tar.zst"](TAR), "tar.gz": compressed["tar.gz"](TAR) };
  const property = fc.asyncProperty(edits, fc.constantFrom(...FORMATS), async (changes, format) => {
    const archive = edited(sound[format], changes);
    if (archive.length > 0) requireSound(await unpackSigned(archive, TREE, { format }));
  });
  await fuzz(context, 500, property);
});

test("what a publisher surveys: a list of files or an error of ours", async (context) => {
  const surveyor = createArchiveSurveyor();
  const property = fc.asyncProperty(edits, fc.boolean(), async (changes, inside) => {
    const bytes = inside ? compressed["tar.gz"](edited(TAR, changes)) : edited(compressed["tar.gz"](TAR), changes);
    const chunks = inChunks(bytes, 1000);
    const error = await surveyor.survey({ format: "tar.gz", bytes: bytes.length, chunks, maxBytes: 1_000_000 }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error === undefined || isEngineryError(error, ...OURS), String(error));
  });
  await fuzz(context, 500, property);
});

test("compressed documents: what was compressed, or an error of ours", async (context) => {
  const compression = createCompression();
  const sound = compression.compress(Buffer.from("document ".repeat(500)));
  const property = fc.property(edits, (changes) => {
    try {
      assert.ok(compression.decompress(edited(sound, changes), 5000).length <= 5000);
    } catch (error) {
      assert.ok(isEngineryError(error, "document-invalid"), String(error));
    }
  });
  await fuzz(context, 2000, property);
});
