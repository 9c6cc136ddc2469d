import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { encodeGeneration } from "../../src/core/parse-home.ts";
import { pin } from "../../src/ops/pin.ts";
import { prune } from "../../src/ops/prune.ts";
import { openHome } from "../../src/store/home.ts";
import { type Call, interposed } from "../sim/interposed-file-system.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const world: TestWorld & Disposable = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
const home = homeOf(world);

before(async () => {
  await installedToys(world);
  const pins = Array.from({ length: 40 }, (_, at) => ({ tenant: `t-${at}`, engine: "toy", version: "1.0.0" }));
  await pin(world, { home, dryRun: false, pins });
});
after(() => world[Symbol.dispose]());

test("where nothing goes prune reads every pin once", async () => {
  const { removed } = await prune(world, { home, dryRun: false });
  assert.deepEqual(removed, []);
  const calls = await callsOf();
  assert.equal(calls.filter(({ name, path }) => name === "readFile" && /\/pins\/../.test(path)).length, 40);
});

test("the generations beyond the horizon go with as many looks at their folder, however many they are", async () => {
  const few = await looksAfter(3);
  assert.deepEqual(openHome(home, world).generations.numbers().length, 3);
  assert.equal(await looksAfter(200), few);
  assert.deepEqual(openHome(home, world).generations.numbers().length, 3);
});

/** How often a prune lists or flushes generations/ when so many more are there. */
async function looksAfter(more: number): Promise<number> {
  const { generations } = openHome(home, world);
  const newest = generations.newest();
  assert.ok(newest !== undefined);
  const folder = `${home}/generations`;
  for (let number = newest.number + 1; number <= newest.number + more; number++) {
    const name = `${folder}/${String(number).padStart(8, "0")}.json`;
    writeFileSync(name, encodeGeneration({ ...newest, number }, world.digester.sha256));
  }
  const calls = await callsOf();
  return calls.filter(({ name, path }) => path === folder && /list|sync/i.test(name)).length;
}

async function callsOf(): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const fileSystem = interposed(world.fileSystem, { before: (call) => void calls.push(call) });
  await prune({ ...world, fileSystem }, { home, dryRun: false });
  return calls;
}
