import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { add } from "../../src/ops/repo/add.ts";
import { deploy } from "../../src/ops/repo/deploy.ts";
import { init } from "../../src/ops/repo/init.ts";
import { prune } from "../../src/ops/repo/prune.ts";
import { refreshTimestamp } from "../../src/ops/repo/refresh-timestamp.ts";
import { retire } from "../../src/ops/repo/retire.ts";
import { rules } from "../../src/ops/repo/rules.ts";
import { sign } from "../../src/ops/repo/sign.ts";
import { verify } from "../../src/ops/repo/verify.ts";
import { withdraw } from "../../src/ops/repo/withdraw.ts";
import { makeTestWorld } from "../support/test-world.ts";
import { toyTree } from "../support/toy-channel.ts";
import { newClientSerial } from "./repo-client.ts";

const DAY = 86_400_000;

test("a channel's life with two of three people and a machine that refreshes", async () => {
  using world = makeTestWorld();
  const directory = join(world.folder, "repository");
  const keysDir = join(world.folder, "keys");
  const request = { directory, dryRun: false };
  const key = (name: string): string => join(keysDir, `${name}.pem`);
  const release = (version: string) => ({ ...request, engine: "toy", version, platform: "any" });

  const made = await init(world, { ...request, channel: "main", unit: "session", threshold: 2, keys: 3, keysDir });
  assert.equal(made.root.version, 1);
  assert.deepEqual(made.keys.map(({ name, roles }) => `${name}: ${roles.join(" ")}`).sort(), [
    "root-1: root targets",
    "root-2: root targets",
    "root-3: root targets",
    "snapshot: snapshot",
    "timestamp: timestamp",
  ]);

  await add(world, { ...release("1.0.0"), tree: toyTree(world, "toy", "1.0.0") });
  await deploy(world, { ...release("1.0.0"), validFrom: 0 });
  const first = await sign(world, { ...request, keys: [key("root-1")], epoch: 5 });
  assert.equal(first.visible, false);
  assert.deepEqual(
    first.roles.map(({ role, have, threshold }) => [role, have, threshold]),
    [["targets", 1, 2]],
  );
  assert.deepEqual(first.missing.map(({ role, name }) => `${role} ${name}`).sort(), [
    "targets root-2",
    "targets root-3",
  ]);
  assert.equal(existsSync(join(directory, "metadata", "timestamp.json")), false, "nothing is visible yet");

  const again = await sign(world, { ...request, keys: [key("root-1")] });
  assert.deepEqual([again.added, again.roles[0]?.have], [0, 1], "signing twice adds nothing");

  const second = await sign(world, { ...request, keys: [key("root-3")] });
  assert.equal(second.visible, false);
  assert.deepEqual(
    second.missing.map(({ role, name }) => `${role} ${name}`),
    ["snapshot snapshot"],
  );

  const machine = await sign(world, { ...request, keys: [key("snapshot"), key("timestamp")] });
  assert.deepEqual([machine.visible, machine.changed, machine.channels[0]?.serial], [true, true, 1]);
  assert.deepEqual(await newClientSerial(world, directory, "main"), { serial: 1, epoch: 5, root: 1 });
  const unchanged = await sign(world, { ...request, keysDir });
  assert.deepEqual([unchanged.visible, unchanged.changed, unchanged.added], [true, false, 0]);

  world.time += 29 * DAY;
  const refreshed = await refreshTimestamp(world, {
    ...request,
    keys: [key("snapshot"), key("timestamp")],
    expires: "7d",
  });
  assert.equal(refreshed.changed, true);
  assert.equal(
    refreshed.roles.find(({ role }) => role === "timestamp")?.expires,
    new Date(world.time + 7 * DAY).toISOString().replace(".000", ""),
  );
  world.time += 6 * DAY;
  assert.equal((await newClientSerial(world, directory, "main")).serial, 1);

  await add(world, { ...release("1.1.0"), tree: toyTree(world, "toy", "1.1.0") });
  await deploy(world, { ...release("1.1.0"), validFrom: 100, epoch: 50 });
  await rules(world, { ...request, engine: "toy", maxFuture: 1 });
  await withdraw(world, { ...release("1.0.0"), reason: "it loses messages" });
  const published = await sign(world, { ...request, keysDir, epoch: 50 });
  assert.deepEqual([published.visible, published.channels[0]?.serial], [true, 2]);
  assert.deepEqual(await newClientSerial(world, directory, "main"), { serial: 2, epoch: 50, root: 1 });

  await retire(world, { ...release("1.0.0"), epoch: 100 });
  assert.equal((await sign(world, { ...request, keysDir, epoch: 100 })).channels[0]?.serial, 3);
  const sound = await verify(world, { directory });
  assert.deepEqual([sound.ok, sound.problems], [true, []]);
  assert.equal(sound.checked.files, 3 + 2 * 3, "three manifests, and archive, pieces and tree of two releases");

  const pruned = await prune(world, { ...request, keepManifests: 1 });
  assert.equal(pruned.removed.length, 3);
  assert.equal(pruned.kept.files, 3);
  assert.equal(readdirSync(join(directory, "archives")).length, 1);
  assert.equal((await verify(world, { directory })).ok, true, "what only earlier manifests name may be gone");
});

