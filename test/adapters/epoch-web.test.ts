import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { test } from "node:test";
import { read, unreadable } from "./support/epoch-readings.ts";
import { type Answer, startServer } from "./support/faulty-server.ts";

const json =
  (value: unknown): Answer =>
  (_, response) =>
    void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
const text =
  (body: string, status = 200): Answer =>
  (_, response) =>
    void response.writeHead(status).end(body);

const status = (sync: object, more: object = {}) =>
  json({ jsonrpc: "2.0", id: -1, result: { node_info: { network: "test" }, sync_info: sync }, ...more });
const HASH = "0A".repeat(32);

test("an address tells a whole number, or JSON that holds one", async () => {
  await using server = await startServer({
    "/height": text("4711\n"),
    "/bare": text("4711"),
    "/json": json({ result: { epoch: 12, uptime: 1.5 } }),
    "/moved": (_, response) => void response.writeHead(302, { location: "/json?a=b" }).end(),
    "/json?a=b": json({ result: { epoch: "13" } }),
  });
  assert.deepEqual(await read(`${server.base}/height`), { epoch: 4711 });
  assert.deepEqual(await read(`${server.base}/bare`), { epoch: 4711 });
  assert.deepEqual(await read(`${server.base}/json#/result/epoch`), { epoch: 12 });
  assert.deepEqual(await read(`${server.base}/moved#/result/epoch`), { epoch: 13 });
  const { headers } = server.requests[0] ?? {};
  assert.equal(headers?.["accept-encoding"], "identity");
  assert.equal(headers?.authorization, undefined);
});

test("credentials of an address go to its own origin, and into no message", async () => {
  await using server = await startServer({
    "/SECRET?key=SECRET": (request, response) =>
      void response.writeHead(200).end(request.headers.authorization === `Basic ${btoa("me:SECRET")}` ? "7" : "no"),
    "/gone/SECRET": text("no", 500),
  });
  const { host } = new URL(server.base);
  assert.deepEqual(await read(`http://me:SECRET@${host}/SECRET?key=SECRET`), { epoch: 7 });
  const hidden = new RegExp(`^The epoch source http://${host}/\\.\\.\\. answers with HTTP 500\\.$`);
  await unreadable(`http://me:SECRET@${host}/gone/SECRET?key=SECRET`, /HTTP 404/);
  await unreadable(`http://me:SECRET@${host}/gone/SECRET`, hidden);
});

