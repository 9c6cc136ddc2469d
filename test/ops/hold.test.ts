import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { history } from "../../src/ops/history.ts";
import { hold, unhold } from "../../src/ops/hold.ts";
import { observe } from "../../src/ops/observe.ts";
import { status } from "../../src/ops/status.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { lookAt } from "../safety/checker.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { archivesFetched, makeTestWorld, type TestWorld } from "../support/test-world.ts";

const DAY_MS = 86_400_000;
const words = (world: TestWorld, more: object = {}) => ({ home: homeOf(world), dryRun: false, ...more });
const versions = async (world: TestWorld) => (await upgrade(world, upgradeRequest(world))).installed.length;

test("a hold stops automatic upgrades and no other, and says so", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  const said = await hold(world, words(world, { until: "24h", reason: "moving the rack" }));
  assert.deepEqual([said.changed, said.before, said.hold?.until], [true, null, "2027-01-02T00:00:00Z"]);
  const held = await upgrade(world, upgradeRequest(world, { automatic: true }));
  assert.match(held.held ?? "", /hold stops automatic upgrades until 2027-01-02T00:00:00Z/);
  assert.deepEqual([held.changed, held.generation, archivesFetched(world).length], [false, 1, 2]);
  assert.equal((await status(world, words(world))).hold?.reason, "moving the rack");
  assert.equal(await versions(world), 1, "what a person asks for goes on");
  assert.deepEqual(lookAt(homeOf(world)).problems, []);
});

test("at its end automatic upgrades go on by themselves", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  await hold(world, words(world, { until: "24h" }));
  world.time += DAY_MS;
  assert.equal((await status(world, words(world))).hold, null);
  assert.equal((await upgrade(world, upgradeRequest(world, { automatic: true }))).held, undefined);
});

test("a hold until an epoch ends when it was observed", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  await hold(world, words(world, { until: "epoch:60" }));
  await observe(world, { ...words(world), epoch: 59 });
  assert.match((await upgrade(world, upgradeRequest(world, { automatic: true }))).held ?? "", /until epoch 60/);
  await observe(world, { ...words(world), epoch: 60 });
  assert.equal((await upgrade(world, upgradeRequest(world, { automatic: true }))).held, undefined);
});

test("unhold ends it; said twice, both change nothing more", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const first = await hold(world, words(world, { reason: "why" }));
  world.time += 1000;
  const again = await hold(world, words(world, { reason: "why" }));
  assert.deepEqual([again.changed, again.hold], [false, first.hold]);
  const ended = await unhold(world, words(world));
  assert.deepEqual([ended.changed, ended.before, ended.hold], [true, first.hold, null]);
  assert.equal((await unhold(world, words(world))).changed, false);
  assert.equal(existsSync(join(homeOf(world), "hold.json")), false);
  const { ledger } = await history(world, words(world));
  assert.deepEqual(
    ledger.map(({ verb }) => verb).filter((verb) => verb.endsWith("hold")),
    ["hold", "unhold"],
  );
});

test("a dry run writes nothing", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  assert.equal((await hold(world, words(world, { dryRun: true }))).dryRun, true);
  assert.equal(existsSync(join(homeOf(world), "hold.json")), false);
  await hold(world, words(world));
  assert.equal((await unhold(world, words(world, { dryRun: true }))).changed, true);
  assert.equal(existsSync(join(homeOf(world), "hold.json")), true);
});

test("a hold that cannot be read stops automatic upgrades; doctor writes one without an end, unhold ends it", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  await hold(world, words(world, { until: "24h" }));
  const file = join(homeOf(world), "hold.json");
  const spoil = () => writeFileSync(file, readFileSync(file).subarray(0, 10));
  spoil();
  const refusal = (error: unknown) => isEngineryError(error, "home-damaged");
  await assert.rejects(upgrade(world, upgradeRequest(world, { automatic: true })), refusal);
  assert.equal((await upgrade(world, upgradeRequest(world))).held, undefined);
  assert.match((await status(world, words(world))).problems.map(({ code }) => code).join(), /home-damaged/);
  assert.equal((await doctor(world, { home: homeOf(world), fix: false })).ok, false);
  await doctor(world, { home: homeOf(world), fix: true });
  const { hold: standing } = await status(world, words(world));
  assert.deepEqual([standing?.until, standing?.reason], [undefined, "The record of the hold was damaged."]);
  spoil();
  assert.equal((await unhold(world, words(world))).changed, true);
  assert.equal((await status(world, words(world))).hold, null);
});
