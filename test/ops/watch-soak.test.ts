import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { lookAt } from "../safety/checker.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { type Watching, watching } from "./support/watching.ts";

const BEFORE = 500;
const POLLS = Number(process.env["ENGINERY_SOAK_READINGS"] ?? 2_000);
/** What the engine of Node keeps for itself moves by this much; a kilobyte for each reading would be more. */
const HEAP_MOVES = 1_500_000;

test("2,500 readings, with what goes wrong in between: memory and file handles stay as they were", async (context) => {
  await using it = await watching({ sources: 3, world: { fileSystem: unsynced(nodeFileSystem()) } });
  const polls = counted(it);
  it.begin({ settings: { watchCheckEvery: 600, epochMaxAge: 60 } });
  await soak(it, polls, BEFORE);
  const before = held();
  await soak(it, polls, BEFORE + POLLS);
  const after = held();
  context.diagnostic(
    `${polls.count} readings; heap ${before.heap} then ${after.heap}, handles ${before.handles} then ${after.handles}`,
  );
  assert.ok(after.heap - before.heap < HEAP_MOVES, `the heap grew from ${before.heap} to ${after.heap}`);
  assert.ok(after.handles <= before.handles, `${before.handles} file handles, then ${after.handles}`);
  assert.equal((await it.stop()).ended, "stopped");
  assert.deepEqual(lookAt(it.home).problems, []);
});

/** How often all sources were asked. */
function counted({ world }: Watching): { count: number } {
  const polls = { count: 0 };
  const { epochSource } = world;
  let names = 0;
  const counting: typeof epochSource = async (spec) => {
    const source = await epochSource(spec);
    const isFirst = names++ % 3 === 0;
    const read: typeof source.read = (how) => {
      if (isFirst) polls.count += 1;
      return source.read(how);
    };
    return { ...source, read };
  };
  Object.assign(world, { epochSource: counting });
  return polls;
}

/** The epoch rises; now and then one source or all are silent, one lies, or everything is to be looked at anew. */
async function soak(it: Watching, polls: { readonly count: number }, until: number): Promise<void> {
  for (let turn = 0; polls.count < until; turn += 1) {
    const epoch = 50 + Math.floor(polls.count / 60);
    for (const source of [0, 1, 2]) it.say(turn % 7 === 3 ? undefined : epoch, source);
    if (turn % 5 === 1) it.say(undefined, 1);
    if (turn % 5 === 2) it.say(9_000, 2);
    if (turn % 11 === 0) it.reload();
    await it.timer.pass(60_000);
    it.events.length = 0;
    it.world.fetched.length = 0;
    it.world.warnings.length = 0;
  }
}

function held(): { readonly heap: number; readonly handles: number } {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  for (let times = 0; times < 3; times += 1) collect();
  const handles = existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0;
  return { heap: process.memoryUsage().heapUsed, handles };
}
