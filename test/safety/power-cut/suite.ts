import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../../src/adapters/node-file-system.ts";
import { unsynced } from "../../sim/unsynced-file-system.ts";
import { makeTestWorld, type TestWorld } from "../../support/test-world.ts";
import { prepareStage, type Stage } from "../support/scenes.ts";
import { requireNone, tally } from "../support/tally.ts";
import { type Disk, type DiskKind, disksMissing, makeDisk } from "./disk.ts";
import { cutAtEveryPoint } from "./matrix.ts";
import { VERBS } from "./verbs.ts";

/** The whole matrix on one kind of file system. */
export function powerCutSuite(kind: DiskKind): void {
  const missing = disksMissing(kind);
  let world: (TestWorld & Disposable) | undefined;
  let stage: (Stage & Disposable) | undefined;
  let disk: Disk | undefined;

  before(async () => {
    if (missing !== undefined) return;
    world = makeTestWorld();
    world.time = Date.now();
    stage = await prepareStage();
    disk = makeDisk(kind);
  });
  after(() => {
    disk?.[Symbol.dispose]();
    stage?.[Symbol.dispose]();
    world?.[Symbol.dispose]();
  });

  test(`mutant: an upgrade that flushes nothing is caught on ${kind}`, { skip: missing ?? false }, async () => {
    const upgrade = VERBS.find(({ name }) => name === "upgrade");
    if (world === undefined || stage === undefined || disk === undefined || upgrade === undefined)
      throw new Error("Nothing is prepared.");
    const mutant = unsynced(nodeFileSystem());
    const { broken } = await cutAtEveryPoint({ world, stage, disk, log: true, mutant }, upgrade);
    assert.notDeepEqual(broken, []);
  });

  for (const log of [false, true]) {
    for (const verb of VERBS) {
      const how = log ? "with the log flushed" : "at once";
      test(`${verb.name}: power cut ${how} before every flush and name on ${kind}`, {
        skip: missing ?? false,
      }, async (context) => {
        if (world === undefined || stage === undefined || disk === undefined) throw new Error("Nothing is prepared.");
        const { cuts, broken } = await cutAtEveryPoint({ world, stage, disk, log }, verb);
        context.diagnostic(`${cuts} power cuts`);
        tally(context, { cases: cuts });
        requireNone(broken);
      });
    }
  }
}
