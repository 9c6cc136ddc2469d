import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { observe } from "../../src/ops/observe.ts";
import { pin } from "../../src/ops/pin.ts";
import { withdraw } from "../../src/ops/repo/withdraw.ts";
import { schedulePage } from "../../src/ops/schedule-page.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const asked = (world: TestWorld) => ({ home: homeOf(world), dryRun: false });

test("the page of a real home: schedule, standing, pins, disk and trust of one moment", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  await observe(world, { ...asked(world), epoch: 150 });
  const pins = Array.from({ length: 30 }, (_, at) => ({
    tenant: `tenant-${at + 10}`,
    engine: "toy",
    version: "1.0.0",
  }));
  await pin(world, { ...asked(world), pins: [...pins, { tenant: "other", engine: "toy", version: "2.0.0" }] });

  const page = await schedulePage(world, { home: homeOf(world), config: { keepEpochs: 60 } });
  assert.deepEqual(
    page.schedule.engines["toy"]?.map(({ version, validFrom, state, installed }) => [
      version,
      validFrom,
      state,
      installed,
    ]),
    [
      ["1.0.0", 0, "superseded", true],
      ["2.0.0", 100, "in-effect", true],
      ["3.0.0", 200, "pending", true],
    ],
  );
  assert.deepEqual(
    page.pins.map(({ version, count }) => [version, count]),
    [
      ["1.0.0", 30],
      ["2.0.0", 1],
    ],
  );
  assert.deepEqual(
    page.pins[0]?.tenants,
    pins.slice(0, 12).map(({ tenant }) => tenant),
    "the first twelve, in order",
  );
  assert.deepEqual(page.observation, { epoch: 150, at: "2027-01-01T00:00:00.000Z", from: "observe" });
  assert.equal(page.windowFrom, 90);
  assert.equal(page.status.engines[0]?.pins, 31);
  assert.equal(
    page.status.disk.installedBytes,
    page.installed.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  assert.deepEqual(Object.keys(page.status.trust.expires).sort(), ["root", "snapshot", "targets", "timestamp"]);
  assert.deepEqual(page.status.problems, []);
  assert.equal((await schedulePage(world, { home: homeOf(world) })).windowFrom, null, "the whole schedule is kept");
});

test("one engine alone; an engine that is not there is refused", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await channel.release("other", "1.0.0");
  await channel.deploy("other", "1.0.0", 500);
  await channel.publish(50);
  await upgrade(world, upgradeRequest(world, { names: [{ engine: "toy" }, { engine: "other" }] }));
  await pin(world, { ...asked(world), pins: [{ tenant: "t", engine: "toy", version: "1.0.0" }] });
  const page = await schedulePage(world, { home: homeOf(world), engine: "other" });
  assert.deepEqual(Object.keys(page.schedule.engines), ["other"]);
  assert.deepEqual([page.status.engines.map(({ engine }) => engine), page.pins], [["other"], []]);
  assert.ok(page.installed.every(({ engine }) => engine === "other"));
  await assert.rejects(schedulePage(world, { home: homeOf(world), engine: "none" }), { code: "unknown-engine" });
});

test("what is damaged is told among the problems, with what mends it, and the rest is shown", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await observe(world, { ...asked(world), epoch: 150 });
  await withdraw(world, {
    directory: channel.repository,
    engine: "toy",
    version: "2.0.0",
    reason: "traps",
    dryRun: false,
  });
  await channel.publish(150);
  await upgrade(world, upgradeRequest(world));
  writeFileSync(join(homeOf(world), "clock", "observed.json"), "{");
  const page = await schedulePage(world, { home: homeOf(world) });
  assert.deepEqual([page.schedule.observed, page.observation, page.status.epoch], [null, null, null]);
  assert.equal(page.schedule.engines["toy"]?.find(({ version }) => version === "2.0.0")?.withdrawn, "traps");
  const problems = page.status.problems.map(({ code, message, mend }) => [
    code,
    mend,
    mend === undefined || message.endsWith(mend),
  ]);
  assert.deepEqual(
    problems.map(([code]) => code),
    ["home-damaged", "epoch-unknown"],
  );
  assert.ok(
    problems.every(([, mend, atEnd]) => mend !== undefined && atEnd),
    `${problems}`,
  );
});

test("an observation that is too old: unknown, and still told", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  await observe(world, { ...asked(world), epoch: 150 });
  world.time += 3_600_000;
  const page = await schedulePage(world, { home: homeOf(world), config: { epochMaxAge: 60 } });
  assert.deepEqual([page.schedule.observed, page.observation?.epoch], [null, 150]);
});

test("it changes nothing", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const before = readdirSync(homeOf(world), { recursive: true }).sort();
  await schedulePage(world, { home: homeOf(world) });
  assert.deepEqual(readdirSync(homeOf(world), { recursive: true }).sort(), before);
});