test("keys are for their owner alone, and never in the repository", async () => {
  using world = makeTestWorld();
  const directory = join(world.folder, "repository");
  const request = { directory, channel: "main", dryRun: false };
  await assert.rejects(init(world, { ...request, keysDir: join(directory, "keys") }), { code: "refused" });
  const keysDir = join(world.folder, "keys");
  await init(world, { ...request, directory: join(world.folder, "second"), keysDir });
  assert.equal(statSync(keysDir).mode & 0o777, 0o700);
  for (const name of ["root", "snapshot", "timestamp"]) {
    assert.equal(statSync(join(keysDir, `${name}.pem`)).mode & 0o777, 0o600);
    assert.equal(statSync(join(keysDir, `${name}.pub`)).mode & 0o777, 0o644);
  }
  await assert.rejects(init(world, { ...request, directory: join(world.folder, "third"), keysDir }), {
    code: "refused",
  });
});

test("a repository gains a second channel, and each is published by itself", async () => {
  using world = makeTestWorld();
  const directory = join(world.folder, "repository");
  const keysDir = join(world.folder, "keys");
  const request = { directory, dryRun: false };
  await init(world, { ...request, channel: "main", keysDir });
  await sign(world, { ...request, keysDir });
  await init(world, { ...request, channel: "test" });
  await assert.rejects(init(world, { ...request, channel: "test" }), { code: "refused" });
  await assert.rejects(
    add(world, { ...request, engine: "toy", version: "1.0.0", platform: "any", tree: toyTree(world, "toy", "1.0.0") }),
    { code: "usage" },
  );
  await add(world, {
    ...request,
    channel: "test",
    engine: "toy",
    version: "1.0.0",
    platform: "any",
    tree: toyTree(world, "toy", "1.0.0"),
  });
  const main = (await sign(world, { ...request, keysDir })).channels;
  assert.deepEqual(
    main.map(({ channel, serial }) => [channel, serial]),
    [
      ["main", 1],
      ["test", 1],
    ],
  );
  assert.equal((await newClientSerial(world, directory, "main")).serial, 1);
  assert.equal((await newClientSerial(world, directory, "test")).serial, 1);
  await assert.rejects(newClientSerial(world, directory, "other"), { code: "unknown-channel" });
});

test("a dry run changes nothing on disk", async () => {
  using world = makeTestWorld();
  const directory = join(world.folder, "repository");
  const keysDir = join(world.folder, "keys");
  const listing = (): readonly string[] =>
    existsSync(directory) ? readdirSync(directory, { recursive: true, encoding: "utf8" }).sort() : [];
  await init(world, { directory, channel: "main", keysDir, dryRun: true });
  assert.deepEqual([listing(), existsSync(keysDir)], [[], false]);
  await init(world, { directory, channel: "main", keysDir, dryRun: false });
  const before = listing();
  const request = { directory, dryRun: true };
  const release = { ...request, engine: "toy", version: "1.0.0", platform: "any" };
  const added = await add(world, { ...release, tree: toyTree(world, "toy", "1.0.0") });
  assert.deepEqual([added.dryRun, added.changed, added.files], [true, true, 2]);
  const signed = await sign(world, { ...request, keysDir });
  assert.deepEqual([signed.dryRun, signed.visible], [true, true]);
  assert.deepEqual(listing(), before);
});
