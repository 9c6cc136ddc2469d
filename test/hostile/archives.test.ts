import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineryError } from "../../src/core/errors.ts";
import { ARCHIVE_CASES, type ArchiveCase, GOOD, GOOD_ENTRY } from "./support/archive-cases.ts";
import { END, entry } from "./support/raw-tar.ts";
import { compressed, type Files, treeOf, type Unpacked, unpackSigned } from "./support/unpacking.ts";

const FORMATS = ["tar.zst", "tar.gz"] as const;

for (const hostile of ARCHIVE_CASES) {
  test(`input ${hostile.number} is refused: ${hostile.name}`, async () => {
    for (const { format, bytes } of archivesOf(hostile)) {
      const signed = [GOOD, ...(hostile.claimed === undefined ? [] : [{ ...GOOD, ...hostile.claimed }])];
      for (const files of signed) {
        const unpacked = await unpackSigned(bytes, treeOf(files), { format });
        requireRefused(unpacked, hostile, files);
      }
    }
  });
}

/** What lies outside the tree's folder is written nowhere, and held to the same rules. */
for (const hostile of ARCHIVE_CASES.filter(
  ({ codes, tar }) => tar !== undefined && codes.join() === "archive-hostile",
)) {
  test(`input ${hostile.number} is refused outside the tree's folder: ${hostile.name}`, async () => {
    const inside = entry({ name: "package/good" }, GOOD["good"]);
    const archive = compressed["tar.gz"](Buffer.concat([inside, hostile.tar ?? END, END]));
    const unpacked = await unpackSigned(archive, treeOf(GOOD), { format: "tar.gz", root: "package/" });
    requireRefused(unpacked, hostile, { ...GOOD });
  });
}

function archivesOf({ archive, tar = new Uint8Array(0), whole }: ArchiveCase) {
  if (archive !== undefined) return [archive];
  const all = whole === true ? tar : Buffer.concat([GOOD_ENTRY, tar, END]);
  return FORMATS.map((format) => ({ format, bytes: compressed[format](all) }));
}

function requireRefused({ error, finished, open }: Unpacked, { codes }: ArchiveCase, files: Files): void {
  assert.ok(error instanceof EngineryError, `not an error of ours: ${String(error)}`);
  // Where the tree does not claim it, that it is not in the tree is reason enough.
  const allowed = files === GOOD ? [...codes, "tree-mismatch"] : codes;
  assert.ok(allowed.includes(error.code), `${error.code}: ${error.message}`);
  assert.deepEqual(open, [], "a file was left open");
  for (const [path, content] of finished)
    assert.deepEqual(content, Buffer.from(files[path] ?? "not in the tree"), path);
}

/** Legal and only unusual: owner, mode and time are dropped. */
const UNUSUAL: readonly {
  readonly number: number;
  readonly name: string;
  readonly tar: Uint8Array;
  readonly files: Files;
}[] = [
  { number: 27, name: "setuid", tar: entry({ name: "odd", mode: 0o4777 }, "odd"), files: { odd: "odd" } },
  { number: 28, name: "foreign owner", tar: entry({ name: "odd", uid: 1234 }, "odd"), files: { odd: "odd" } },
  { number: 29, name: "world-writable", tar: entry({ name: "odd", mode: 0o666 }, "odd"), files: { odd: "odd" } },
  {
    number: 32,
    name: "`.` with mode 0",
    tar: Buffer.concat([entry({ name: "./", type: "5", mode: 0 }), entry({ name: "./odd" }, "odd")]),
    files: { odd: "odd" },
  },
  {
    number: 67,
    name: "20,000 signed entries",
    tar: Buffer.concat(Array.from({ length: 20_000 }, (_, index) => entry({ name: `e${index}` }))),
    files: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`e${index}`, ""])),
  },
];

for (const { number, name, tar, files } of UNUSUAL) {
  test(`input ${number} is taken, its mode and owner dropped: ${name}`, async () => {
    const archive = compressed["tar.zst"](Buffer.concat([tar, END]));
    const unpacked = await unpackSigned(archive, treeOf(files), { format: "tar.zst" });
    assert.equal(unpacked.error, undefined);
    assert.equal(unpacked.finished.size, Object.keys(files).length);
    assert.deepEqual(unpacked.executable, []);
  });
}

test("every archive input from 1 to 76 has its case", () => {
  const covered = new Set([...ARCHIVE_CASES, ...UNUSUAL].map(({ number }) => number));
  assert.deepEqual(
    Array.from({ length: 76 }, (_, index) => index + 1).filter((number) => !covered.has(number)),
    [],
  );
});
