import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOf, type Question, type Say, type SubstrateNode, startSubstrateNode } from "../support/substrate-node.ts";
import { serverFrame } from "../support/web-socket-server.ts";
import { read, unreadable } from "./support/epoch-readings.ts";

const both = (node: SubstrateNode) => [`substrate:${node.ws}`, `substrate:${node.http}`];
const reply = (id: unknown, more: object) => JSON.stringify({ jsonrpc: "2.0", id, ...more });

test("session and height of the finalized block, over WebSocket and over HTTP", async () => {
  await using node = await startSubstrateNode({ height: 0x1234_5678, blocksPerSession: 10 });
  const detail = { height: 0x1234_5678, block: hashOf(0x1234_5678) };
  for (const source of both(node)) {
    assert.deepEqual(await read(source), { epoch: 30_541_989, detail });
    assert.deepEqual(await read(`${source}?unit=height`), { epoch: 0x1234_5678, detail });
  }
  assert.equal(node.peers.length, 2, "one connection a reading");
  for (const peer of node.peers) assert.deepEqual(peer.controls, [8], "closed in due form");
});

test("answers in another order, in pieces, between notifications and pings are put in place", async () => {
  await using node = await startSubstrateNode({ height: 77 });
  const held: { id: number; honest: string }[] = [];
  node.lie = ({ id, method }, honest, say) => {
    const { peer } = say;
    if (peer === undefined) return say(honest);
    peer.frame(0x89, Buffer.from("are you there"));
    peer.text(reply(undefined, { method: "chain_finalizedHead", params: { subscription: "x", result: {} } }));
    if (method === "chain_getFinalizedHead" || method === "system_health") {
      const bytes = Buffer.from(honest);
      peer.frame(0x01, bytes.subarray(0, 5));
      peer.frame(0x8a, Buffer.alloc(0));
      peer.frame(0x00, bytes.subarray(5, 6));
      return peer.frame(0x80, bytes.subarray(6));
    }
    held.push({ id, honest });
    if (held.length < 2) return;
    const whole = held.toReversed().map((one) => serverFrame(0x81, Buffer.from(one.honest)));
    for (const byte of Buffer.concat(whole)) peer.raw(Buffer.of(byte));
  };
  assert.deepEqual(await read(`substrate:${node.ws}`), { epoch: 7, detail: { height: 77, block: hashOf(77) } });
  assert.ok(node.peers[0]?.controls.includes(10), "a ping is answered");
});

test("the session is that of the finalized block, though the chain goes on between the questions", async () => {
  await using node = await startSubstrateNode({ height: 99, blocksPerSession: 10 });
  node.lie = ({ method }, honest, say) => {
    say(honest);
    if (method === "chain_getFinalizedHead") node.height += 1;
  };
  for (const source of both(node)) {
    node.height = 99;
    assert.equal((await read(source)).epoch, 9);
  }
});

test("a node that is behind, or knows no block yet, does not count", async () => {
  await using node = await startSubstrateNode({ height: 77 });
  for (const source of both(node)) {
    node.syncing = true;
    await unreadable(source, /is catching up/);
    assert.equal((await read(`${source}?catching-up=allow`)).epoch, 7);
    node.syncing = false;
    node.height = 0;
    await unreadable(source, /no finalized block but the first/);
    await unreadable(`${source}?unit=height`, /no finalized block but the first/);
    node.height = 77;
  }
});

