import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { nodeTimer } from "../../src/adapters/node-timer.ts";
import { metricsServer } from "../../src/adapters/service/metrics-server.ts";
import { serviceManager } from "../../src/adapters/service/service-manager.ts";
import { createWebhook } from "../../src/adapters/service/webhook.ts";
import type { RunOptions, RunResult } from "../../src/ports/child-process.ts";

const folder = mkdtempSync(join(tmpdir(), "enginery-service-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const LOOPBACK = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
const hello = (path: string) =>
  path === "/metrics" ? { status: 200, type: "text/plain", body: "hello\n" } : undefined;

/** What comes back for these bytes, until the other side ends. */
function exchange(place: { readonly port: number } | { readonly path: string }, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", ...place }, () => socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
    socket.on("error", reject);
  });
}

const asking = (head: string, more = "") => `${head} HTTP/1.1\r\nConnection: close\r\n${more}\r\n`;
const portOf = (name: string) => Number(new URL(name).port);

test("metrics: GET and HEAD of what is known, asked by a name of this machine; all else is 404", async () => {
  await using server = await metricsServer.listen(LOOPBACK, hello);
  const port = portOf(server.name);
  const status = async (head: string, host = `127.0.0.1:${port}`) =>
    (await exchange({ port }, asking(head, `Host: ${host}\r\n`))).split("\r\n")[0];
  assert.match(await exchange({ port }, asking("GET /metrics?x=1", "Host: localhost\r\n")), /\r\n\r\nhello\n$/);
  assert.match(await exchange({ port }, asking("HEAD /metrics", "Host: [::1]:1\r\n")), /200 OK[\s\S]*\r\n\r\n$/);
  for (const head of [
    "GET /",
    "GET /metrics/",
    "POST /metrics",
    "DELETE /metrics",
    "GET /../metrics",
    "GET //metrics",
  ]) {
    assert.equal(await status(head), "HTTP/1.1 404 Not Found", head);
  }
  // a page of the web that has its own name point here
  assert.equal(await status("GET /metrics", "rebound.example"), "HTTP/1.1 404 Not Found");
  assert.equal(await status("GET /metrics", "127.0.0.1.example"), "HTTP/1.1 404 Not Found");
});

