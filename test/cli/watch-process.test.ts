import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf } from "../support/operator-requests.ts";
import { makeTestWorld } from "../support/test-world.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const WAIT_MS = 30_000;
const world = makeTestWorld();
const home = homeOf(world);
const source = join(world.folder, "epoch");
const running = new Set<ChildProcess>();

before(async () => {
  await installedToys(world);
  writeFileSync(source, "60\n");
});
after(() => {
  for (const child of running) child.kill("SIGKILL");
  world[Symbol.dispose]();
});

interface Started {
  readonly child: ChildProcess;
  readonly said: { stdout: string; stderr: string };
  readonly ended: Promise<[status: number | null, signal: string | null]>;
}

function start(...words: readonly string[]): Started {
  const child = spawn(process.execPath, [MAIN, "watch", "--home", home, "--interval", "1", ...words], {
    env: { PATH: process.env["PATH"] ?? "", HOME: world.folder, ENGINERY_EPOCH_SOURCES: `file:${source}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  const ended = once(child, "close").then(([status, signal]): [number | null, string | null] => {
    running.delete(child);
    return [status, signal];
  });
  return { child, said, ended };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const began = Date.now(); !condition(); await wait(20)) {
    if (Date.now() - began > WAIT_MS) throw new Error(`It never came to this: ${what}.`);
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const observed = () => JSON.parse(readFileSync(join(home, "clock/observed.json"), "utf8")).epoch;

test("a real process follows a file, says so in lines, and ends within a second with 0", async () => {
  const { child, said, ended } = start("--verbose");
  await until(() => said.stderr.includes("proven: toy@1.0.0"), "a proof");
  writeFileSync(source, "61\n");
  await until(() => observed() === 61, "61");
  const asked = performance.now();
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
  assert.ok(performance.now() - asked < 2_000, `${performance.now() - asked} ms, most of them another's load`);
  assert.match(said.stderr, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ follows file:/m);
  assert.match(said.stderr, /starting -> following/);
  assert.match(said.stderr, /epoch 61 \(before: 60, said by file:/);
  assert.equal(said.stdout, "Stopped: epoch 61, generation 1, 0 alarms.\n");
  assert.equal(existsSync(join(home, "clock/watcher.json")), false);
});

test("with --json: lines of JSON on stderr, one document on stdout; a second one exits 6 and says who is there", async () => {
  const { child, said, ended } = start("--json");
  await until(() => said.stderr.includes('"mode"'), "following");
  const second = start("--json");
  assert.deepEqual(await second.ended, [6, null]);
  assert.match(JSON.parse(second.said.stdout).error.message, new RegExp(`process ${child.pid}`));
  child.kill("SIGINT");
  assert.deepEqual(await ended, [0, null]);
  const events = said.stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual([events[0].event, events.at(-1).event], ["following", "ending"]);
  assert.equal(JSON.parse(said.stdout).ended, "stopped");
});

test("killed and started again it goes on; SIGHUP has it look at once", async () => {
  const { child, said, ended } = start();
  await until(() => said.stderr.includes("following"), "following");
  child.kill("SIGKILL");
  assert.deepEqual(await ended, [null, "SIGKILL"]);
  assert.ok(existsSync(join(home, "clock/watcher.json")), "its claim is left, and void");
  const again = start("--interval", "3600");
  await until(() => again.said.stderr.includes("-> following"), "following again");
  writeFileSync(source, "62\n");
  again.child.kill("SIGHUP");
  await until(() => observed() === 62, "62");
  again.child.kill("SIGTERM");
  assert.deepEqual(await again.ended, [0, null]);
});

test("an alarm command that is still running as watch ends is ended with it, and all that it started", async () => {
  const pids = join(world.folder, "pids");
  const config = join(home, "config.json");
  const before = readFileSync(config, "utf8");
  const command = ["sh", "-c", `sleep 300 & echo $$ $! >> '${pids}'; sleep 300`];
  writeFileSync(config, JSON.stringify({ ...JSON.parse(before), alarmCommand: command, reserveBytes: 2 ** 52 }));
  try {
    const { child, said, ended } = start();
    await until(() => existsSync(pids) && readFileSync(pids, "utf8").endsWith("\n"), "an alarm command");
    const asked = performance.now();
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], said.stderr);
    assert.ok(performance.now() - asked < 10_000, `${performance.now() - asked} ms, most of them another's load`);
    const left = readFileSync(pids, "utf8").trim().split(/\s+/).map(Number);
    await until(() => left.every((pid) => !isThere(pid)), `${left} are gone`);
  } finally {
    writeFileSync(config, before);
  }
});

test("--once exits 0, and 10 with an alarm; settings that cannot be used exit 2", async () => {
  const sound = start("--once");
  assert.deepEqual(await sound.ended, [0, null], sound.said.stderr);
  writeFileSync(source, "soon\n");
  rmSync(join(home, "clock/observed.json"));
  const alarmed = start("--once", "--json");
  assert.deepEqual(await alarmed.ended, [10, null]);
  const { ended, epoch, alarms } = JSON.parse(alarmed.said.stdout);
  assert.deepEqual([ended, epoch, alarms[0].kind], ["once", null, "epoch-unknown"]);
  for (const words of [
    ["--metrics", "0.0.0.0:9464"],
    ["--interval", "0"],
    ["--source", "nonsense"],
  ]) {
    const refused = start(...words);
    assert.deepEqual(await refused.ended, [2, null], words.join(" "));
  }
});
