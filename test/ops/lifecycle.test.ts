import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import { install } from "../../src/ops/install.ts";
import { list, schedule } from "../../src/ops/list.ts";
import { observe } from "../../src/ops/observe.ts";
import { prune } from "../../src/ops/prune.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { status } from "../../src/ops/status.ts";
import { check, upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { which } from "../../src/ops/which.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, installRequest, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { archivesFetched, makeTestWorld } from "../support/test-world.ts";

const withCode = (code: string) => (error: unknown) => isEngineryError(error) && error.code === code;

test("a first install lays out every deployment, and each epoch gets its own engine", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const ask = (epoch: number) => which(world, { home: homeOf(world), engine: "toy", epoch });
  assert.equal((await ask(99)).version, "1.0.0");
  const { version, path, because } = await ask(100);
  assert.equal(version, "2.0.0");
  assert.equal(because, "schedule");
  assert.equal(execFileSync(path, ["x"], { encoding: "utf8" }), "toy 2.0.0 x\n");
});

test("a second install changes nothing and fetches nothing", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  world.fetched.length = 0;
  const again = await install(world, installRequest(world, channel));
  assert.equal(again.changed, false);
  assert.equal(again.generation, 1);
  assert.deepEqual(world.fetched, []);
});

test("upgrade fetches only what is new; an upgrade with nothing new fetches no archive", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  world.fetched.length = 0;
  const { updates } = await check(world, upgradeRequest(world));
  assert.deepEqual(
    updates.map(({ version, validFrom }) => [version, validFrom]),
    [["3.0.0", 200]],
  );
  assert.equal(archivesFetched(world).length, 0);
  const done = await upgrade(world, upgradeRequest(world));
  assert.deepEqual([done.from, done.to, done.manifest.serial], [1, 2, 2]);
  assert.equal(archivesFetched(world).length, 1);
  assert.ok(done.downloadedBytes > 0);
  world.fetched.length = 0;
  const nothing = await upgrade(world, upgradeRequest(world));
  assert.equal(nothing.generation, 2);
  assert.equal(nothing.changed, false);
  assert.equal(nothing.downloadedBytes, 0);
  assert.equal(archivesFetched(world).length, 0);
});

test("dry runs change nothing", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  const planned = await upgrade(world, upgradeRequest(world, { dryRun: true }));
  assert.equal(planned.dryRun, true);
  assert.deepEqual(
    planned.installed.map(({ version }) => version),
    ["3.0.0"],
  );
  assert.ok(planned.space.downloadBytes > 0);
  assert.equal((await list(world, { home: homeOf(world) })).generation, 1);
});

test("a flipped bit is found, named and mended; the seal too", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const { path } = await which(world, { home: homeOf(world), engine: "toy", epoch: 0 });
  const bytes = readFileSync(path);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  const { atime, mtime } = statSync(path);
  chmodSync(path, 0o755);
  writeFileSync(path, bytes);
  chmodSync(path, 0o555);
  const found = await verify(world, verifyRequest(world));
  assert.deepEqual(found.problems, [{ engine: "toy", version: "1.0.0", path: "toy", kind: "changed" }]);
  assert.equal((await verify(world, verifyRequest(world, { quick: true }))).ok, false, "the time of change tells");
  // a Date is rounded to the millisecond, up as well, and the seal may be younger than that
  utimesSync(path, atime, new Date(mtime.getTime() - 1000));
  assert.equal((await verify(world, verifyRequest(world, { quick: true }))).ok, true, "quick reads no file");
  assert.equal((await verify(world, verifyRequest(world))).ok, false);
  const mended = await verify(world, verifyRequest(world, { repair: true }));
  assert.deepEqual([mended.ok, mended.repaired.length], [true, 1]);
  assert.equal(
    (await verify(world, verifyRequest(world, { quick: true }))).ok,
    true,
    "a mended file is not a changed one",
  );
  assert.equal((await verify(world, verifyRequest(world))).ok, true);
});

test("every way in which an installation can differ is named and mended", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const { path } = await which(world, { home: homeOf(world), engine: "toy", epoch: 0 });
  const folder = join(path, "..");
  execFileSync("sh", [
    "-c",
    `cd ${folder} && chmod 0755 share . && rm -f share/notes.txt && echo x > extra && chmod 0444 toy && rm -f SEAL.json`,
  ]);
  const kinds = (await verify(world, verifyRequest(world))).problems.map(({ path: where, kind }) => `${kind} ${where}`);
  assert.deepEqual(kinds.toSorted(), ["extra extra", "missing share/notes.txt", "mode toy", "seal SEAL.json"]);
  const mended = await verify(world, verifyRequest(world, { repair: true }));
  assert.deepEqual(mended.problems, []);
  assert.equal(mended.repaired.length, 4);
});

