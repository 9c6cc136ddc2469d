import assert from "node:assert/strict";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import { exec } from "../../src/ops/exec.ts";
import { history } from "../../src/ops/history.ts";
import { install } from "../../src/ops/install.ts";
import { list } from "../../src/ops/list.ts";
import { observe } from "../../src/ops/observe.ts";
import type { PruneRequest } from "../../src/ops/operator.ts";
import { prune } from "../../src/ops/prune.ts";
import { ready } from "../../src/ops/ready.ts";
import { rules } from "../../src/ops/repo/rules.ts";
import { schedulePage } from "../../src/ops/schedule-page.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { openHome } from "../../src/store/home.ts";
import { homeOf, installRequest, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel } from "../support/toy-channel.ts";

/** toy 1.0.0 from 0, 2.0.0 from 100, 3.0.0 from 200, 4.0.0 from 300; the epoch is 350; work may be disputed 200 epochs back. */
async function disputedToys(world: TestWorld, keepEpochs: number | null = 200) {
  const channel = await makeToyChannel(world);
  for (const [place, version] of ["1.0.0", "2.0.0", "3.0.0", "4.0.0"].entries()) {
    await channel.release("toy", version);
    await channel.deploy("toy", version, place * 100);
  }
  await rules(world, { directory: channel.repository, engine: "toy", keepEpochs, dryRun: false });
  await channel.publish(10);
  await install(world, installRequest(world, channel));
  await observe(world, { home: homeOf(world), epoch: 350, dryRun: false });
  return channel;
}

const pruned = (world: TestWorld, more: Partial<PruneRequest> = {}) =>
  prune(world, { home: homeOf(world), keepGenerations: 1, dryRun: false, ...more });
const versionsIn = async (world: TestWorld) =>
  (await list(world, { home: homeOf(world) })).engines.map(({ version }) => version);
const run = (world: TestWorld, epoch: number) =>
  exec(
    { ...world, children: { ...world.children, replace: async () => 0 } },
    { home: homeOf(world), engine: "toy", epoch, args: [], env: {} },
  );

test("a lease that is to be forgotten and is not there is told, and forgets no other", async () => {
  using world = makeTestWorld();
  await disputedToys(world);
  const { leases } = openHome(homeOf(world), world);
  const { id } = leases.take({ engine: "toy", version: "1.0.0" });
  const told = () => world.warnings.splice(0).filter(({ code }) => code === "lease").length;
  for (const dryRun of [true, false]) {
    await pruned(world, { forgetLease: "toy@1.0.0.1-mistyped", dryRun });
    assert.equal(told(), 1);
  }
  assert.deepEqual(
    leases.all().map((lease) => lease.id),
    [id],
  );
  await pruned(world, { forgetLease: id });
  assert.deepEqual([told(), leases.all()], [0, []]);
});

test("the publisher's window keeps what the operator would let go of, and the reasons say whose it is", async () => {
  using world = makeTestWorld();
  await disputedToys(world);
  const config = { keepEpochs: 10, keepSuperseded: 0 };
  const { removed, kept } = await pruned(world, { config });
  assert.deepEqual(
    removed.map(({ version }) => version),
    ["1.0.0"],
  );
  assert.deepEqual(kept.find(({ version }) => version === "2.0.0")?.keptBy, [
    { kind: "window", validFrom: 100, lastEpoch: 199, rule: "keepEpochs", by: "publisher", limit: 200 },
  ]);
  assert.deepEqual((await pruned(world, { config: { ...config, keepEpochs: 1000 } })).removed, []);
});

test("an operator who says nothing keeps what the publisher needs, and everything where nobody says", async () => {
  using world = makeTestWorld();
  await disputedToys(world);
  assert.equal((await pruned(world)).removed.length, 1);
  using silent = makeTestWorld();
  await disputedToys(silent, null);
  assert.deepEqual((await pruned(silent)).removed, []);
});

