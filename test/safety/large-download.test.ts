import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { constants, zstdCompressSync } from "node:zlib";
import { lookAt } from "./checker.ts";
import { buildProgram } from "./support/build.ts";
import { run, sound, told } from "./support/run.ts";
import { copyHome, engineTree, letLockAge, PLATFORM } from "./support/scenes.ts";
import { requireNone, tally } from "./support/tally.ts";

/** Kills of an upgrade that fetches an archive of 300 MB, each at a random moment of it. */
const KILLS = Number(process.env["ENGINERY_SAFETY_LARGE_KILLS"] ?? 12);
const ARCHIVE_BYTES = 300_000_000;
/** Of what had arrived, on average over all kills. */
const MOST_REFETCHED = 0.05;

const folder = mkdtempSync(join(tmpdir(), "enginery-large-"));
const repository = join(folder, "repository");
const first = join(folder, "first-home");
let program: string;
let server: Server;
/** Archive bytes handed to the kernel since this was last set to 0. */
let sent = 0;

before(async () => {
  program = await buildProgram(folder);
  const keys = join(folder, "keys");
  await sound(program, ["repo", "init", repository, "--channel", "toys", "--keys-dir", keys]);
  const small = engineTree(folder, "toy", "1.0.0");
  await release("1.0.0", "0", "--tree", small);
  await sound(program, ["repo", "sign", repository, "--keys-dir", keys]);
  server = createServer((request, response) => serve(request.url ?? "/", request.headers.range, response));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const root = join(repository, "metadata", "1.root.json");
  await sound(program, ["install", "--home", first, "--from", url, "--channel", "toys", "--root", root]);
  await release("2.0.0", "100", "--archive", largeArchive());
  await sound(program, ["repo", "sign", repository, "--keys-dir", keys, "--epoch", "0"]);
});
after(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

test(`${KILLS} kills of an upgrade of 300 MB at random moments: no home is broken, little is fetched again`, async (context) => {
  const whole = await timed(() => sound(program, ["upgrade", "--home", homeOf("whole")], { timeoutMs: 300_000 }));
  rmSync(join(folder, "whole"), { recursive: true });
  const broken: string[] = [];
  const total = { arrived: 0, again: 0, inTime: 0 };
  for (let kill = 1; kill <= KILLS; kill++) {
    const home = homeOf(`kill-${kill}`);
    sent = 0;
    const moment = whole * Math.random();
    const unread = await killedAfter(moment, ["upgrade", "--home", home, "--yes"]);
    const arrived = Math.max(0, sent - unread);
    letLockAge(home);
    broken.push(...lookAt(home).problems.map((problem) => `killed at ${moment} ms: ${JSON.stringify(problem)}`));
    sent = 0;
    const next = await run(program, ["upgrade", "--home", home], { timeoutMs: 300_000 });
    if (next.status !== 0) broken.push(`the next upgrade: ${told(next)}`);
    broken.push(...lookAt(home).problems.map((problem) => `after the next: ${JSON.stringify(problem)}`));
    if (arrived > 0 && arrived < largeBytes()) {
      total.inTime += 1;
      total.arrived += arrived;
      total.again += Math.max(0, arrived + sent - largeBytes());
    }
    rmSync(home, { recursive: true });
  }
  requireNone(broken);
  tally(context, { cases: KILLS });
  const share = total.again / Math.max(1, total.arrived);
  context.diagnostic(
    `${total.inTime} kills within the download: ${(share * 100).toFixed(2)} % of what had arrived was fetched again`,
  );
  assert.ok(total.arrived === 0 || share < MOST_REFETCHED, `${share}`);
});

function homeOf(name: string): string {
  const home = join(folder, name);
  copyHome(first, home);
  return home;
}

async function release(version: string, validFrom: string, ...content: readonly string[]): Promise<void> {
  const name = `toy@${version}`;
  await sound(
    program,
    ["repo", "add", repository, name, "--platform", PLATFORM, ...content, "--entry", "toy=bin/toy"],
    {
      timeoutMs: 300_000,
    },
  );
  await sound(program, ["repo", "deploy", repository, name, "--valid-from", validFrom, "--epoch", "0"]);
}

/** Random bytes: what is served is what is unpacked. */
function largeArchive(): string {
  const tree = engineTree(folder, "toy", "2.0.0");
  mkdirSync(join(tree, "data"));
  for (let part = 0; part < 3; part++) writeFileSync(join(tree, "data", `${part}.bin`), randomBytes(ARCHIVE_BYTES / 3));
  const tar = execFileSync("tar", ["-cf", "-", "--owner=0", "--group=0", "-C", tree, "bin", "data", "lib", "share"], {
    maxBuffer: 2 * ARCHIVE_BYTES,
  });
  const path = join(folder, "toy-2.0.0.tar.zst");
  writeFileSync(path, zstdCompressSync(tar, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }));
  rmSync(tree, { recursive: true });
  return path;
}

function largeBytes(): number {
  return statSync(join(folder, "toy-2.0.0.tar.zst")).size;
}

function serve(url: string, range: string | undefined, response: import("node:http").ServerResponse): void {
  const file = join(repository, normalize(decodeURIComponent(url)));
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) return void response.writeHead(404).end();
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const partly = start > 0 ? { "content-range": `bytes ${start}-${size - 1}/${size}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { "content-length": size - start, ...partly });
  const { socket } = response;
  const before = socket?.bytesWritten ?? 0;
  let counted = 0;
  const count = () => {
    if (size < ARCHIVE_BYTES / 2 || socket === null) return;
    const now = socket.bytesWritten - before - socket.writableLength;
    sent += Math.max(0, now - counted);
    counted = Math.max(counted, now);
  };
  response.on("drain", count).on("close", count).on("finish", count);
  createReadStream(file, { start })
    .on("error", () => response.destroy())
    .pipe(response);
}

/** Answers how many bytes the kernel still held for the process: they had been sent and had not arrived. */
async function killedAfter(milliseconds: number, words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [program, ...words], { stdio: "ignore" });
  const ended = new Promise((done) => child.on("close", done));
  await Promise.race([pause(milliseconds), ended]);
  // Stopped first: what it has read must not grow while we look.
  child.kill("SIGSTOP");
  await pause(20);
  const unread = queuedBytes();
  child.kill("SIGKILL");
  await ended;
  // the server hears of it
  await pause(20);
  return unread;
}

/** Of the server's connections: what it has sent and the other side has not taken, what that side has and its process has not read. */
function queuedBytes(): number {
  const { port } = server.address() as AddressInfo;
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", remote = "", state]) => state === "01" && (local.endsWith(end) || remote.endsWith(end)))
    .flatMap(([, , , , queues = ""]) => queues.split(":"))
    .reduce((total, queue) => total + Number.parseInt(queue, 16), 0);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
