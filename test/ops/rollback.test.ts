import assert from "node:assert/strict";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import { history } from "../../src/ops/history.ts";
import { list } from "../../src/ops/list.ts";
import { observe } from "../../src/ops/observe.ts";
import { quarantine } from "../../src/ops/quarantine.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

async function upgraded(world: TestWorld) {
  const channel = await installedToys(world);
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  return channel;
}

test("the reason of a forced rollback stands in the ledger and in the generation", async () => {
  using world = makeTestWorld();
  await upgraded(world);
  await observe(world, { home: homeOf(world), epoch: 200, dryRun: false });
  await rollback(world, { home: homeOf(world), force: "told by the network", dryRun: false });
  const { generations, ledger } = await history(world, { home: homeOf(world) });
  assert.equal(generations.at(-1)?.reasons?.["force"], "told by the network");
  assert.equal(ledger.at(-1)?.detail?.["force"], "told by the network");
});

test("a release marked bad is not taken again by a newer serial, and is told, until its quarantine is lifted", async () => {
  using world = makeTestWorld();
  const channel = await upgraded(world);
  await rollback(world, { home: homeOf(world), markBad: "traps at start", dryRun: false });
  await channel.release("toy", "4.0.0");
  await channel.deploy("toy", "4.0.0", 300, 50);
  await channel.publish(50);
  const { installed, failed } = await upgrade(world, upgradeRequest(world));
  assert.deepEqual(
    installed.map(({ version }) => version),
    ["4.0.0"],
  );
  assert.deepEqual(
    failed.map(({ version, code }) => [version, code]),
    [["3.0.0", "release-quarantined"]],
  );
  const { quarantined } = await quarantine(world, { home: homeOf(world), dryRun: true });
  assert.deepEqual(
    quarantined.map(({ version, reason }) => [version, reason]),
    [["3.0.0", "traps at start"]],
  );
  await quarantine(world, { home: homeOf(world), lift: quarantined[0]?.tree ?? assert.fail(), dryRun: false });
  await upgrade(world, upgradeRequest(world));
  const { engines } = await list(world, { home: homeOf(world) });
  assert.ok(engines.some(({ version }) => version === "3.0.0"));
});

test("where what was marked bad is in effect, an upgrade commits nothing", async () => {
  using world = makeTestWorld();
  const channel = await upgraded(world);
  await rollback(world, { home: homeOf(world), markBad: "traps at start", dryRun: false });
  await observe(world, { home: homeOf(world), epoch: 200, dryRun: false });
  await channel.release("toy", "4.0.0");
  await channel.deploy("toy", "4.0.0", 300, 200);
  await channel.publish(200);
  const before = (await list(world, { home: homeOf(world) })).generation;
  await assert.rejects(upgrade(world, upgradeRequest(world)), (error) => isEngineryError(error, "release-quarantined"));
  assert.equal((await list(world, { home: homeOf(world) })).generation, before);
});
