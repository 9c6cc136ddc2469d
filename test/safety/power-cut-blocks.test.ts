import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { blockLogMissing } from "./power-cut/block-log.ts";
import { disksMissing } from "./power-cut/disk.ts";
import { replayEveryFlush } from "./power-cut/replay.ts";
import { prepareStage, type Stage } from "./support/scenes.ts";
import { requireNone, tally } from "./support/tally.ts";

const KINDS = ["ext4", "xfs", "btrfs"] as const;
const missing = disksMissing(...KINDS) ?? blockLogMissing();
const seed = Number(process.env["ENGINERY_SAFETY_SEED"] ?? 20_270_101);
let world: (TestWorld & Disposable) | undefined;
let stage: (Stage & Disposable) | undefined;

before(async () => {
  if (missing !== undefined) return;
  world = makeTestWorld();
  world.time = Date.now();
  stage = await prepareStage();
});
after(() => {
  stage?.[Symbol.dispose]();
  world?.[Symbol.dispose]();
});

test("mutant: a life that flushes nothing is caught", { skip: missing ?? false }, async () => {
  if (world === undefined || stage === undefined) throw new Error("Nothing is prepared.");
  const mutant = unsynced(nodeFileSystem());
  const { broken } = await replayEveryFlush({ kind: "ext4", world, stage, seed, subsets: 4, mutant });
  assert.notDeepEqual(broken, []);
});

for (const kind of KINDS) {
  test(`${kind}: power cut at every flush of the disk and within what lies between`, {
    skip: missing ?? false,
  }, async (context) => {
    if (world === undefined || stage === undefined) throw new Error("Nothing is prepared.");
    const { flushes, states, broken } = await replayEveryFlush({ kind, world, stage, seed, subsets: 2 });
    context.diagnostic(`${states} states of ${flushes} flushes, seed ${seed}`);
    tally(context, { cases: states });
    requireNone(broken);
  });
}
