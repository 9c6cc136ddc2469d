import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clientFrame, createFrameReader, type Frame } from "../../src/adapters/epoch/web-socket-frames.ts";
import { serverFrame } from "../support/web-socket-server.ts";

class Refusal extends Error {}
const refuse = (why: string): never => {
  throw new Refusal(why);
};

test("frames of any size come out whole, however the bytes are cut", () => {
  const payloads = fc.array(fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000), { maxLength: 4 });
  fc.assert(
    fc.property(payloads, fc.integer({ min: 1, max: 30_000 }), (lengths, cut) => {
      const sent = lengths.map((length, at) => Buffer.alloc(length, at + 1));
      const bytes = Buffer.concat(sent.map((payload) => serverFrame(0x81, payload)));
      const read = createFrameReader(1024 * 1024, refuse);
      const frames: Frame[] = [];
      for (let at = 0; at < bytes.length; at += cut) frames.push(...read(bytes.subarray(at, at + cut)));
      assert.deepEqual(
        frames.map(({ isFinal, opcode, payload }) => [isFinal, opcode, payload.equals(sent.shift() ?? Buffer.of(0))]),
        lengths.map(() => [true, 1, true]),
      );
    }),
    { numRuns: 60 },
  );
});

test("whatever the bytes, a frame comes out, more is waited for, or they are refused", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (chunks) => {
      const read = createFrameReader(200, refuse);
      try {
        for (const chunk of chunks) for (const { payload } of read(chunk)) assert.ok(payload.length <= 200);
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test("a client's frame is masked, and says its length in the shortest form", () => {
  for (const [length, head] of [
    [0, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
  ] as const) {
    const payload = Buffer.alloc(length, 7);
    const frame = clientFrame(1, payload);
    assert.equal(frame.length, head + 4 + length);
    assert.equal(frame[0], 0x81);
    assert.ok(((frame[1] ?? 0) & 0x80) !== 0);
    const mask = frame.subarray(head, head + 4);
    assert.ok(frame.subarray(head + 4).every((byte, at) => (byte ^ (mask[at % 4] ?? 0)) === 7));
  }
});
