import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "../../src/core/json.ts";
import type { Tree } from "../../src/core/model/tree.ts";
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
  // none that Windows reserves, as `con` or `nul/x`
  const name = fc.stringMatching(/^[a-z]{1,8}(\/x[a-z]{1,4})?$/).filter((path) => !/^(con|prn|aux|nul)\b/.test(path));
  const names = fc.uniqueArray(name, { maxLength: 20 });
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

test("a tree in its one spelling is read as any other spelling of it is, or refused as that is", () => {
  const one = { path: "bin/a", bytes: 3, sha256: hashOf("a"), executable: true };
  const spelled = new TextDecoder().decode(encodeTree({ format: 1, files: [one, file("c \u00e9\u{1f600}")] }));
  const strictly = (text: string) => parseTree(new TextEncoder().encode(` ${text}`));
  const at = (text: string) => parseTree(new TextEncoder().encode(text));
  assert.deepEqual(at(spelled), strictly(spelled));
  assert.deepEqual(at(spelled).files[0], one);
  for (const [from, to] of [
    ['"bytes":3', '"bytes":03'],
    ['"bytes":3', '"bytes":-3'],
    ['"bytes":3', '"bytes":3.0'],
    ['"bytes":3', '"bytes":9007199254740993'],
    ['"bytes":3', '"bytes":3,"bytes":3'],
    ["true", '"true"'],
    ["bin/a", "bin/\u0001a"],
    ["bin/a", "bin/a\\"],
    ["bin/a", "../a"],
    ["bin/a", "bin/con"],
    [one.sha256, one.sha256.toUpperCase()],
    ['"format":1', '"format":2'],
    ['"format":1', '"format":1,"format":1'],
    ['"format":1}', '"format":1}}'],
    ['"format":1}', '"format":1'],
    ['}],"format"', '},],"format"'],
    ['{"files":[', '{"files":[['],
  ] as const) {
    const broken = spelled.replace(from, to);
    assert.notEqual(broken, spelled);
    assert.throws(() => at(broken), { code: /^(?:document-invalid|archive-hostile)$/ }, `${from} as ${to}`);
    assert.throws(() => strictly(broken), { code: /^(?:document-invalid|archive-hostile)$/ }, `${from} as ${to}`);
  }
  const latin = Buffer.from(spelled.replace("bin/a", "bin/\u00ff"), "latin1");
  refuses("document-invalid", () => parseTree(latin), "UTF-8");
});

test("a tree is spelled as canonical JSON spells it, whatever it holds", () => {
  const odd = [
    { bytes: -0 },
    { bytes: 0 },
    { bytes: 9007199254740991 },
    { path: "\u00e9 \u{1f600}" },
    { path: 'a"b' },
    { path: "a\\b" },
    { path: "a\u007f" },
    { sha256: "x" },
    { more: 1 },
  ];
  for (const change of odd) {
    const trees = [
      { format: 1, files: [file("a"), file("b", change)] },
      { format: 1, files: [file("b", change)], x: "" },
    ];
    for (const one of trees as unknown as readonly Tree[]) {
      if (Object.is(change.bytes, -0)) assert.throws(() => encodeTree(one), { code: "internal" });
      else assert.deepEqual(Buffer.from(encodeTree(one)), Buffer.from(canonicalJson(one)), JSON.stringify(change));
    }
  }
});

test("whatever is wrong about a path is found in a folder that was right before", () => {
  for (const name of [
    "con",
    "NUL.txt",
    "LONGNA~1.TXT",
    "-x",
    "x.",
    "x ",
    "a\\b",
    "a:b",
    "a\u200bb",
    "..",
    "x".repeat(256),
  ]) {
    refuses("archive-hostile", () => tree(...[file("deep/er/!"), file(`deep/er/${name}`)].sort(byPath)));
  }
  const long = `${"x".repeat(250)}/`.repeat(4);
  refuses("archive-hostile", () => tree(file(`${long}a`), file(`${long}${"b".repeat(40)}`)), "1024");
});

const byPath = (one: { path: string }, other: { path: string }) => (one.path < other.path ? -1 : 1);

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
