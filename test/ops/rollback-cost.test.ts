import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { encodeGeneration } from "../../src/core/parse-home.ts";
import { pin } from "../../src/ops/pin.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { takeSnapshot } from "../../src/ops/snapshot.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import type { World } from "../../src/ops/world.ts";
import { openHome } from "../../src/store/home.ts";
import { undurable } from "../sim/durable-order.ts";
import { type Call, interposed } from "../sim/interposed-file-system.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const world: TestWorld & Disposable = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
const home = homeOf(world);

before(async () => {
  const channel = await installedToys(world);
  await pin(world, { home, dryRun: false, pins: [{ tenant: "tenant", engine: "toy", version: "1.0.0" }] });
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
});
after(() => world[Symbol.dispose]());

test("a rollback reads each generation and the manifest once, seals and pins only where something is lost or comes back", async () => {
  const lossy = await callsOf({ to: 1 });
  assert.deepEqual(readsOf(lossy, /\/generations\/(\d+)\.json$/), ["00000002", "00000001"]);
  assert.equal(readsOf(lossy, /\/manifests\/(.+)\.json$/).length, 1);
  assert.deepEqual(readsOf(lossy, /\/engines\/toy\/(.+)\/SEAL\.json$/), [], "the newest generation has all of them");
  assert.equal(readsOf(lossy, /\/pins\/(..)\//).length, 1);

  const regaining = await callsOf({ to: 2 });
  assert.deepEqual(readsOf(regaining, /\/engines\/toy\/(.+)\/SEAL\.json$/), ["3.0.0"]);
  assert.deepEqual(readsOf(regaining, /\/pins\/(..)\//), []);
});

test("a rollback flushes nine times with one engine, and is on the disk when it returns", async () => {
  const calls = await callsOf({ to: 1 });
  const flushes = calls.filter(({ name }) => name.startsWith("sync")).map(({ path }) => path.slice(home.length + 1));
  assert.equal(flushes.length, 9, flushes.join("\n"));
  // views are made anew at any time, leases end with their process, and the ledger was there before
  const isToLast = ({ name, path }: Call) =>
    !/^(unlink|remove|openAppend)/.test(name) && !/\/(bin|lib|leases)\b/.test(path);
  const told = calls.filter(isToLast);
  assert.deepEqual(undurable(told, [`${home}/staging`, `${home}/cache`]), []);
});

test("whoever commits before the lock is had is not passed over: what it committed is read", async () => {
  const { newest } = takeSnapshot(world, { home });
  let others = 0;
  const rival: World = {
    ...world,
    lock: {
      acquire: async (...all) => {
        others += 1;
        if (others === 1) await rollback(world, { home, to: 2, dryRun: false });
        return await world.lock.acquire(...all);
      },
    },
  };
  const { generation, lost } = await rollback(rival, { home, to: 1, dryRun: false });
  assert.equal(generation, newest.number + 2);
  assert.deepEqual(
    lost.map(({ version }) => version),
    ["3.0.0"],
    "what the other one had brought back",
  );
});

test("a record that took the place of the newest one before the lock is had is read, though its number is the same", async () => {
  const { home: there, newest } = takeSnapshot(world, { home });
  const path = `${home}/generations/${String(newest.number).padStart(8, "0")}.json`;
  const other = encodeGeneration({ ...newest, trustSet: newest.trustSet + 1 }, nodeDigester.sha256);
  const rival: World = {
    ...world,
    lock: {
      acquire: async (...all) => {
        rmSync(path);
        writeFileSync(path, other);
        return await world.lock.acquire(...all);
      },
    },
  };
  const { generation } = await rollback(rival, { home, to: 1, dryRun: false });
  assert.equal(there.generations.read(generation)?.trustSet, newest.trustSet + 1);
});

test("a release that only the older generation names is missed where its seal is gone, or is of another tree", async () => {
  const { newest } = takeSnapshot(world, { home });
  assert.ok(!newest.installations.some(({ version }) => version === "3.0.0"));
  const seal = `${openHome(home, world).installations.path("toy", "3.0.0")}/SEAL.json`;
  const text = readFileSync(seal, "utf8");
  chmodSync(seal, 0o644);
  for (const other of [undefined, text.replace(/"tree":"[0-9a-f]{64}"/, `"tree":"${"0".repeat(64)}"`)]) {
    if (other === undefined) rmSync(seal);
    else writeFileSync(seal, other);
    await assert.rejects(rollback(world, { home, to: 2, dryRun: false }), (error) =>
      isEngineryError(error, "release-not-installed"),
    );
  }
  writeFileSync(seal, text);
  await rollback(world, { home, to: 2, dryRun: true });
});

test("a release that the newest generation names too, and whose folder is gone, is missed", async () => {
  rmSync(openHome(home, world).installations.path("toy", "1.0.0"), { recursive: true });
  await assert.rejects(rollback(world, { home, to: 2, dryRun: false }), (error) =>
    isEngineryError(error, "release-not-installed"),
  );
});

async function callsOf({ to }: { readonly to: number }): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const fileSystem = interposed(world.fileSystem, { before: (call) => void calls.push(call) });
  await rollback({ ...world, fileSystem }, { home, to, dryRun: false });
  return calls;
}

function readsOf(calls: readonly Call[], which: RegExp): readonly string[] {
  return calls.flatMap(({ name, path }) => (name === "readFile" ? (which.exec(path)?.[1] ?? []) : []));
}
