import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type ErrorCode, isEngineryError } from "../../src/core/errors.ts";
import type { Guard } from "../../src/core/model/manifest.ts";
import type { GuardRules } from "../../src/core/release-proofs.ts";
import { exec } from "../../src/ops/exec.ts";
import { requireGuard } from "../../src/ops/guard.ts";
import { install } from "../../src/ops/install.ts";
import { takeSnapshot } from "../../src/ops/snapshot.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { which } from "../../src/ops/which.ts";
import { homeOf, installRequest, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel } from "../support/toy-channel.ts";

/** 1.0.0 reads files that begin with "one ", 2.0.0 those that begin with "two ", 3.0.0 promises nothing. */
async function guarded(world: TestWorld) {
  const channel = await makeToyChannel(world);
  const reads = (text: string): GuardRules => ({
    files: true,
    inputs: [{ after: "-r", offset: 0, bytes: [Buffer.from(text).toString("hex")] }],
  });
  await channel.release("toy", "1.0.0", { guards: reads("one ") });
  await channel.release("toy", "2.0.0", { guards: reads("two ") });
  await channel.release("toy", "3.0.0");
  await channel.deploy("toy", "1.0.0", 0);
  await channel.deploy("toy", "2.0.0", 100);
  await channel.deploy("toy", "3.0.0", 200);
  await channel.publish(10);
  await install(world, installRequest(world, channel));
  return channel;
}

/** What `exec` starts is recorded in place of it: this process goes on. */
function starting(world: TestWorld) {
  const started: string[] = [];
  const replace = async (file: string, args: readonly string[]) => {
    started.push([file.slice(homeOf(world).length), ...args].join(" "));
    return 0;
  };
  const run = (epoch: number, ...args: readonly string[]) =>
    exec(
      { ...world, children: { ...world.children, replace } },
      { home: homeOf(world), engine: "toy", epoch, args, env: {} },
    );
  return { run, started };
}

async function refused(code: ErrorCode, run: () => Promise<unknown>) {
  const error: unknown = await run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isEngineryError(error)) throw error ?? new Error("It was not refused.");
  assert.equal(error.code, code, error.message);
  return error;
}

const traces = (world: TestWorld) => ({
  leases: readdirSync(join(homeOf(world), "leases")),
  ledger: readFileSync(join(homeOf(world), "ledger.jsonl"), "utf8"),
});

test("every file is held against the signed list before each start, and nothing may lie beside them", async () => {
  using world = makeTestWorld();
  await guarded(world);
  const { run, started } = starting(world);
  assert.equal(await run(50, "x"), 0);
  assert.deepEqual(started, ["/engines/toy/1.0.0/toy x"]);
  const folder = join(homeOf(world), "engines/toy/1.0.0");
  const notes = join(folder, "share/notes.txt");
  const content = readFileSync(notes);
  const harms: readonly (readonly [path: string, harm: () => void])[] = [
    [
      "share/notes.txt",
      () => {
        chmodSync(notes, 0o644);
        writeFileSync(notes, content.with(7, 0x21));
        chmodSync(notes, 0o444);
      },
    ],
    ["share/notes.txt", () => rmSync(notes)],
    ["supervisor.js", () => writeFileSync(join(folder, "supervisor.js"), "another")],
  ];
  for (const [path, harm] of harms) {
    harm();
    const before = traces(world);
    const { message, hint } = await refused("installation-damaged", () => run(50, "x"));
    assert.ok(message.includes(path), message);
    assert.equal(hint, "Mend it: enginery verify --repair toy@1.0.0");
    assert.deepEqual(traces(world), before, "no lease and no line in the ledger");
    const { ok } = await verify(world, verifyRequest(world, { repair: true }));
    assert.ok(ok);
    await run(50, "mended");
  }
  assert.equal(started.length, 1 + harms.length);
  const list = join(homeOf(world), "trees", readdirSync(join(homeOf(world), "trees")).find(isOf(world)) ?? "");
  rmSync(list);
  assert.match((await refused("installation-damaged", () => run(50))).message, /list of files is not there/);
});

/** The file list of what 1.0.0 is. */
function isOf(world: TestWorld) {
  const { newest } = takeSnapshot(world, { home: homeOf(world) });
  const tree = newest.installations.find(({ version }) => version === "1.0.0")?.tree;
  return (name: string) => name === `${tree}.json`;
}

test("a release without a guard starts whatever its other files are", async () => {
  using world = makeTestWorld();
  await guarded(world);
  const { run, started } = starting(world);
  writeFileSync(join(homeOf(world), "engines/toy/3.0.0/beside"), "");
  await run(250, "-r", "/nowhere");
  assert.deepEqual(started, ["/engines/toy/3.0.0/toy -r /nowhere"]);
});

