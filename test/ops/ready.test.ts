import assert from "node:assert/strict";
import { chmodSync, mkdirSync, renameSync, rmSync, statfsSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EngineryError, isEngineryError } from "../../src/core/errors.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { hold } from "../../src/ops/hold.ts";
import { observe } from "../../src/ops/observe.ts";
import type { ReadyCheck, ReadyRequest, ReadyResult } from "../../src/ops/operator.ts";
import { pin } from "../../src/ops/pin.ts";
import { prune } from "../../src/ops/prune.ts";
import { ready } from "../../src/ops/ready.ts";
import { withdraw } from "../../src/ops/repo/withdraw.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { openHome } from "../../src/store/home.ts";
import { contentOf } from "../engines/support/folders.ts";
import { interposed } from "../sim/interposed-file-system.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const DAY_MS = 86_400_000;

const ask = (world: TestWorld, more: Partial<ReadyRequest> = {}) => ready(world, { home: homeOf(world), ...more });
const failed = ({ items, home }: ReadyResult) => [
  ...items.flatMap(({ version, checks }) =>
    checks.filter(({ ok }) => !ok).map(({ name, mend }) => `${version} ${name}: ${mend}`),
  ),
  ...home.filter(({ ok }) => !ok).map(({ name, mend }) => `${name}: ${mend}`),
];
const checkOf = (checks: readonly ReadyCheck[], name: string): ReadyCheck => {
  const found = checks.find((check) => check.name === name);
  assert.ok(found !== undefined, `there is no check ${name}`);
  return found;
};

test("all that is scheduled is proven, with the epochs left, and nothing is changed or fetched", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  world.fetched.length = 0;
  const before = contentOf(homeOf(world));
  const result = await ask(world);
  assert.deepEqual(failed(result), []);
  assert.equal(result.ready, true);
  assert.deepEqual(
    result.items.map(({ version, why, validFrom, epochsLeft }) => [version, why, validFrom, epochsLeft]),
    [
      ["1.0.0", "in-effect", 0, 0],
      ["2.0.0", "pending", 100, 50],
    ],
  );
  for (const { checks } of result.items) {
    assert.deepEqual(
      checks.map(({ name }) => name).filter((name) => name !== "host"),
      ["installed", "hashes", "probe"],
    );
  }
  assert.deepEqual(contentOf(homeOf(world)), before);
  assert.deepEqual(world.fetched, []);
});

test("--within leaves out what begins later, and never what is needed now", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const versions = async (within: number) => (await ask(world, { within })).items.map(({ version }) => version);
  assert.deepEqual(await versions(49), ["1.0.0"]);
  assert.deepEqual(await versions(50), ["1.0.0", "2.0.0"]);
  await pin(world, { home: homeOf(world), pins: [{ tenant: "t", engine: "toy", version: "2.0.0" }], dryRun: false });
  const { items } = await ask(world, { within: 0 });
  assert.deepEqual(
    items.map(({ version, why, epochsLeft, pins }) => [version, why, epochsLeft, pins]),
    [
      ["1.0.0", "in-effect", 0, 0],
      ["2.0.0", "pinned", 0, 1],
    ],
  );
});

test("names choose, and one that nothing asks for is an error", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const { items, home } = await ask(world, { names: [{ engine: "toy", version: "2.0.0" }] });
  assert.deepEqual(
    items.map(({ version }) => version),
    ["2.0.0"],
  );
  assert.ok(home.length > 0);
  const coded = (code: string) => (error: unknown) => isEngineryError(error, code as never);
  await assert.rejects(ask(world, { names: [{ engine: "toy", version: "9.0.0" }] }), coded("unknown-version"));
  await assert.rejects(ask(world, { names: [{ engine: "tot" }] }), coded("unknown-engine"));
});

