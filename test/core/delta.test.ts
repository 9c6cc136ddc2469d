import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anchorScanner, shiftOf } from "../../src/core/content-anchors.ts";
import { differenceOf } from "../../src/core/delta-content.ts";
import { planSegments, SEGMENT_BYTES } from "../../src/core/delta-segments.ts";
import type { Tree, TreeFile } from "../../src/core/model/tree.ts";
import { MAX_DICTIONARY_BYTES } from "../../src/core/parse-delta.ts";

const MIB = 1024 * 1024;

const file = (path: string, bytes: number, content: string): TreeFile => ({
  path,
  bytes,
  sha256: content.padStart(64, "0"),
  executable: false,
});

/** A content's hash says its size, too. */
const trees: fc.Arbitrary<Tree> = fc
  .uniqueArray(
    fc.record({
      path: fc.constantFrom("a", "b", "bin/a", "bin/b", "lib/a", "lib/c", "share/b", "z"),
      bytes: fc.constantFrom(0, 1, 900, MIB, SEGMENT_BYTES, 3 * SEGMENT_BYTES + 7),
      content: fc.constantFrom("1", "2", "3"),
    }),
    { selector: ({ path }) => path, maxLength: 8 },
  )
  .map((files) => ({
    format: 1,
    files: files
      .map(({ path, bytes, content }) => file(path, bytes, `${content}${bytes.toString(16)}`))
      .sort((one, other) => (one.path < other.path ? -1 : 1)),
  }));

test("each file of the new tree is kept or fresh, each content of it once", () => {
  fc.assert(
    fc.property(trees, trees, (old, tree) => {
      const { kept, fresh, freshBytes } = differenceOf(old, tree);
      const all = [...kept.map((one) => one.file), ...fresh.flatMap(({ files }) => files)];
      assert.deepEqual(all.map(({ path }) => path).sort(), tree.files.map(({ path }) => path).sort());
      const there = new Set(old.files.map(({ sha256 }) => sha256));
      for (const one of kept) assert.equal(one.from.sha256, one.file.sha256);
      for (const one of fresh) assert.ok(!there.has(one.sha256));
      assert.equal(new Set(fresh.map(({ sha256 }) => sha256)).size, fresh.length);
      assert.equal(
        freshBytes,
        fresh.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }),
  );
});

test("segments hold all that is fresh, in order, and ask for no more than the old files have", () => {
  fc.assert(
    fc.property(trees, trees, fc.integer({ min: -20 * MIB, max: 20 * MIB }), (old, tree, shift) => {
      const { fresh, freshBytes } = differenceOf(old, tree);
      const segments = planSegments(old, fresh, () => shift);
      assert.equal(segments.length, Math.ceil(freshBytes / SEGMENT_BYTES));
      const parts = segments.flatMap((segment) => segment.parts);
      let [at, offset] = [0, 0];
      for (const part of parts) {
        while (offset === fresh[at]?.bytes) [at, offset] = [at + 1, 0];
        assert.deepEqual([part.fresh, part.start], [at, offset]);
        offset = part.end;
      }
      for (const { stretches } of segments) {
        for (const stretch of stretches) {
          assert.ok(stretch.bytes > 0 && stretch.offset >= 0 && Number.isSafeInteger(stretch.offset));
          assert.ok(stretch.offset + stretch.bytes <= (old.files[stretch.file]?.bytes ?? 0));
        }
        assert.ok(stretches.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_DICTIONARY_BYTES);
      }
    }),
  );
});

test("a content that moved is found where it went", () => {
  const content = randomBytes(3 * MIB, 7);
  const inserted = new Uint8Array(5 * MIB);
  inserted.set(content.subarray(0, MIB));
  inserted.set(randomBytes(2 * MIB, 8), MIB);
  inserted.set(content.subarray(MIB), 3 * MIB);
  const [old, fresh] = [anchorsOf(content, 65_537), anchorsOf(inserted, 1000)];
  assert.equal(shiftOf(old, fresh, 0, MIB), 0);
  assert.equal(shiftOf(old, fresh, 3 * MIB + 64, 5 * MIB), -2 * MIB);
  assert.equal(shiftOf(old, fresh, MIB + 64, 3 * MIB), undefined, "nothing there is alike");
});

test("what repeats tells nothing: zeros have no place", () => {
  const zeros = anchorsOf(new Uint8Array(MIB), MIB);
  assert.equal(shiftOf(zeros, zeros, 0, MIB), undefined);
});

function anchorsOf(bytes: Uint8Array, chunk: number) {
  const scanner = anchorScanner();
  for (let start = 0; start < bytes.length; start += chunk) scanner.push(bytes.subarray(start, start + chunk));
  return scanner.finish();
}

function randomBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let value = seed;
  for (let index = 0; index < length; index += 1) {
    value = (Math.imul(value, 1_103_515_245) + 12_345) | 0;
    bytes[index] = value >>> 16;
  }
  return bytes;
}
