import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { createFetcher } from "../../src/adapters/fetch/fetcher.ts";
import { EngineryError, type ErrorCode } from "../../src/core/errors.ts";
import { type Answer, startServer } from "../adapters/support/faulty-server.ts";

const timeouts = { connectMs: 300, headersMs: 300, idleMs: 300, trickleMs: 300, slowestBytesPerSecond: 1000 };
const settings = {
  offline: false,
  allowHttp: false,
  env: {},
  userAgent: "test",
  timeouts,
  sleep: async () => undefined,
};

/** What this answer makes of a fetch. */
async function refused(answer: Answer, code: ErrorCode): Promise<string> {
  await using server = await startServer({ "/file": answer });
  const error = await createFetcher(settings)
    .open(`${server.base}/file`, { maxBytes: 1000 })
    .then(async ({ chunks }) => await Array.fromAsync(chunks))
    .then(
      () => assert.fail(`was taken, and not refused with ${code}`),
      (thrown: unknown) => thrown,
    );
  assert.ok(error instanceof EngineryError, String(error));
  assert.equal(error.code, code, error.message);
  return error.message;
}

const encoded =
  (encoding: string | string[], body: Uint8Array): Answer =>
  (_, response) =>
    void response.setHeader("content-encoding", encoding).end(body);

test("125 chains of content encodings, each short and each a bomb when decoded", async () => {
  let bomb: Buffer = gzipSync(Buffer.alloc(1_000_000));
  for (let depth = 0; depth < 3; depth += 1) bomb = gzipSync(bomb);
  await refused(encoded("gzip, gzip, gzip, gzip", bomb), "network");
  await refused(
    encoded(
      Array.from({ length: 500 }, () => "gzip"),
      bomb,
    ),
    "network",
  );
  await refused(encoded("br", brotliCompressSync(Buffer.alloc(1_000_000))), "network");
  await refused(encoded("identity, gzip", bomb), "network");
  await refused(encoded("x-unheard-of", Buffer.from("x")), "network");
});

test("125 short body", async () => {
  await refused((_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("half", () => setTimeout(() => response.destroy(), 20));
  }, "network");
});

test("125 stalled body", async () => {
  await refused((_, response) => void response.writeHead(200, { "content-length": 100 }).write("half"), "timeout");
});

test("125 body that goes on beyond its end", async () => {
  await refused((_, response) => {
    const chunks = Array.from({ length: 20 }, () => "x".repeat(100));
    const timer = setInterval(() => {
      const chunk = chunks.pop();
      if (chunk === undefined) response.end();
      else response.write(chunk);
    }, 5);
    response.writeHead(200).on("close", () => clearInterval(timer));
  }, "length-mismatch");
});

test("125 trickling body", async () => {
  await refused((_, response) => {
    let left = 30;
    const timer = setInterval(() => {
      left -= 1;
      if (left === 0) response.end();
      else response.write("x");
    }, 40);
    response.writeHead(200).on("close", () => clearInterval(timer));
  }, "timeout");
});

test("what a server says is not handed to the terminal", async () => {
  const said = await refused(encoded("\u009b31m", Buffer.from("x")), "network");
  assert.match(said, /^[^\p{C}]*$/u);
});

test("125 redirect to anywhere else", async () => {
  for (const location of [
    "http://127.0.0.1:1/x",
    "https://127.0.0.1/x",
    "file:///etc/passwd",
    "//other.test/x",
    "data:,x",
  ])
    await refused((_, response) => void response.writeHead(302, { location }).end(), "redirect-refused");
  await refused((_, response) => void response.writeHead(308, { location: "/file" }).end(), "redirect-refused");
});