test("metrics: who sends nothing, too much, or comes in a crowd is let go, and others are answered", {
  timeout: 30_000,
}, async () => {
  await using server = await metricsServer.listen(LOOPBACK, hello);
  const port = portOf(server.name);
  const slow = exchange({ port }, "GET /metrics HTTP/1.1\r\nHost: ");
  assert.match(
    await exchange({ port }, asking("GET /metrics", `Host: 127.0.0.1\r\nX: ${"x".repeat(20_000)}\r\n`)),
    /^HTTP\/1\.1 431/,
  );
  const crowd = Array.from({ length: 40 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  await wait(100);
  for (const socket of crowd) socket.destroy();
  await wait(100);
  assert.match(await exchange({ port }, asking("GET /metrics", "Host: 127.0.0.1\r\n")), /hello/);
  assert.match(await slow, /^HTTP\/1\.1 408/, "after five seconds");
});

test("metrics at a socket: for owner and group; what a dead process left is replaced, what lives or is no socket is not", async () => {
  const path = join(folder, "metrics");
  const address = { kind: "unix", path } as const;
  {
    await using _server = await metricsServer.listen(address, hello);
    assert.equal(statSync(path).mode & 0o777, 0o660);
    assert.match(await exchange({ path }, asking("GET /metrics")), /HTTP\/1\.1 400|hello/);
    assert.match(await exchange({ path }, asking("GET /metrics", "Host: x\r\n")), /hello/);
    await assert.rejects(metricsServer.listen(address, hello), { code: "busy" });
  }
  assert.equal(existsSync(path), false);
  // a socket whose process is gone: bound by another, and its name put back after the end
  const left = createSocketServer();
  await new Promise<void>((done) => left.listen(`${path}.left`, done));
  const { linkSync } = await import("node:fs");
  linkSync(`${path}.left`, path);
  await new Promise((done) => left.close(done));
  {
    await using _server = await metricsServer.listen(address, hello);
    assert.match(await exchange({ path }, asking("GET /metrics", "Host: x\r\n")), /hello/);
  }
  writeFileSync(path, "mine");
  await assert.rejects(metricsServer.listen(address, hello), { code: "refused" });
  await assert.rejects(metricsServer.listen({ kind: "unix", path: join(folder, "no/such") }, hello), {
    code: "missing",
  });
});

test("metrics: an address that is taken", async () => {
  await using server = await metricsServer.listen(LOOPBACK, hello);
  await assert.rejects(metricsServer.listen({ ...LOOPBACK, port: portOf(server.name) }, hello), { code: "busy" });
});

test("the service manager: who it is, how often it wants to hear, and what systemd-notify is asked", async () => {
  const asked: { file: string; args: readonly string[]; options: RunOptions }[] = [];
  let answer: RunResult = { outcome: "exit", status: 0, output: "" };
  const children = {
    run: async (file: string, args: readonly string[], options: RunOptions) => {
      asked.push({ file, args, options });
      return answer;
    },
  };
  const of = (env: Record<string, string>) => serviceManager(env, children);
  assert.equal(of({}), undefined);
  assert.equal(of({ NOTIFY_SOCKET: "vsock:2:1" }), undefined, "a kind that is not known");
  assert.equal(of({ NOTIFY_SOCKET: "/run/n" })?.watchdogMs, undefined);
  const own = String(process.pid);
  assert.equal(of({ NOTIFY_SOCKET: "@n", WATCHDOG_USEC: "3000000" })?.watchdogMs, 3000);
  assert.equal(of({ NOTIFY_SOCKET: "@n", WATCHDOG_USEC: "3000000", WATCHDOG_PID: own })?.watchdogMs, 3000);
  assert.equal(of({ NOTIFY_SOCKET: "@n", WATCHDOG_USEC: "3000000", WATCHDOG_PID: "1" })?.watchdogMs, undefined);
  assert.equal(of({ NOTIFY_SOCKET: "@n", WATCHDOG_USEC: "soon" })?.watchdogMs, undefined);
  const manager = of({ NOTIFY_SOCKET: "@n", SECRET: "x" });
  await manager?.notify({ READY: "1", STATUS: "one\ntwo" });
  assert.deepEqual(asked[0]?.args, ["READY=1", "STATUS=one two"]);
  assert.deepEqual(asked[0]?.options.env, { PATH: "/usr/bin:/bin", NOTIFY_SOCKET: "@n" });
  answer = { outcome: "not-started", reason: "ENOENT: no such file" };
  await assert.rejects(async () => manager?.notify({ READY: "1" }), { code: "engine-start" });
});

test("webhook: who does not answer in time, and what may not be asked", async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const webhook = createWebhook({ env: {}, userAgent: "test" });
  const options = { timeoutMs: 200, allowHttp: false };
  await assert.rejects(webhook.post(`http://127.0.0.1:${port}/key`, {}, options), (error: Error) => {
    assert.match(error.message, /did not answer within 0\.2 s/);
    assert.doesNotMatch(error.message, /key/);
    return true;
  });
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await assert.rejects(webhook.post(`http://127.0.0.1:${port}/key`, {}, options), { code: "network" });
  for (const url of ["http://example.org/", "file:///etc/passwd", "nonsense"]) {
    await assert.rejects(webhook.post(url, {}, options), { code: "source-refused" }, url);
  }
});

test("the timer sleeps, and wakes at once where it is broken off", async () => {
  const began = nodeTimer.ticks();
  await nodeTimer.sleep(30);
  assert.ok(nodeTimer.ticks() - began >= 25);
  const off = new AbortController();
  const sleeping = nodeTimer.sleep(60_000, off.signal);
  off.abort();
  await sleeping;
  await nodeTimer.sleep(60_000, off.signal);
});