test("a rollback fetches nothing, loses only what was new, and holds still until something newer", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  world.fetched.length = 0;
  const back = await rollback(world, { home: homeOf(world), dryRun: false });
  assert.deepEqual(back.lost, [{ engine: "toy", version: "3.0.0" }]);
  assert.deepEqual([back.generation, back.restores, world.fetched.length], [3, 1, 0]);
  await assert.rejects(
    which(world, { home: homeOf(world), engine: "toy", epoch: 200 }),
    withCode("release-not-installed"),
  );
  assert.equal((await which(world, { home: homeOf(world), engine: "toy", epoch: 199 })).version, "2.0.0");
  const held = await upgrade(world, upgradeRequest(world));
  assert.equal(held.changed, false);
  assert.match(held.held ?? "", /--again/);
  const again = await upgrade(world, upgradeRequest(world, { again: true }));
  assert.deepEqual(
    again.installed.map(({ version }) => version),
    ["3.0.0"],
  );
  assert.equal(archivesFetched(world).length, 0, "what lies on disk whole is used again");
});

test("a rollback that loses the engine of an epoch that has begun is refused unless forced", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  await observe(world, { home: homeOf(world), epoch: 200, dryRun: false });
  const request = { home: homeOf(world), dryRun: false };
  await assert.rejects(rollback(world, request), withCode("rollback-loses-epoch"));
  assert.equal((await rollback(world, { ...request, force: "told by the network" })).generation, 3);
});

test("a release whose entry point reports another version is refused before the commit and quarantined", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel, { reports: "2.9.9" });
  const { failed } = await upgrade(world, upgradeRequest(world));
  assert.deepEqual(
    failed.map(({ version, code }) => [version, code]),
    [["3.0.0", "probe-failed"]],
  );
  assert.match(failed[0]?.message ?? "", /toy.*3\\?\.0\\?\.0.*2\.9\.9/s);
  const { problems } = await status(world, { home: homeOf(world) });
  assert.ok(problems.some(({ code }) => code === "release-quarantined"));
  const again = await upgrade(world, upgradeRequest(world));
  assert.deepEqual(
    again.failed.map(({ code }) => code),
    ["release-quarantined"],
  );
});

test("prune says of each installation what keeps it, and removes what nothing keeps", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  const request = { home: homeOf(world), dryRun: true };
  const planned = await prune(world, request);
  assert.deepEqual(planned.removed, []);
  assert.deepEqual(
    planned.kept.map(({ version, keptBy }) => [version, keptBy[0]?.kind]),
    [
      ["1.0.0", "deployment"],
      ["2.0.0", "deployment"],
    ],
  );
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  await observe(world, { home: homeOf(world), epoch: 210, dryRun: false });
  const pruned = await prune(world, { ...request, dryRun: false, before: 200, keepGenerations: 1 });
  assert.deepEqual(pruned.removed.map(({ version }) => version).toSorted(), ["1.0.0", "2.0.0"]);
  assert.ok(pruned.freedBytes > 0);
  assert.deepEqual(
    (await list(world, { home: homeOf(world) })).engines.map(({ version }) => version),
    ["3.0.0"],
  );
  await assert.rejects(
    which(world, { home: homeOf(world), engine: "toy", epoch: 0 }),
    withCode("release-not-installed"),
  );
});

test("schedule and list tell the state of each deployment", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const { engines, observed } = await schedule(world, { home: homeOf(world) });
  assert.equal(observed, 50);
  assert.deepEqual(
    engines["toy"]?.map(({ version, state }) => [version, state]),
    [
      ["1.0.0", "in-effect"],
      ["2.0.0", "pending"],
    ],
  );
});

test("an upgrade that prunes tells the generation that is the newest afterwards", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  await observe(world, { home: homeOf(world), epoch: 150, dryRun: false });
  const config = { keepEpochs: 0, keepSuperseded: 0, keepGenerations: 1 };
  const done = await upgrade(world, upgradeRequest(world, { prune: true, config }));
  assert.deepEqual(
    done.pruned.map(({ version }) => version),
    ["1.0.0"],
  );
  assert.equal(done.generation, (await list(world, { home: homeOf(world) })).generation);
  assert.equal(done.to, done.generation);
});