test("whatever else a node says is unknown, and never 0", async () => {
  await using node = await startSubstrateNode({ height: 77 });
  const lies: readonly (readonly [string, (id: number) => string, RegExp])[] = [
    [
      "system_health",
      (id) => reply(id, { error: { code: -32601, message: "Method not found" } }),
      /"Method not found"/,
    ],
    ["system_health", (id) => reply(id, { result: {} }), /does not say whether it is catching up/],
    ["chain_getFinalizedHead", (id) => reply(id, { result: null }), /no hash of a finalized block/],
    ["chain_getFinalizedHead", (id) => reply(id, { result: "0x12" }), /no hash of a finalized block/],
    ["chain_getFinalizedHead", (id) => reply(id, { result: [hashOf(7)] }), /no hash of a finalized block/],
    ["chain_getFinalizedHead", (id) => reply(id, {}), /without a result/],
    [
      "chain_getFinalizedHead",
      (id) => reply(id, { result: hashOf(7), error: { code: 1, message: "no" } }),
      /an error: "no"/,
    ],
    ["chain_getFinalizedHead", (id) => reply(id, { error: 7 }), /an error: "7"/],
    ["chain_getFinalizedHead", (id) => reply(id + 1, { result: hashOf(7) }), /another question/],
    ["chain_getFinalizedHead", (id) => reply(String(id), { result: hashOf(7) }), /another question/],
    ["chain_getFinalizedHead", () => reply(0, { result: hashOf(7) }), /another question/],
    ["chain_getFinalizedHead", (id) => JSON.stringify({ id, result: hashOf(7) }), /JSON-RPC/],
    ["chain_getFinalizedHead", (id) => `[${reply(id, { result: hashOf(7) })}]`, /JSON-RPC/],
    ["chain_getFinalizedHead", (id) => reply(id, { result: hashOf(7) }).slice(0, -1), /strict JSON/],
    [
      "chain_getFinalizedHead",
      (id) => `{"jsonrpc":"2.0","id":${id},"result":"0x00","result":"0x01"}`,
      /is there twice/,
    ],
    ["chain_getFinalizedHead", () => "<html></html>", /strict JSON/],
    ["chain_getHeader", (id) => reply(id, { result: null }), /no height/],
    ["chain_getHeader", (id) => reply(id, { result: { number: 77 } }), /no height/],
    ["chain_getHeader", (id) => reply(id, { result: { number: "77" } }), /no height/],
    ["chain_getHeader", (id) => reply(id, { result: { number: "0x" } }), /no height/],
    ["chain_getHeader", (id) => reply(id, { result: { number: "0x20000000000000" } }), /no height/],
    ["chain_getHeader", (id) => reply(id, { result: { number: "-0x1" } }), /no height/],
    ["state_getStorage", (id) => reply(id, { result: null }), /keeps no session/],
    ["state_getStorage", (id) => reply(id, { result: "0x" }), /something else than a session/],
    ["state_getStorage", (id) => reply(id, { result: "0x070000" }), /something else than a session/],
    ["state_getStorage", (id) => reply(id, { result: "0x0700000000000000" }), /something else than a session/],
    ["state_getStorage", (id) => reply(id, { result: 7 }), /something else than a session/],
  ];
  for (const [about, lie, why] of lies) {
    node.lie = ({ id, method }, honest, say) => say(method === about ? lie(id) : honest);
    for (const source of both(node)) await unreadable(source, why);
  }
});

test("an answer that came for another question of the same connection is not taken twice", async () => {
  await using node = await startSubstrateNode({ height: 77 });
  node.lie = ({ method }, honest, say) => {
    say(honest);
    if (method === "chain_getFinalizedHead") say(honest);
  };
  await unreadable(`substrate:${node.ws}`, /another question/);
});

const atHead =
  (act: (say: Say, honest: string) => void): SubstrateNode["lie"] =>
  ({ method }: Question, honest, say) =>
    method === "chain_getFinalizedHead" ? act(say, honest) : say(honest);

