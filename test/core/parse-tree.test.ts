import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "../../src/core/json.ts";
import { encodePieces, encodeTree, parsePieces, parseTree } from "../../src/core/parse-tree.ts";
import { hashOf, refuses } from "./support/samples.ts";

const file = (path: string, change: object = {}) => ({
  path,
  bytes: 3,
  sha256: hashOf(path),
  executable: false,
  ...change,
});

const tree = (...files: readonly object[]) => parseTree(canonicalJson({ format: 1, files }));

test("a tree comes back as it was written", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}(\/x[a-z]{1,4})?$/), { maxLength: 20 });
  fc.assert(
    fc.property(names, fc.boolean(), (paths, executable) => {
      const folders = new Set(paths.filter((path) => path.includes("/")).map((path) => path.split("/")[0]));
      const files = paths
        .filter((path) => !folders.has(path))
        .sort()
        .map((path) => ({ ...file(path), executable }));
      const whole = { format: 1, files } as const;
      assert.deepEqual(parseTree(encodeTree(whole)), whole);
    }),
  );
  assert.deepEqual(tree(), { format: 1, files: [] });
});

test("a tree is sorted by UTF-16 code unit, each path once", () => {
  tree(file("B"), file("a"), file("\u{1f600}"), file("\uff0e\uff0ex"));
  refuses("document-invalid", () => tree(file("b"), file("a")), "not sorted", '"a"');
  refuses("document-invalid", () => tree(file("a"), file("a")), "twice");
});

test("each path of a tree is safe, and they are safe together", () => {
  for (const path of ["../x", "/x", "a\\b", "con", "SEAL.json", "x\n", "-x"]) {
    refuses("archive-hostile", () => tree(file(path)));
  }
  refuses("archive-hostile", () => tree(file("A"), file("a")));
  refuses("archive-hostile", () => tree(file("a"), file("a/b")));
});

test("each member of a tree is checked", () => {
  for (const change of [
    { bytes: -1 },
    { bytes: "3" },
    { sha256: "x" },
    { sha256: hashOf("x").slice(1) },
    { executable: 1 },
    { path: 1 },
    { executable: undefined },
  ]) {
    refuses("document-invalid", () => tree(file("a", change)));
  }
  for (const value of [null, [], {}, { format: 2, files: [] }, { format: 1 }, { format: 1, files: [null] }]) {
    refuses("document-invalid", () => parseTree(canonicalJson(value)));
  }
  const huge = Number.MAX_SAFE_INTEGER;
  refuses("document-invalid", () => tree(file("a", { bytes: huge }), file("b", { bytes: huge })), "too large");
});

const MIB = 1024 * 1024;
const pieces = (bytes: number, count: number, change: object = {}) =>
  parsePieces(
    canonicalJson({
      format: 1,
      archive: hashOf("a"),
      bytes,
      pieceBytes: MIB,
      pieces: Array.from({ length: count }, (_, place) => hashOf(String(place))),
      ...change,
    }),
  );

test("there are as many pieces as the archive's size asks for", () => {
  for (const [bytes, count] of [
    [1, 1],
    [MIB, 1],
    [MIB + 1, 2],
    [5 * MIB, 5],
  ] as const) {
    const whole = pieces(bytes, count);
    assert.equal(whole.pieces.length, count);
    assert.deepEqual(parsePieces(encodePieces(whole)), whole);
    for (const wrong of [count - 1, count + 1]) refuses("document-invalid", () => pieces(bytes, wrong), "pieces");
  }
});

test("each member of the pieces document is checked", () => {
  for (const change of [
    { pieceBytes: 64 * 1024 - 1 },
    { pieceBytes: 16 * MIB + 1 },
    { pieceBytes: 0 },
    { archive: "x" },
  ]) {
    refuses("document-invalid", () => pieces(1, 1, change));
  }
  for (const change of [{ format: 2 }, { pieces: ["x"] }, { pieces: {} }, { bytes: -1 }, { bytes: undefined }]) {
    refuses("document-invalid", () => pieces(1, 1, change));
  }
  pieces(1, 1, { pieceBytes: 64 * 1024 });
  pieces(1, 1, { pieceBytes: 16 * MIB });
});
