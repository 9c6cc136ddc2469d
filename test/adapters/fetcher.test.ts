import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { createFetcher, type FetcherSettings } from "../../src/adapters/fetch/fetcher.ts";
import { EngineryError, type ErrorCode } from "../../src/core/errors.ts";
import type { Fetcher, FetchOptions } from "../../src/ports/fetcher.ts";
import { type Answer, breaking, serving, startServer } from "./support/faulty-server.ts";

const BODY = Buffer.from("0123456789");
const folder = mkdtempSync(join(tmpdir(), "enginery-fetch-"));
after(() => rmSync(folder, { recursive: true }));

function fetcher(settings: Partial<FetcherSettings> & { slept?: number[] } = {}): Fetcher {
  const { slept = [], ...rest } = settings;
  const sleep = async (milliseconds: number) => void slept.push(milliseconds);
  return createFetcher({ offline: false, allowHttp: false, env: {}, userAgent: "enginery/test", sleep, ...rest });
}

async function read(from: Fetcher, location: string, options?: FetchOptions): Promise<{ start: number; text: string }> {
  const { start, chunks } = await from.open(location, options);
  return { start, text: Buffer.concat(await Array.fromAsync(chunks)).toString() };
}

async function failure(promise: Promise<unknown>, code: ErrorCode): Promise<EngineryError> {
  const error = await promise.then(
    () => assert.fail(`no ${code}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof EngineryError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

test("files and folders: whole, from an offset, within a size", async () => {
  const path = join(folder, "file");
  writeFileSync(path, BODY);
  for (const location of [path, pathToFileURL(path).href]) {
    assert.deepEqual(await read(fetcher({ offline: true }), location), { start: 0, text: "0123456789" });
    assert.deepEqual(await read(fetcher(), location, { start: 7 }), { start: 7, text: "789" });
    assert.deepEqual(await read(fetcher(), location, { maxBytes: 10 }), { start: 0, text: "0123456789" });
    await failure(read(fetcher(), location, { maxBytes: 9 }), "length-mismatch");
  }
  await failure(read(fetcher(), join(folder, "none")), "missing");
  mkdirSync(join(folder, "inner"));
  await failure(read(fetcher(), join(folder, "inner")), "missing");
  await failure(read(fetcher(), join(path, "below")), "missing");
});

test("addresses that are refused", async () => {
  const refused = [
    "http://example.com/x",
    "ftp://localhost/x",
    "relative/path",
    "javascript:1",
    "npm:name",
    "npm:name@^1.0.0",
    "npm:name@1.2",
    "npm:../x@1.0.0",
    "data:,x",
    "",
  ];
  for (const location of refused) await failure(fetcher().open(location), "source-refused");
  const error = await failure(fetcher().open("ftp://user:secret@host/x?token=secret"), "source-refused");
  assert.ok(!`${error.message}${JSON.stringify(error.context)}`.includes("secret"));
});

test("offline nothing leaves this machine", async () => {
  for (const location of ["https://example.com/x", "http://127.0.0.1:1/x", "npm:name@1.0.0"]) {
    await failure(fetcher({ offline: true }).open(location), "offline");
  }
});

test("a body comes whole, from a range where that is asked for, with our name and no encoding", async () => {
  await using server = await startServer({ "/file": serving(BODY) });
  assert.deepEqual(await read(fetcher(), `${server.base}/file`), { start: 0, text: "0123456789" });
  assert.deepEqual(await read(fetcher(), `${server.base}/file`, { start: 4, maxBytes: 10 }), {
    start: 4,
    text: "456789",
  });
  const [whole, part] = server.requests;
  assert.equal(whole?.headers["accept-encoding"], "identity");
  assert.equal(whole?.headers["user-agent"], "enginery/test");
  assert.equal(whole?.headers.range, undefined);
  assert.equal(part?.headers.range, "bytes=4-");
  await failure(read(fetcher(), `${server.base}/file`, { start: 10 }), "http-status");
});

test("a server without ranges answers from the start, and says so", async () => {
  await using server = await startServer({ "/file": (_, response) => response.end(BODY) });
  assert.deepEqual(await read(fetcher(), `${server.base}/file`, { start: 4 }), { start: 0, text: "0123456789" });
});

test("any other range than the one asked for is refused", async () => {
  const wrong = ["bytes 3-9/10", "bytes 4-8/10", "bytes 4-3/10", "items 4-9/10", "bytes 4-9", "bytes */10", undefined];
  const answers = wrong.map((range, index): [string, Answer] => [
    `/${index}`,
    (_, response) =>
      void response.writeHead(206, range === undefined ? {} : { "content-range": range }).end(BODY.subarray(4)),
  ]);
  await using server = await startServer(Object.fromEntries(answers));
  for (const index of wrong.keys()) await failure(read(fetcher(), `${server.base}/${index}`, { start: 4 }), "network");
  await using unasked = await startServer({
    "/file": (_, response) => response.writeHead(206, { "content-range": "bytes 0-9/10" }).end(BODY),
  });
  await failure(read(fetcher(), `${unasked.base}/file`), "network");
});

test("a content encoding is refused although its bytes could be decoded", async () => {
  await using server = await startServer({
    "/file": (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(BODY)),
    "/identity": (_, response) => response.writeHead(200, { "content-encoding": "identity" }).end(BODY),
  });
  await failure(read(fetcher(), `${server.base}/file`), "network");
  assert.equal((await read(fetcher(), `${server.base}/identity`)).text, "0123456789");
});

test("more bytes than allowed: refused by what is announced, and by what comes", async () => {
  let sent = 0;
  await using server = await startServer({
    "/announced": serving(BODY),
    "/only-announced": (_, response) => response.writeHead(200, { "content-length": 10 }).flushHeaders(),
    "/endless": (_, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on("drain", more);
      more();
    },
  });
  await failure(read(fetcher(), `${server.base}/announced`, { maxBytes: 9 }), "length-mismatch");
  await failure(read(fetcher(), `${server.base}/announced`, { start: 4, maxBytes: 9 }), "length-mismatch");
  await failure(read(fetcher(), `${server.base}/only-announced`, { maxBytes: 9 }), "length-mismatch");
  await failure(read(fetcher(), `${server.base}/endless`, { maxBytes: 1_000_000 }), "length-mismatch");
  assert.ok(sent < 100_000_000);
});

test("statuses are told apart, and 500, 429 and 503 are tried again, as often as three times", async () => {
  const answering =
    (status: number, headers = {}): Answer =>
    (_, response) =>
      void response.writeHead(status, headers).end();
  await using server = await startServer({
    "/404": answering(404),
    "/403": answering(403),
    "/410": answering(410),
    "/401": answering(401),
    "/204": answering(204),
    "/500": answering(500),
    "/then": (request, response, count) => {
      if (count < 3) response.writeHead(count === 1 ? 503 : 429, { "retry-after": count === 1 ? "7" : "86400" }).end();
      else serving(BODY)(request, response, count);
    },
  });
  for (const path of ["/404", "/403", "/410"]) await failure(read(fetcher(), server.base + path), "missing");
  await failure(read(fetcher(), `${server.base}/401`), "http-status");
  await failure(read(fetcher(), `${server.base}/204`), "network");
  server.requests.length = 0;
  const error = await failure(read(fetcher(), `${server.base}/500`), "http-status");
  assert.equal(error.context["status"], 500);
  assert.equal(server.requests.length, 3);
  const slept: number[] = [];
  assert.equal((await read(fetcher({ slept }), `${server.base}/then`)).text, "0123456789");
  assert.deepEqual(slept, [7000, 30_000]);
});

test("a connection that breaks before the first byte is tried again, after it never", async () => {
  await using server = await startServer({
    "/before": (request, response, count) =>
      count < 2 ? void response.destroy() : serving(BODY)(request, response, count),
    "/headers": (request, response, count) => {
      if (count > 1) return serving(BODY)(request, response, count);
      response.writeHead(200, { "content-length": 10 }).flushHeaders();
      setTimeout(() => response.destroy(), 30);
    },
    "/after": breaking(BODY, 4),
    "/never": (_, response) => void response.destroy(),
  });
  assert.equal((await read(fetcher(), `${server.base}/before`)).text, "0123456789");
  assert.equal((await read(fetcher(), `${server.base}/headers`)).text, "0123456789");
  server.requests.length = 0;
  const body = await fetcher().open(`${server.base}/after`);
  let came = "";
  await failure(
    (async () => {
      for await (const chunk of body.chunks) came += Buffer.from(chunk).toString();
    })(),
    "network",
  );
  assert.equal(came, "0123");
  assert.equal(server.requests.length, 1);
  server.requests.length = 0;
  await failure(read(fetcher(), `${server.base}/never`), "network");
  assert.equal(server.requests.length, 3);
});

test("silence before the answer, silence within it and a trickle are timeouts", async () => {
  const timeouts = { connectMs: 300, headersMs: 300, idleMs: 300, trickleMs: 400, slowestBytesPerSecond: 1000 };
  await using server = await startServer({
    "/silent": () => undefined,
    "/stalled": (_, response) => void response.writeHead(200).write("begun"),
    "/trickle": (_, response) => {
      const timer = setInterval(() => response.write("x"), 50);
      response.on("close", () => clearInterval(timer));
    },
    "/slow-enough": (_, response) => {
      let left = 12;
      const timer = setInterval(() => {
        if (left-- > 0) return response.write(Buffer.alloc(100, "x"));
        clearInterval(timer);
        return response.end();
      }, 50);
    },
  });
  for (const path of ["/silent", "/stalled", "/trickle"]) {
    const started = performance.now();
    await failure(read(fetcher({ timeouts }), server.base + path), "timeout");
    assert.ok(performance.now() - started < 3000, path);
  }
  assert.equal((await read(fetcher({ timeouts }), `${server.base}/slow-enough`)).text.length, 1200);
});

test("redirects: within the origin five times, never elsewhere", async () => {
  await using elsewhere = await startServer({ "/file": serving(BODY) });
  const to =
    (location: string | undefined, status = 302): Answer =>
    (_, response) =>
      void response.writeHead(status, location === undefined ? {} : { location }).end();
  await using server = await startServer({
    "/file": serving(BODY),
    ...Object.fromEntries(
      [1, 2, 3, 4, 5, 6].map((step) => [`/${step}`, to(step === 1 ? "/file" : `/${step - 1}`, step % 2 ? 301 : 307)]),
    ),
    "/elsewhere": to(`${elsewhere.base}/file`),
    "/secure": to("https://example.com/file"),
    "/disk": to("file:///etc/passwd"),
    "/none": to(undefined),
    "/login": to("http://user:secret@127.0.0.1/file"),
  });
  assert.equal((await read(fetcher(), `${server.base}/5`)).text, "0123456789");
  assert.deepEqual(await read(fetcher(), `${server.base}/2`, { start: 8 }), { start: 8, text: "89" });
  for (const path of ["/6", "/elsewhere", "/secure", "/disk", "/none", "/login"]) {
    const error = await failure(read(fetcher(), server.base + path), "redirect-refused");
    assert.ok(!error.message.includes("secret"));
  }
  assert.deepEqual(elsewhere.requests, []);
});

test("credentials of an address go into a header and into no message", async () => {
  await using server = await startServer({ "/file": serving(BODY) });
  const withCredentials = server.base.replace("http://", "http://user:s%C3%A9cret@");
  await read(fetcher(), `${withCredentials}/file`);
  assert.equal(server.requests[0]?.headers.authorization, `Basic ${Buffer.from("user:sécret").toString("base64")}`);
  const error = await failure(read(fetcher(), `${withCredentials}/none?token=abc`), "missing");
  assert.ok(!/cret|abc/.test(error.message + JSON.stringify(error.context)), error.message);
});

test("a proxy is used as the environment says, and never for this machine", async () => {
  const asked: string[] = [];
  await using proxy = await startServer({});
  const env = { HTTP_PROXY: proxy.base, no_proxy: "direct.invalid" };
  await failure(read(fetcher({ env, allowHttp: true }), "http://engines.invalid/file"), "missing").catch((error) => {
    asked.push(String(error));
  });
  assert.deepEqual(asked, []);
  assert.equal(proxy.requests[0]?.path, "http://engines.invalid/file");
  await failure(read(fetcher({ env, allowHttp: true }), "http://direct.invalid/file"), "network");
  assert.equal(proxy.requests.length, 1);
  await using server = await startServer({ "/file": serving(BODY) });
  assert.equal((await read(fetcher({ env }), `${server.base}/file`)).text, "0123456789");
  assert.equal(proxy.requests.length, 1);
});

test("nobody at the other end is an error of the network, with what to check", async () => {
  const error = await failure(read(fetcher(), "http://127.0.0.1:9/file"), "network");
  assert.match(error.message, /refuses the connection \(ECONNREFUSED\)/);
});
