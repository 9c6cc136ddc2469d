import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type ErrorCode, isEngineryError } from "../../src/core/errors.ts";
import { commitGeneration, record } from "../../src/ops/commit.ts";
import { history } from "../../src/ops/history.ts";
import { list } from "../../src/ops/list.ts";
import { observe } from "../../src/ops/observe.ts";
import { quarantine } from "../../src/ops/quarantine.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { takeSnapshot } from "../../src/ops/snapshot.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { use } from "../../src/ops/use.ts";
import { which } from "../../src/ops/which.ts";
import { openHome } from "../../src/store/home.ts";
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

test("an observation that is too old to count still says what has begun", async () => {
  using world = makeTestWorld();
  await upgraded(world);
  await observe(world, { home: homeOf(world), epoch: 200, dryRun: false });
  const later = { ...world, clock: { now: () => world.clock.now() + 3_600_000 } };
  const request = { home: homeOf(world), config: { epochMaxAge: 60 }, dryRun: false };
  await assert.rejects(rollback(later, request), withCode("rollback-loses-epoch"));
  await assert.rejects(rollback(later, { ...request, dryRun: true }), withCode("rollback-loses-epoch"));
  assert.equal((await rollback(later, { ...request, force: "told by the network" })).generation, 3);
});

test("with no observation, what work ran in has begun: by the ledger, and by a lease alone", async () => {
  for (const evidence of ["ledger", "lease"] as const) {
    using world = makeTestWorld();
    await upgraded(world);
    rmSync(join(homeOf(world), "clock", "observed.json"));
    const home = openHome(homeOf(world), world);
    const request = { home: homeOf(world), dryRun: false };
    assert.equal((await rollback(world, { ...request, dryRun: true })).restores, 1, "nothing is known to have begun");
    using _lease = evidence === "lease" ? home.leases.take({ engine: "toy", version: "3.0.0", epoch: 250 }) : nothing();
    if (evidence === "ledger") {
      const ran = { engine: "toy", version: "3.0.0", epoch: 250, because: "schedule" };
      record(world, home, world.identifiers.operation(), "exec", ran);
    }
    await assert.rejects(rollback(world, request), (error) => {
      assert.ok(isEngineryError(error, "rollback-loses-epoch"));
      assert.match(error.message, /lacks toy@3\.0\.0, in effect from epoch 200 on, and work ran here in epoch 250\.$/);
      assert.deepEqual(error.context?.["begun"], [{ engine: "toy", version: "3.0.0", validFrom: 200, ran: 250 }]);
      return true;
    });
    assert.equal((await rollback(world, { ...request, force: "told by the network" })).generation, 3);
  }
});

test("a selection that goes back with it is told, and stands in the ledger", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  for (const version of ["0.1.0", "0.2.0"]) await channel.release("spare", version);
  await channel.publish(50);
  const names = ["0.1.0", "0.2.0"].map((version) => ({ engine: "spare", version }));
  await upgrade(world, upgradeRequest(world, { names }));
  for (const version of ["0.1.0", "0.2.0"]) {
    await use(world, { home: homeOf(world), engine: "spare", version, dryRun: false });
  }
  const selections = [{ engine: "spare", before: "0.2.0", after: "0.1.0" }];
  const request = { home: homeOf(world), dryRun: false };
  assert.deepEqual((await rollback(world, { ...request, dryRun: true })).selections, selections);
  assert.deepEqual((await rollback(world, request)).selections, selections);
  const { ledger } = await history(world, { home: homeOf(world) });
  assert.deepEqual(structuredClone(ledger.at(-1)?.detail?.["selections"]), selections);
  assert.equal((await which(world, { home: homeOf(world), engine: "spare" })).version, "0.1.0");
});

test("what is restated keeps the entry points and guards that the publisher gave it since", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const { path } = await which(world, { home: homeOf(world), engine: "toy", epoch: 0, entry: "toy" });
  const home = openHome(homeOf(world), world);
  const newest = home.generations.newest() ?? assert.fail();
  const gained = newest.installations.map((one) => ({
    ...one,
    entries: { ...one.entries, notes: { path: "share/notes.txt", kind: "library" as const } },
  }));
  const { manifest } = takeSnapshot(world, { home: homeOf(world) });
  const { operation: _o, number: _n, at: _a, format: _f, ...said } = newest;
  commitGeneration(world, home, world.identifiers.operation(), newest, { ...said, installations: gained }, manifest);
  await rollback(world, { home: homeOf(world), to: 1, dryRun: false });
  const found = await which(world, { home: homeOf(world), engine: "toy", epoch: 0, entry: "notes" });
  assert.equal(found.path, join(path, "..", "share", "notes.txt"));
});

function withCode(code: ErrorCode) {
  return (error: unknown) => isEngineryError(error, code);
}

function nothing(): Disposable {
  return { [Symbol.dispose]: () => {} };
}