test("a WebSocket that closes, breaks or goes on for ever is unreadable, and the next reading connects anew", async () => {
  await using node = await startSubstrateNode({ height: 77 });
  const faults: readonly (readonly [SubstrateNode["lie"], RegExp])[] = [
    [atHead(({ peer }) => peer?.close()), /closed the connection before/],
    [atHead(({ peer }) => peer?.drop()), /closed the connection before|broke the connection off/],
    [
      atHead(({ peer }, honest) => {
        peer?.raw(serverFrame(0x81, Buffer.from(honest)).subarray(0, 20));
        peer?.drop();
      }),
      /closed the connection before|broke the connection off/,
    ],
    [
      atHead(({ peer }, honest) => {
        peer?.frame(0x01, Buffer.from(honest));
        peer?.close();
      }),
      /closed the connection before/,
    ],
    [atHead(({ peer }, honest) => peer?.frame(0x82, Buffer.from(honest))), /breaks the WebSocket protocol/],
    [atHead(({ peer }, honest) => peer?.frame(0xc1, Buffer.from(honest))), /breaks the WebSocket protocol/],
    [atHead(({ peer }, honest) => peer?.frame(0x80, Buffer.from(honest))), /breaks the WebSocket protocol/],
    [
      atHead(({ peer }) => peer?.raw(Buffer.of(0x81, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9))),
      /breaks the WebSocket protocol/,
    ],
    [atHead(({ peer }) => peer?.frame(0x09, Buffer.alloc(1))), /breaks the WebSocket protocol/],
    [atHead(({ peer }) => peer?.raw(Buffer.of(0x89, 126, 0, 126))), /breaks the WebSocket protocol/],
    [atHead(({ peer }) => peer?.raw(Buffer.of(0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0))), /more than 1048576 bytes/],
    [
      atHead(({ peer }) => {
        for (let i = 0; i < 20; i += 1) peer?.frame(i === 0 ? 0x01 : 0x00, Buffer.alloc(65_535, " "));
      }),
      /more than 1048576 bytes/,
    ],
    [
      atHead(({ peer }) => {
        for (let i = 0; i < 20_000; i += 1) peer?.text(reply(undefined, { method: "chain_finalizedHead", params: {} }));
      }),
      /more than 1048576 bytes/,
    ],
  ];
  for (const [lie, why] of faults) {
    node.lie = lie;
    await unreadable(`substrate:${node.ws}`, why);
    node.lie = undefined;
    assert.equal((await read(`substrate:${node.ws}`)).epoch, 7);
  }
});

test("a WebSocket that stalls is given up when the time is over", async () => {
  await using node = await startSubstrateNode({ height: 77 });
  node.lie = () => {};
  for (const source of both(node)) await unreadable(source, /told nothing within 0.4 s/, { timeoutMs: 400 });
  for (let tries = 0; node.open() > 0 && tries < 200; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(node.open(), 0, "the connection was kept");
});

test("a question over HTTP is not sent on", async () => {
  await using node = await startSubstrateNode({ height: 77 });
  node.lie = (_, __, say) => void say.response?.writeHead(307, { location: "/elsewhere" }).end();
  await unreadable(`substrate:${node.http}`, /HTTP 307, and a question is not sent on/);
  assert.equal(node.questions.length, 1);
});

test("what does not speak WebSocket, or not quite, is unreadable", async () => {
  const { createServer } = await import("node:http");
  const answers = [
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: bm8=\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7",
    "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
  ];
  for (const answer of answers) {
    const server = createServer().on("upgrade", (_, socket) => void socket.end(answer));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await unreadable(`substrate:ws://127.0.0.1:${port}`, /does not speak WebSocket there/);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a server that does not answer the closing keeps no process alive", { timeout: 60_000 }, async () => {
  await using node = await startSubstrateNode({ height: 77 });
  const program = `
    const { createEpochSource } = await import(${JSON.stringify(new URL("../../src/adapters/epoch/create.ts", import.meta.url).href)});
    const { parseEpochSource } = await import(${JSON.stringify(new URL("../../src/core/epoch-source.ts", import.meta.url).href)});
    const source = createEpochSource(parseEpochSource("substrate:${node.ws}"), { env: {}, userAgent: "enginery-test" });
    console.log((await source.read({ timeoutMs: 20_000 })).epoch);`;
  const { execFile } = await import("node:child_process");
  const printed = await new Promise<string>((resolve, reject) => {
    const options = { timeout: 40_000 };
    execFile(process.execPath, ["--input-type=module", "-e", program], options, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
  assert.equal(printed, "7\n");
});
