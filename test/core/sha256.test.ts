import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { sha256Short } from "../../src/core/sha256.ts";

const opensSsl = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("the examples of FIPS 180-4", () => {
  const of = (text: string) => sha256Short(new TextEncoder().encode(text));
  assert.equal(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  assert.equal(of(twoBlocks), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
});

test("the same as OpenSSL's: every length about the ends of blocks, and any bytes", () => {
  for (let length = 0; length <= 260; length += 1) {
    const bytes = new Uint8Array(length).fill(length);
    assert.equal(sha256Short(bytes), opensSsl(bytes), `${length} bytes`);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9000, size: "max" }), (bytes) => {
      assert.equal(sha256Short(bytes), opensSsl(bytes));
    }),
    { numRuns: 300 },
  );
});