test("what is superseded is proven as long as it is here, and missed only where the window is said", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  await observe(world, { home: homeOf(world), epoch: 150, dryRun: false });
  const whys = async (config = {}) =>
    (await ask(world, { config })).items.map(({ version, why }) => `${version} ${why}`);
  assert.deepEqual(await whys(), ["1.0.0 window", "2.0.0 in-effect"]);
  assert.deepEqual(await whys({ keepEpochs: 10, keepSuperseded: 0 }), ["2.0.0 in-effect"]);
  await prune(world, { home: homeOf(world), before: 120, keepGenerations: 1, dryRun: false });
  assert.deepEqual(await whys(), ["2.0.0 in-effect"], "somebody pruned it and meant it");
  assert.deepEqual(failed(await ask(world, { config: { keepEpochs: 100 } })), [
    "1.0.0 installed: enginery install toy@1.0.0",
  ]);
});

test("a release that is not installed names the command that installs it", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  await rollback(world, { home: homeOf(world), dryRun: false });
  const result = await ask(world);
  assert.equal(result.ready, false);
  assert.deepEqual(failed(result), ["3.0.0 installed: enginery install toy@3.0.0"]);
  assert.deepEqual(
    result.items.map(({ ok }) => ok),
    [true, true, false],
  );
  assert.equal(checkOf(result.home, "held").ok, true);
  assert.match(checkOf(result.home, "disk").detail, /for 1 release to come/);
  const fileSystem = { ...world.fileSystem, freeSpace: () => ({ bytes: 2 ** 40, inodes: 10 }) };
  const { home } = await ready({ ...world, fileSystem }, { home: homeOf(world) });
  assert.match(checkOf(home, "disk").detail, /^10 file entries \(inodes\) are free/);
});

test("a folder that is gone, a changed file, a program that says something else", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const engines = join(homeOf(world), "engines", "toy");
  chmodSync(join(engines, "2.0.0"), 0o755);
  renameSync(join(engines, "2.0.0"), join(world.folder, "away"));
  assert.deepEqual(failed(await ask(world)), ["2.0.0 installed: enginery verify --repair toy@2.0.0"]);
  renameSync(join(world.folder, "away"), join(engines, "2.0.0"));
  const script = join(engines, "2.0.0", "toy");
  rmSync(script);
  writeFileSync(script, '#!/bin/sh\necho "toy 2.0.0" "$@"\n', { mode: 0o555 });
  const changed = await ask(world);
  assert.deepEqual(failed(changed), [], "the same bytes again");
  utimesSync(script, new Date(world.time), new Date(world.time + DAY_MS));
  assert.deepEqual(failed(await ask(world, { quick: true })), ["2.0.0 hashes: enginery verify --repair toy@2.0.0"]);
  chmodSync(script, 0o755);
  writeFileSync(script, '#!/bin/sh\ntouch "$0.ran"\n');
  chmodSync(script, 0o555);
  const result = await ask(world);
  assert.deepEqual(failed(result), ["2.0.0 hashes: enginery verify --repair toy@2.0.0"]);
  assert.equal(
    result.items[1]?.checks.some(({ name }) => name === "probe"),
    false,
    "what is not as signed is not run",
  );
});

test("an entry point that no longer starts fails its probe, from where it is installed", async () => {
  using world = makeTestWorld();
  const children: TestWorld["children"] = {
    ...world.children,
    run: async (file, args, options) => {
      if (file.includes("/engines/toy/2.0.0/")) return { outcome: "exit", status: 3, output: "the host has changed" };
      return await world.children.run(file, args, options);
    },
  };
  await installedToys(world);
  const result = await ready({ ...world, children }, { home: homeOf(world) });
  assert.deepEqual(failed(result), [
    "2.0.0 probe: Mend the host as the reason says. Then look again: enginery ready toy@2.0.0",
  ]);
  assert.match(checkOf(result.items[1]?.checks ?? [], "probe").detail, /toy --version exited with 3/);
});