test("an error, a redirect away, a body that is packed, cut or endless: unreadable", async () => {
  await using elsewhere = await startServer({ "/height": text("666") });
  await using server = await startServer({
    "/500": text("7", 500),
    "/404": text("7", 404),
    "/204": (_, response) => void response.writeHead(204).end(),
    "/206": text("7", 206),
    "/away": (_, response) => void response.writeHead(302, { location: `${elsewhere.base}/height` }).end(),
    "/secure": (_, response) => void response.writeHead(302, { location: "https://127.0.0.1:1/" }).end(),
    "/nowhere": (_, response) => void response.writeHead(302).end(),
    "/round": (_, response) => void response.writeHead(302, { location: "/round" }).end(),
    "/packed": (_, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("7"),
    "/cut": (_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("7\n", () => setTimeout(() => response.destroy(), 20));
    },
    "/dropped": (request) => void request.socket.destroy(),
    "/announced": (_, response) => {
      response.writeHead(200, { "content-length": 2 ** 30 });
      response.write("7");
    },
    "/endless": (_, response) => {
      const pour = () => {
        while (response.writable && response.write("7".repeat(65_536)));
      };
      response.on("drain", pour).writeHead(200);
      pour();
    },
    "/html": text("<!doctype html><title>Sign in</title>"),
    "/empty": text(""),
  });
  const { base } = server;
  await unreadable(`${base}/500`, /HTTP 500/);
  await unreadable(`${base}/404`, /HTTP 404/);
  await unreadable(`${base}/204`, /HTTP 204/);
  await unreadable(`${base}/206`, /HTTP 206/);
  await unreadable(`${base}/away`, /another origin/);
  assert.equal(elsewhere.requests.length, 0, "nobody else was asked");
  await unreadable(`${base}/secure`, /another origin/);
  await unreadable(`${base}/nowhere`, /another origin/);
  await unreadable(`${base}/round`, /more than 5 times/);
  await unreadable(`${base}/packed`, /content encoding "gzip"/);
  await unreadable(`${base}/cut`, /broke the connection off|another number of bytes/);
  await unreadable(`${base}/dropped`, /broke the connection off/);
  await unreadable(`${base}/announced`, /more than 1048576 bytes/);
  await unreadable(`${base}/endless`, /more than 1048576 bytes/);
  await unreadable(`${base}/html#/epoch`, /strict JSON/);
  await unreadable(`${base}/html`, /no whole number/);
  await unreadable(`${base}/empty`, /says ""/);
});

test("a server that stalls or trickles is given up when the time is over, and let go of", async () => {
  let trickling = 0;
  await using server = await startServer({
    "/silent": () => {},
    "/headers": (_, response) => void response.writeHead(200).flushHeaders(),
    "/trickle": (_, response) => {
      trickling += 1;
      const timer = setInterval(() => response.write(" "), 20);
      response.writeHead(200).on("close", () => {
        clearInterval(timer);
        trickling -= 1;
      });
    },
  });
  for (const path of ["/silent", "/headers", "/trickle"]) {
    const begun = performance.now();
    await unreadable(`${server.base}${path}`, /told nothing within 0.4 s/, { timeoutMs: 400 });
    assert.ok(performance.now() - begun < 10_000, path);
  }
  for (let tries = 0; trickling > 0 && tries < 200; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(trickling, 0, "the connection was kept");
});

test("nobody there: unreadable, and the environment's proxy is not asked for this machine", async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  await using proxy = await startServer({});
  await using server = await startServer({ "/height": text("7") });
  const env = { http_proxy: proxy.base, https_proxy: proxy.base, HTTP_PROXY: proxy.base };
  await unreadable(`http://127.0.0.1:${port}/`, /refuses the connection/, { env });
  await unreadable(`http://me:SECRET@127.0.0.1:${port}/SECRET`, /^(?!.*SECRET).*refuses the connection/, { env });
  await unreadable(`cometbft:http://127.0.0.1:${port}`, /refuses the connection/, { env });
  await unreadable(`substrate:ws://127.0.0.1:${port}`, /refuses the connection/, { env });
  assert.deepEqual(await read(`${server.base}/height`, { env }), { epoch: 7 });
  assert.equal(proxy.requests.length, 0);
});

test("cometbft: the height of a node that is not behind, divided where that is asked for", async () => {
  const sync = { latest_block_hash: HASH, latest_block_height: "1234", catching_up: false };
  await using server = await startServer({ "/status": status(sync), "/base/KEY/status": status(sync) });
  const detail = { height: 1234, block: HASH };
  assert.deepEqual(await read(`cometbft:${server.base}`), { epoch: 1234, detail });
  assert.deepEqual(await read(`cometbft:${server.base}/base/KEY/?every=100`), { epoch: 12, detail });
  assert.deepEqual(await read(`cometbft:${server.base}?every=1235`), { epoch: 0, detail });
});

test("cometbft: whatever else a node says is unknown, and never 0", async () => {
  const behind = { latest_block_height: "1234", catching_up: true };
  const cases: readonly (readonly [Answer, RegExp])[] = [
    [status(behind), /is catching up, at height 1234/],
    [status({ latest_block_height: "1234" }), /does not say whether it is catching up/],
    [status({ latest_block_height: "1234", catching_up: "false" }), /does not say whether/],
    [status({ latest_block_height: "0", catching_up: false }), /has no block yet/],
    [status({ latest_block_height: "", catching_up: false }), /says ""/],
    [status({ latest_block_height: null, catching_up: false }), /says null/],
    [status({ latest_block_height: "0x10", catching_up: false }), /says "0x10"/],
    [status({ latest_block_height: -5, catching_up: false }), /says -5/],
    [status({ latest_block_height: "9007199254740992", catching_up: false }), /no whole number/],
    [status({ catching_up: false }), /no latest_block_height/],
    [json({ jsonrpc: "2.0", id: -1, result: {} }), /without sync_info/],
    [json({ jsonrpc: "2.0", id: -1, result: { sync_info: [] } }), /without sync_info/],
    [json({ jsonrpc: "2.0", id: -1 }), /without a result/],
    [
      status({ latest_block_height: "5", catching_up: false }, { error: { code: -32603, message: "Internal error" } }),
      /answers with an error: "Internal error"/,
    ],
    [json({ error: "over quota" }), /does not answer in JSON-RPC/],
    [json([]), /does not answer in JSON-RPC/],
    [text('{"jsonrpc":"2.0","id":-1,"result":{"sync_info":{"latest_block_height":"12'), /strict JSON/],
    [
      text('{"jsonrpc":"2.0","id":-1,"result":{"sync_info":{"catching_up":true,"catching_up":false}}}'),
      /is there twice/,
    ],
    [text("<html>502 Bad Gateway</html>"), /strict JSON/],
    [text("", 502), /HTTP 502/],
  ];
  for (const [answer, why] of cases) {
    await using server = await startServer({ "/status": answer });
    await unreadable(`cometbft:${server.base}`, why);
  }
  await using server = await startServer({ "/status": status(behind) });
  const reading = await read(`cometbft:${server.base}?catching-up=allow`);
  assert.equal(reading.epoch, 1234, "asked for, a node that is behind counts");
});