test("a file that another release wrote is refused before the start, and the one that reads it is named", async () => {
  using world = makeTestWorld();
  await guarded(world);
  const { run, started } = starting(world);
  const file = (name: string, text: string) => {
    writeFileSync(join(world.folder, name), text);
    return join(world.folder, name);
  };
  const one = file("one.xss", "one rest");
  await run(50, "-r", one);
  const before = traces(world);
  const error = await refused("input-mismatch", () => run(150, "-i", "1", "-r", one, "vat"));
  const told = `-r "${one}" is not what toy@2.0.0 reads: from byte 0 it holds 6f6e6520, and needed is 74776f20.`;
  assert.deepEqual([error.message, error.hint], [told, "Installed here, toy@1.0.0 reads it."]);
  assert.deepEqual(error.context["readBy"], ["1.0.0"]);
  const strange = await refused("input-mismatch", () => run(150, "-r", file("three", "three")));
  assert.match(strange.hint, /No installed release of toy/);
  assert.match((await refused("input-mismatch", () => run(50, "-r", file("cut", "one")))).message, /holds 6f6e65,/);
  assert.match((await refused("input-mismatch", () => run(50, "-r", file("no", "")))).message, /it has ended/);
  await refused("input-mismatch", () => run(50, "-r", one, "-r", file("two", "two ")));
  assert.deepEqual(traces(world), before, "no lease and no line in the ledger");
  assert.equal(started.length, 1);
});

test("what is no file cannot be looked at, and a pipe is not waited for", {
  skip: process.platform === "win32",
}, async () => {
  using world = makeTestWorld();
  await guarded(world);
  const { run, started } = starting(world);
  const at = (name: string) => join(world.folder, name);
  execFileSync("mkfifo", [at("pipe")]);
  mkdirSync(at("folder"));
  symlinkSync("pipe", at("to-pipe"));
  symlinkSync("loop", at("loop"));
  for (const path of ["nowhere", "pipe", "folder", "to-pipe", "loop", "pipe/x"]) {
    const { message } = await refused("input-mismatch", () => run(50, "-r", at(path)));
    assert.ok(message.includes("names no file"), message);
  }
  for (const words of ["@8:vat", ""]) await refused("input-mismatch", () => run(50, "-r", words));
  assert.deepEqual(started, []);
  writeFileSync(at("one.xss"), "one rest");
  symlinkSync("one.xss", at("near"));
  symlinkSync(at("near"), at("far"));
  await run(50, "-r", at("far"));
  assert.equal(started.length, 1);
});

test("what this Enginery cannot check is not started", async () => {
  using world = makeTestWorld();
  await guarded(world);
  const home = homeOf(world);
  const guard: Guard = { unknown: ["cgroup"] };
  const { path, why: _, ...found } = await which(world, { home, engine: "toy", epoch: 50 });
  const resolution = { ...found, entryPoint: { path, kind: "executable", guard } } as const;
  await refused("guard-unknown", async () => requireGuard(world, takeSnapshot(world, { home }), resolution, []));
});

test("which tells of the guard", async () => {
  using world = makeTestWorld();
  await guarded(world);
  const ask = (epoch: number) => which(world, { home: homeOf(world), engine: "toy", epoch });
  const { guard, why } = await ask(150);
  assert.deepEqual(guard, { files: "tree", inputs: [{ after: "-r", offset: 0, bytes: ["74776f20"] }] });
  const last = 'It is guarded: `enginery exec` first checks every file of the release, the file that follows "-r".';
  assert.equal(why.at(-1), last);
  assert.equal((await ask(250)).guard, undefined);
});

test("a guard that a later manifest gives to an installed release holds from the next upgrade on", async () => {
  using world = makeTestWorld();
  const channel = await guarded(world);
  const { run, started } = starting(world);
  await run(250, "-r", "/nowhere");
  await channel.release("toy", "3.0.0", {
    guards: { files: false, inputs: [{ after: "-r", offset: 0, bytes: ["00"] }] },
  });
  await channel.publish(20);
  const { downloadedBytes } = await upgrade(world, upgradeRequest(world));
  assert.equal(downloadedBytes, 0);
  await refused("input-mismatch", () => run(250, "-r", "/nowhere"));
  assert.equal(started.length, 1);
  const index = join(
    homeOf(world),
    "index",
    readdirSync(join(homeOf(world), "index"))
      .sort()
      .at(-1) ?? "",
    "toy",
  );
  assert.match(readFileSync(index, "utf8"), /^200 3\.0\.0 2 /m, "no launcher starts it");
});