test("what the publisher withdrew and what is known bad here are not ready", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  const reason = "corrupts snapshots";
  await withdraw(world, { directory: channel.repository, engine: "toy", version: "2.0.0", reason, dryRun: false });
  await channel.publish(50);
  await upgrade(world, upgradeRequest(world));
  const withdrawn = await ask(world);
  assert.deepEqual(failed(withdrawn), ["2.0.0 withdrawn: enginery upgrade"]);
  assert.match(checkOf(withdrawn.items[1]?.checks ?? [], "withdrawn").detail, /corrupts snapshots/);
  await observe(world, { home: homeOf(world), epoch: 100, dryRun: false });
  const tree = openHome(homeOf(world), world).generations.newest()?.installations[0]?.tree ?? "";
  openHome(homeOf(world), world).quarantine.put({
    format: 1,
    tree,
    engine: "toy",
    version: "1.0.0",
    reason: "traps",
    at: "2027-01-01T00:00:00.000Z",
  });
  assert.deepEqual(failed(await ask(world)), [
    `1.0.0 quarantine: enginery quarantine lift ${tree}`,
    "2.0.0 withdrawn: enginery upgrade",
  ]);
});

test("a withdrawn release that only history needs is told, and fails nothing", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  const withdrawn = { engine: "toy", version: "1.0.0", reason: "slow" };
  await withdraw(world, { directory: channel.repository, ...withdrawn, dryRun: false });
  await channel.publish(50);
  await upgrade(world, upgradeRequest(world));
  assert.deepEqual(failed(await ask(world)), ["1.0.0 withdrawn: enginery upgrade"]);
  await observe(world, { home: homeOf(world), epoch: 100, dryRun: false });
  const { items, ready: isReady } = await ask(world);
  assert.deepEqual([isReady, checkOf(items[0]?.checks ?? [], "withdrawn").ok], [true, true]);
});

test("who cannot write a lease can start nothing, and neither ready nor doctor calls that well", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const isReadOnly = interposed(world.fileSystem, {
    before: ({ name, path }) => {
      if (name !== "requireWritable") return;
      throw new EngineryError("read-only", `Cannot write to ${path}: the file system is read-only (EROFS).`);
    },
  });
  const elsewhere: TestWorld = { ...world, fileSystem: isReadOnly };
  assert.deepEqual(failed(await ask(elsewhere)), ["claims: Mount it writable."]);
  const { ok, findings } = await doctor(elsewhere, { home: homeOf(world), fix: false });
  assert.equal(ok, false);
  assert.deepEqual(
    findings.filter(({ severity }) => severity === "error").map(({ code }) => code),
    ["read-only"],
  );
  rmSync(join(homeOf(world), "leases"), { recursive: true });
  assert.deepEqual(failed(await ask(world)), [], "a lease makes the folder");
  writeFileSync(join(homeOf(world), "leases"), "");
  assert.deepEqual(failed(await ask(world)), ["claims: Mend it: `enginery doctor --fix`."]);
});

test("an unknown epoch and one that is too old are not ready", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  world.time += 61_000;
  const old = await ask(world, { config: { epochMaxAge: 60 } });
  assert.deepEqual(failed(old), ["epoch: enginery observe EPOCH"]);
  assert.deepEqual([old.epoch, old.items.map(({ why }) => why)], [null, ["scheduled", "scheduled"]]);
  assert.match(checkOf(old.home, "epoch").detail, /50 was observed 61 s ago, and epochMaxAge is 60 s/);
  world.time -= 200_000;
  const future = await ask(world, { config: { epochMaxAge: 60 } });
  assert.deepEqual(
    failed(future),
    ["epoch: enginery observe EPOCH"],
    "the clock was set back: nobody knows how old it is",
  );
  assert.match(checkOf(future.home, "epoch").detail, /50 was observed 139 s ahead of this clock/);
  rmSync(join(homeOf(world), "clock", "observed.json"));
  assert.deepEqual(failed(await ask(world)), ["epoch: enginery observe EPOCH"]);
  writeFileSync(join(homeOf(world), "clock", "observed.json"), "{");
  assert.deepEqual(failed(await ask(world)), ["epoch: enginery doctor --fix"]);
});

