import assert from "node:assert/strict";
import { appendFileSync, chmodSync, cpSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { encodeGeneration } from "../../src/core/parse-home.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { prune } from "../../src/ops/prune.ts";
import { ready } from "../../src/ops/ready.ts";
import { check, upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { wayFinder } from "../../src/ops/ways.ts";
import { openHome } from "../../src/store/home.ts";
import { type Call, interposed } from "../sim/interposed-file-system.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const newWorld = () => makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });

test("an upgrade with nothing new reads as many generations, manifests and lines of the ledger, however many there are", async () => {
  using world = newWorld();
  await installedToys(world);
  const read = async () => {
    const calls = await callsOf(world, (counted) => check(counted, upgradeRequest(world)));
    return [/\/generations\/\d/, /\/manifests\/./, /ledger\.jsonl$/].map((place) => readsOf(calls, place).length);
  };
  const few = await read();
  assert.equal(few[1], 1, "the manifest is read once");
  addGenerations(world, 100);
  assert.deepEqual(await read(), few);
});

test("where a generation was lost, the ledger keeps the serial from going down", async () => {
  using world = newWorld();
  const channel = await installedToys(world);
  const home = homeOf(world);
  const before = join(world.folder, "before");
  cpSync(channel.repository, before, { recursive: true });
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  const { manifest } = openHome(home, world).generations.newest() ?? assert.fail();
  writeFileSync(join(home, "generations", "00000002.json"), "torn");
  await doctor(world, { home, fix: true });
  rmSync(join(home, "manifests", `${manifest.sha256}.json`));
  rmSync(channel.repository, { recursive: true });
  renameSync(before, channel.repository);
  for (const set of readdirSync(join(home, "trust")).slice(1)) rmSync(join(home, "trust", set), { recursive: true });
  const isRollback = (error: unknown) => isEngineryError(error, "trust-rollback") && /serial/.test(error.message);
  await assert.rejects(check(world, upgradeRequest(world)), isRollback);
});

test("what is damaged is mended from a sibling with one reading of its list, however many files ask", async () => {
  using world = newWorld();
  const channel = await installedToys(world);
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`share/${at}`, `file ${at}`]));
  await channel.release("toy", "3.0.0", { files });
  await channel.release("toy", "4.0.0", { files });
  await channel.deploy("toy", "3.0.0", 200, 50);
  await channel.deploy("toy", "4.0.0", 300, 50);
  await channel.publish(50);
  await upgrade(world, upgradeRequest(world));
  const damage = (count: number) => {
    for (let at = 0; at < count; at += 1) spoil(join(homeOf(world), "engines/toy/3.0.0/share", `${at}`));
  };
  const read = async (count: number) => {
    damage(count);
    const calls = await callsOf(world, async (counted) => {
      const { ok, repaired } = await verify(counted, verifyRequest(world, { repair: true }));
      assert.deepEqual([ok, repaired.length], [true, count]);
    });
    assert.deepEqual(readsOf(calls, /\/archives\//), [], "nothing is fetched");
    return readsOf(calls, /\/home\/trees\//).length;
  };
  const one = await read(1);
  assert.equal(await read(30), one);
});

test("a prune reads each seal as often, however many file lists go", async () => {
  const seals = async (spare: number) => {
    using world = newWorld();
    await installedToys(world);
    const { trees } = openHome(homeOf(world), world);
    for (let at = 0; at < spare; at += 1)
      trees.keep({ format: 1, files: [{ path: `${at}`, bytes: 0, sha256: "0".repeat(64), executable: false }] });
    const calls = await callsOf(world, (counted) => prune(counted, { home: homeOf(world), dryRun: false }));
    assert.equal(trees.list().length, 2, "those of what is installed stay");
    return readsOf(calls, /SEAL\.json$/).length;
  };
  assert.equal(await seals(30), await seals(1));
});

test("ready reads the quarantine once for all releases", async () => {
  using world = newWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  const calls = await callsOf(world, (counted) => ready(counted, { home: homeOf(world), quick: true }));
  assert.equal(calls.filter(({ name, path }) => name === "list" && path.endsWith("/quarantine")).length, 1);
});

test("the ways to a release are sought once, for its bytes, its plan and its fetching", () => {
  const document = { sha256: "0".repeat(64), bytes: 1 };
  const archive = { ...document, format: "tar.zst", root: "" } as const;
  const tree = { ...document, digest: document.sha256, files: 1, unpackedBytes: 1 };
  const wanted = { engine: "toy", version: "1.0.0", release: { archive, pieces: document, tree, entries: {} } };
  const waysTo = wayFinder(undefined, true);
  assert.equal(waysTo(wanted), waysTo(wanted));
});

/** As many that say the same as the newest, and a line of the ledger for each. */
function addGenerations(world: TestWorld, more: number): void {
  const { generations, ledger } = openHome(homeOf(world), world);
  const newest = generations.newest() ?? assert.fail();
  for (let number = newest.number + 1; number <= newest.number + more; number += 1) {
    const name = `${homeOf(world)}/generations/${String(number).padStart(8, "0")}.json`;
    writeFileSync(name, encodeGeneration({ ...newest, number }, world.digester.sha256));
    ledger.append({ at: newest.at, operation: newest.operation, verb: "rollback", from: number - 1, to: number });
  }
}

function spoil(path: string): void {
  chmodSync(path, 0o644);
  appendFileSync(path, "spoiled");
  chmodSync(path, 0o444);
}

async function callsOf(world: TestWorld, act: (counted: TestWorld) => Promise<unknown>): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const fileSystem = interposed(world.fileSystem, { before: (call) => void calls.push(call) });
  await act({ ...world, fileSystem });
  return calls;
}

function readsOf(calls: readonly Call[], place: RegExp): readonly Call[] {
  return calls.filter(({ name, path }) => /^read/.test(name) && place.test(path));
}
