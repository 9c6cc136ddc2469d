import assert from "node:assert/strict";
import { test } from "node:test";
import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { createCompression } from "../../src/adapters/archive/compression.ts";
import { isEngineryError } from "../../src/core/errors.ts";

const { compress, decompress } = createCompression();
const DOCUMENT = Buffer.from(JSON.stringify({ files: Array.from({ length: 500 }, (_, index) => `file ${index}`) }));
const refused = (bytes: Uint8Array, maxBytes = 1_000_000) =>
  assert.throws(
    () => decompress(bytes, maxBytes),
    (error) => isEngineryError(error, "document-invalid"),
  );

test("documents come back as they were, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
      assert.deepEqual(Buffer.from(decompress(compress(bytes), bytes.length)), Buffer.from(bytes));
    }),
    { numRuns: 100 },
  );
});

test("the same document gives the same bytes", () => {
  assert.deepEqual(compress(DOCUMENT), compress(Buffer.from(DOCUMENT)));
});

test("more than is allowed is refused, and not decompressed first", () => {
  refused(compress(DOCUMENT), DOCUMENT.length - 1);
  assert.equal(decompress(compress(DOCUMENT), DOCUMENT.length).length, DOCUMENT.length);
  const before = process.memoryUsage().rss;
  refused(zstdCompressSync(Buffer.alloc(200_000_000)), 1000);
  assert.ok(process.memoryUsage().rss - before < 300_000_000 + 64 * 1024 * 1024);
});

test("a cut frame, anything after it, another frame and rubbish are refused", () => {
  const frame = compress(DOCUMENT);
  for (const length of [0, 1, 4, 5, 12, frame.length - 5, frame.length - 1]) refused(frame.subarray(0, length));
  refused(Buffer.concat([frame, Buffer.from([0])]));
  refused(Buffer.concat([frame, frame]));
  refused(Buffer.from("no frame at all"));
});

test("two frames are refused also where the first ends with the decoder's own buffer", () => {
  const first = compress(Buffer.alloc(16 * 1024, "x"));
  refused(Buffer.concat([first, first]));
});

test("damage is refused, or changes nothing (a header has a bit that means nothing)", () => {
  const frame = compress(DOCUMENT);
  let refusals = 0;
  for (let at = 0; at < frame.length; at += 1) {
    const damaged = Buffer.from(frame);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    const content = orRefused(damaged);
    if (content === undefined) refusals += 1;
    else assert.deepEqual(Buffer.from(content), DOCUMENT, `byte ${at}`);
  }
  assert.ok(refusals > frame.length * 0.9);
});

function orRefused(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return decompress(bytes, DOCUMENT.length);
  } catch (error) {
    assert.ok(isEngineryError(error, "document-invalid"), String(error));
    return undefined;
  }
}

test("a window beyond what we are ready to remember is refused", () => {
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0xa8, 0x01, 0x00, 0x00, 0, 0, 0, 0]);
  refused(frame);
});