test("signed metadata that has expired, or will too soon", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  assert.deepEqual(failed(await ask(world, { trustDays: 29 })), []);
  assert.deepEqual(failed(await ask(world, { trustDays: 31 })), ["trust: enginery upgrade"]);
  world.time += 29.5 * DAY_MS;
  const soon = await ask(world);
  assert.deepEqual(failed(soon), ["trust: enginery upgrade"], "a day is left to a machine");
  world.time += DAY_MS;
  const { home } = await ask(world);
  assert.match(checkOf(home, "trust").detail, /timestamp expired .*refresh the timestamp/);
});

test("what was taken with --allow-expired is told and excused, and nothing that expires later", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  world.time += 40 * DAY_MS;
  await observe(world, { home: homeOf(world), epoch: 51, dryRun: false });
  await upgrade(world, upgradeRequest(world, { allowExpired: "air gap" }));
  const result = await ask(world);
  assert.deepEqual(failed(result), []);
  assert.match(checkOf(result.home, "trust").detail, /Taken with --allow-expired: "air gap"/);
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  assert.deepEqual(failed(await ask(world)), []);
  world.time += 40 * DAY_MS;
  assert.deepEqual(failed(await ask(world)), ["trust: enginery upgrade"], "that was said of another one");
});

test("root and targets are never excused, whatever the ledger says", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  world.time += 400 * DAY_MS;
  await observe(world, { home: homeOf(world), epoch: 51, dryRun: false });
  const { ledger } = openHome(homeOf(world), world);
  const at = new Date(world.time).toISOString();
  const detail = { reasons: { "allow-expired": "said by nobody" } };
  ledger.append({ at, operation: "0".repeat(32), verb: "upgrade", detail });
  assert.deepEqual(failed(await ask(world)), ["trust: enginery upgrade"]);
});

test("too little disk for the reserve, too few file entries, a trust set that is damaged, a pin that cannot be read", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const { bavail, bsize } = statfsSync(homeOf(world));
  const reserveBytes = bavail * bsize * 2;
  assert.deepEqual(failed(await ask(world, { config: { reserveBytes } })), ["disk: enginery prune"]);
  const fileSystem = { ...world.fileSystem, freeSpace: () => ({ bytes: 2 ** 40, inodes: 10 }) };
  assert.deepEqual(failed(await ready({ ...world, fileSystem }, { home: homeOf(world) })), [], "nothing is to come");
  mkdirSync(join(homeOf(world), "pins", "aa"), { recursive: true });
  writeFileSync(join(homeOf(world), "pins", "aa", `${"a".repeat(64)}.json`), "{");
  assert.deepEqual(failed(await ask(world)), ["pins: enginery doctor --fix"]);
  const trust = join(homeOf(world), "trust");
  const [number = ""] = openHome(homeOf(world), world)
    .trust.numbers()
    .map((one) => String(one).padStart(8, "0"));
  chmodSync(join(trust, number, "snapshot.json"), 0o644);
  writeFileSync(join(trust, number, "snapshot.json"), "{}");
  const result = await ask(world);
  assert.equal(checkOf(result.home, "trust").ok, false);
  assert.match(checkOf(result.home, "trust").detail, /damaged/);
});

test("a hold is told with its end and its reason; one that cannot be read fails", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const held = async () => checkOf((await ask(world)).home, "held");
  await hold(world, { home: homeOf(world), dryRun: false, until: "epoch:60", reason: "a fair" });
  assert.deepEqual(await held(), {
    name: "held",
    ok: true,
    detail: 'Automatic upgrades are held until epoch 60: "a fair".',
  });
  await hold(world, { home: homeOf(world), dryRun: false });
  assert.match((await held()).detail, /held until `enginery unhold`\.$/);
  const path = join(homeOf(world), "hold.json");
  chmodSync(path, 0o644);
  writeFileSync(path, "{");
  assert.equal((await held()).mend, "enginery unhold");
});
