import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { ConformanceClient } from "../../src/adapters/tuf/conformance.ts";
import { newKeys, TufSimulator } from "../support/tuf-simulator.ts";
import { delegate, Scene } from "./support/scene.ts";

const PROGRAM = fileURLToPath(new URL("../../src/tuf-client.ts", import.meta.url));
const PRELOAD = new URL("./support/kill-at-call.mjs", import.meta.url).href;
const MOST_POINTS = 200;

interface Killing {
  /** Words before the program, and its environment, that kill it at the n-th call of a kind. */
  readonly at: (kind: string, nth: number, folder: string) => Start;
  readonly kinds: readonly string[];
}

interface Start {
  readonly through: readonly string[];
  readonly env: Record<string, string>;
}

const inProcess: Killing = {
  kinds: ["any"],
  at: (_kind, nth) => ({ through: [process.execPath, "--import", PRELOAD], env: { KILL_AT: String(nth) } }),
};

/** By path, since Node's own threads make calls too; kind by kind, since strace counts each for itself. */
const byStrace: Killing = {
  kinds: ["openat", "write", "fsync", "rename"],
  at: (kind, nth, folder) => {
    const files = ["root", "timestamp", "snapshot", "targets"].flatMap((role) => [`${role}.json`, `${role}.json.new`]);
    const paths = [folder, ...files.map((file) => join(folder, file))].flatMap((path) => ["-P", path]);
    const inject = ["-e", `trace=${kind}`, "-e", `inject=${kind}:signal=KILL:when=${nth}`];
    return { through: ["strace", "-f", "-qq", "-o", "/dev/null", ...paths, ...inject, process.execPath], env: {} };
  },
};

async function run(words: readonly string[], { through, env }: Start): Promise<string> {
  const [command = "", ...rest] = [...through, PROGRAM, ...words];
  const child = spawn(command, rest, {
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  return new Promise((done) => {
    child.on("close", (status, signal) => {
      if (signal === "SIGKILL" || status === 137) done("killed");
      else done(status === 0 ? "done" : said);
    });
  });
}

/** Whose expiries suit the clock of a process that is not told the time. */
function repositoryOfToday(): TufSimulator {
  const simulator = new TufSimulator();
  simulator.now = Math.floor(Date.now() / 1000) * 1000;
  simulator.publishRoot();
  simulator.publish();
  return simulator;
}

/** Bytes by name of the files that count. */
function contents(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), "latin1")]));
}

interface Work {
  readonly words: (folder: string) => string[];
  /** The same in this process, which is faster. */
  readonly again: (client: ConformanceClient, folder: string) => unknown;
}

/** Kills at every call in turn; after each, every file is the one of before or the one of after, and the next call mends it. */
async function killEverywhere(t: TestContext, killing: Killing, scene: Scene, work: Work): Promise<number> {
  const start = join(scene.folder, "start");
  const goal = join(scene.folder, "goal");
  if (existsSync(scene.metadata)) cpSync(scene.metadata, start, { recursive: true });
  else mkdirSync(start);
  cpSync(start, goal, { recursive: true });
  await work.again(scene.client(goal), goal);
  const [before, after] = [contents(start), contents(goal)];
  assert.notDeepEqual(before, after);
  let kills = 0;
  for (const kind of killing.kinds) {
    for (let nth = 1, ended = "killed"; ended === "killed"; nth += 1) {
      const folder = join(scene.folder, `killed-${kind}-${nth}`);
      const where = `killed at ${kind} ${nth}`;
      cpSync(start, folder, { recursive: true });
      ended = await run(work.words(folder), killing.at(kind, nth, folder));
      for (const [name, bytes] of contents(folder)) {
        assert.ok(bytes === after.get(name) || bytes === before.get(name), `${where}: ${name}`);
      }
      for (const name of before.keys()) assert.ok(existsSync(join(folder, name)), `${where}: ${name}`);
      await work.again(scene.client(folder), folder);
      assert.deepEqual(contents(folder), after, where);
      assert.match(ended, /^(killed|done)$/);
      assert.ok(nth < MOST_POINTS, "the client comes to its end");
      if (ended === "killed") kills += 1;
    }
  }
  t.diagnostic(`${kills} kills, 0 broken`);
  return kills;
}

function straceMissing(): string | false {
  const works = spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "true"]).status === 0;
  return works ? false : "no strace that may trace";
}

/** Begun and refreshed; then every role has a new version, and the timestamp a new key. */
async function changed(): Promise<Scene> {
  const simulator = repositoryOfToday();
  const scene = Scene.begun(simulator);
  await scene.refresh();
  simulator.keys.timestamp = newKeys(1);
  simulator.publishRoot();
  simulator.publish();
  return scene;
}

for (const [how, killing, skip] of [
  ["in the process", inProcess, false],
  ["by strace", byStrace, straceMissing()],
] as const) {
  test(`killed at every call while a refresh is written, ${how}`, { skip }, async (t) => {
    using scene = await changed();
    await using server = await scene.simulator.serve();
    const url = `${server.base}/metadata`;
    const kills = await killEverywhere(t, killing, scene, {
      words: (folder) => ["--metadata-dir", folder, "--metadata-url", url, "refresh"],
      again: (client) => client.refresh(`${scene.simulator.base}/metadata`),
    });
    // open, write, flush and rename of four files, and the flush of their folder
    assert.ok(kills >= 20, String(kills));
  });
}

test("killed at every call of init", async (t) => {
  using scene = new Scene(repositoryOfToday());
  const root = scene.rootFile();
  const kills = await killEverywhere(t, inProcess, scene, {
    words: (folder) => ["--metadata-dir", folder, "init", root],
    again: (client) => client.init(root),
  });
  assert.ok(kills >= 5, String(kills));
});

test("killed at every call of a download by way of a delegated role: what is there is whole", async (t) => {
  const simulator = repositoryOfToday();
  delegate(simulator, [{ name: "A", keys: newKeys(1), files: { "file.json": "hello".repeat(1000) } }]);
  using scene = Scene.begun(simulator);
  await scene.refresh();
  await using server = await simulator.serve();
  const kills = await killEverywhere(t, inProcess, scene, {
    words: (folder) => [
      ...["--metadata-dir", folder, "--metadata-url", `${server.base}/metadata`, "--target-name", "file.json"],
      ...["--target-base-url", `${server.base}/targets`, "--target-dir", folder, "download"],
    ],
    again: (client, folder) => {
      const { base } = simulator;
      return client.download(`${base}/metadata`, { names: ["file.json"], baseUrl: `${base}/targets`, folder });
    },
  });
  assert.ok(kills >= 10, String(kills));
});