test("--before below the publisher's window is refused with a code of its own, and goes with a reason that is recorded", async () => {
  using world = makeTestWorld();
  await disputedToys(world);
  const before = { before: 300, config: { keepLastKnownGood: false } };
  for (const dryRun of [true, false]) {
    await assert.rejects(pruned(world, { ...before, dryRun }), (error) => {
      assert.ok(isEngineryError(error, "prune-below-retention"));
      assert.equal(error.exitStatus, 3);
      assert.match(error.message, /toy@2\.0\.0, toy@3\.0\.0/);
      assert.match(error.hint, /--force REASON/);
      return true;
    });
  }
  assert.deepEqual(await versionsIn(world), ["1.0.0", "2.0.0", "3.0.0", "4.0.0"]);
  assert.deepEqual(openHome(homeOf(world), world).marks.sweep(), 0, "no mark is left");
  const { removed } = await pruned(world, { ...before, force: "disk of the last resort" });
  assert.deepEqual(removed.map(({ version }) => version).sort(), ["1.0.0", "2.0.0", "3.0.0"]);
  const { generations, ledger } = await history(world, { home: homeOf(world) });
  assert.deepEqual({ ...generations.at(-1)?.reasons }, { force: "disk of the last resort" });
  assert.equal(JSON.stringify(ledger.at(-1)?.detail?.["reasons"]), '{"force":"disk of the last resort"}');
  assert.equal(ledger.at(-1)?.to, generations.at(-1)?.number);
});

test("a reason is recorded also where what goes is still named by a generation to go back to", async () => {
  using world = makeTestWorld();
  const channel = await disputedToys(world);
  await channel.release("toy", "5.0.0");
  await channel.deploy("toy", "5.0.0", 400, 350);
  await channel.publish(350);
  await upgrade(world, upgradeRequest(world));
  const { removed } = await pruned(world, { keepGenerations: 3, before: 300, force: "told" });
  assert.deepEqual(removed, []);
  const { ledger } = await history(world, { home: homeOf(world) });
  assert.equal(JSON.stringify(ledger.at(-1)?.detail?.["reasons"]), '{"force":"told"}');
});

test("--before at the window's edge needs no reason", async () => {
  using world = makeTestWorld();
  await disputedToys(world);
  assert.equal((await pruned(world, { before: 150 })).removed.length, 1);
});

test("what ran last before the one in effect is kept where the window would let it go", async () => {
  using world = makeTestWorld();
  await disputedToys(world, 0);
  const config = { keepEpochs: 0, keepSuperseded: 0 };
  for (const epoch of [50, 150, 310, 60]) await run(world, epoch);
  const { removed, kept } = await pruned(world, { config, dryRun: true });
  assert.deepEqual(
    removed.map(({ version }) => version),
    ["1.0.0", "3.0.0"],
  );
  assert.deepEqual(kept.find(({ version }) => version === "2.0.0")?.keptBy, [
    { kind: "last-known-good", ranAt: new Date(world.time).toISOString(), epoch: 150 },
  ]);
  const bad = openHome(homeOf(world), world);
  const tree = bad.installations.seal("toy", "2.0.0")?.tree ?? assert.fail();
  bad.quarantine.put({ format: 1, tree, engine: "toy", version: "2.0.0", reason: "traps", at: "2027-01-01T00:00:00Z" });
  assert.deepEqual(
    (await pruned(world, { config, dryRun: true })).removed.map(({ version }) => version),
    ["2.0.0", "3.0.0"],
    "what is known bad is not good",
  );
  const off = await pruned(world, { config: { ...config, keepLastKnownGood: false } });
  assert.deepEqual(
    off.removed.map(({ version }) => version),
    ["1.0.0", "2.0.0", "3.0.0"],
  );
});

test("ready misses what the publisher needs and is not here; the page's window is the publisher's too", async () => {
  using world = makeTestWorld();
  const channel = await disputedToys(world);
  const whys = async () =>
    (
      await ready(world, { home: homeOf(world), names: [], offline: true, allowHttp: false, quick: true } as never)
    ).items.map(({ version, why }) => `${version} ${why}`);
  assert.deepEqual(await whys(), ["2.0.0 window", "3.0.0 window", "4.0.0 in-effect"]);
  assert.equal((await schedulePage(world, { home: homeOf(world) })).windowFrom, 150);
  assert.equal((await schedulePage(world, { home: homeOf(world), config: { keepEpochs: 300 } })).windowFrom, 50);
  await rules(world, { directory: channel.repository, engine: "toy", keepEpochs: null, dryRun: false });
  await channel.publish(350);
  await upgrade(world, upgradeRequest(world));
  assert.equal((await schedulePage(world, { home: homeOf(world) })).windowFrom, null);
});
