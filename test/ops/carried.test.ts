import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { collectRepository } from "../../scripts/sea/collect.ts";
import { appendPayload } from "../../scripts/sea/payload.ts";
import { openPayload } from "../../src/adapters/carried/payload.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { EMBEDDED } from "../../src/core/location.ts";
import { withCarried } from "../../src/ops/carried.ts";
import { install } from "../../src/ops/install.ts";
import type { InstallRequest } from "../../src/ops/operator.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import type { World } from "../../src/ops/world.ts";
import type { Fetcher } from "../../src/ports/fetcher.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, TEST_TIME, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../support/toy-channel.ts";

const DAY = 24 * 60 * 60 * 1000;

/** A program that carries `names` of the channel as it is now, and the world as that program finds it: no network, no folder. */
async function programWith(world: TestWorld, { repository }: ToyChannel, ...names: readonly string[]) {
  const program = join(world.folder, `program-${names.join("-")}`);
  writeFileSync(program, "a program");
  await appendPayload(
    program,
    await collectRepository(repository, names, world.host.platform, join(world.folder, "work")),
  );
  return worldOf(world, program);
}

function worldOf(world: TestWorld, program: string): World {
  const payload = openPayload(program) ?? assert.fail("nothing is carried");
  const fetcher: Fetcher = {
    open: async (location, options = {}) => {
      assert.ok(location.startsWith(EMBEDDED), location);
      return payload.open(location.slice(EMBEDDED.length), options);
    },
  };
  return { ...world, fetcher: async () => fetcher, carried: async () => payload.releases() };
}

async function toys(world: TestWorld): Promise<ToyChannel> {
  const channel = await makeToyChannel(world);
  for (const version of ["1.0.0", "2.0.0", "3.0.0"]) await channel.release("toy", version);
  for (const [position, version] of ["1.0.0", "2.0.0", "3.0.0"].entries()) {
    await channel.deploy("toy", version, position * 100);
  }
  await channel.publish(0);
  return channel;
}

const plain = (world: TestWorld, more: Partial<InstallRequest> = {}): InstallRequest => ({
  home: homeOf(world),
  names: [],
  dryRun: false,
  offline: false,
  allowHttp: false,
  ...more,
});

const installed = (world: TestWorld): readonly string[] => readdirSync(join(homeOf(world), "engines", "toy")).sort();

test("nothing is carried that is not what was signed, and no root but the one that was named", async () => {
  using world = makeTestWorld();
  const { repository, rootSha256 } = await toys(world);
  const collected = (root?: string) =>
    collectRepository(repository, ["toy@1.0.0"], world.host.platform, join(world.folder, "work"), root);
  for (const folder of ["trees", "pieces", "manifests"]) {
    for (const name of readdirSync(join(repository, folder))) {
      const path = join(repository, folder, name);
      const sound = readFileSync(path);
      writeFileSync(path, Buffer.concat([sound, Buffer.from(" ")]));
      const carried = await collected().then(({ files }) => files.has(`${folder}/${name}`), String);
      assert.ok(carried === false || /is not what was signed/.test(String(carried)), `${folder}/${name}: ${carried}`);
      writeFileSync(path, sound);
    }
  }
  assert.equal((await collected(rootSha256)).root, "metadata/1.root.json");
  await assert.rejects(collected("0".repeat(64)), { code: "trust-root" });
});

test("install without a word lays out what is carried, through the same verification, and does nothing the second time", async () => {
  using world = makeTestWorld();
  const program = await programWith(world, await toys(world), "toy@1.0.0", "toy@2.0.0");
  const first = await install(program, plain(world));
  assert.equal(first.changed, true);
  assert.deepEqual(installed(world), ["1.0.0", "2.0.0"], "3.0.0 is deployed and not carried: nobody asks for it");
  assert.equal(JSON.parse(readFileSync(join(homeOf(world), "config.json"), "utf8")).repository, EMBEDDED);
  assert.equal((await install(program, plain(world))).changed, false);
});

test("carried bytes that were altered are refused as a mirror's are", async () => {
  using world = makeTestWorld();
  const channel = await toys(world);
  await programWith(world, channel, "toy@1.0.0");
  const path = join(world.folder, "program-toy@1.0.0");
  const bytes = readFileSync(path);
  const [archive] = readdirSync(join(channel.repository, "archives"));
  const content = readFileSync(join(channel.repository, "archives", archive ?? ""));
  const at = [...readdirSync(join(channel.repository, "archives"))]
    .map((name) => bytes.indexOf(readFileSync(join(channel.repository, "archives", name))))
    .find((found) => found >= 0);
  assert.ok(at !== undefined && content.length > 20);
  bytes[at + 20] = (bytes[at + 20] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await assert.rejects(install(worldOf(world, path), plain(world)), (error) => isEngineryError(error, "hash-mismatch"));
});

test("an expired timestamp is refused, and taken for a reason that is said", async () => {
  using world = makeTestWorld();
  const channel = await toys(world);
  const program = await programWith(world, channel, "toy@1.0.0");
  // the timestamp has, the root has not
  world.time = TEST_TIME + 100 * DAY;
  await assert.rejects(install(program, plain(world)), (error) => isEngineryError(error, "trust-expired"));
  await install(program, plain(world, { allowExpired: "no way to a newer one" }));
  assert.deepEqual(installed(world), ["1.0.0"]);
});

test("a later program brings a home that follows it on; upgrade reads what it carries", async () => {
  using world = makeTestWorld();
  const channel = await toys(world);
  await install(await programWith(world, channel, "toy@1.0.0"), plain(world));
  await channel.release("toy", "4.0.0");
  await channel.deploy("toy", "4.0.0", 300, 0);
  await channel.publish(0);
  const later = await programWith(world, channel, "toy@1.0.0", "toy@4.0.0");
  await install(later, plain(world));
  assert.deepEqual(installed(world), ["1.0.0", "4.0.0"]);
  const upgraded = await upgrade(later, upgradeRequest(world));
  assert.equal(upgraded.changed, false);
});

test("what the operator says goes before what is carried; another home is none of the program's business", async () => {
  using world = makeTestWorld();
  const channel = await toys(world);
  const program = await programWith(world, channel, "toy@1.0.0", "toy@2.0.0");
  const { repository: from, rootSha256 } = channel;
  const elsewhere = { ...program, fetcher: world.fetcher };
  await install(
    elsewhere,
    plain(world, { from, rootSha256, channel: "toys", names: [{ engine: "toy", version: "3.0.0" }] }),
  );
  assert.deepEqual(installed(world), ["3.0.0"]);
  await install(elsewhere, plain(world, { names: [{ engine: "toy", version: "2.0.0" }] }));
  assert.equal(JSON.parse(readFileSync(join(homeOf(world), "config.json"), "utf8")).repository, from);
  assert.deepEqual(installed(world), ["2.0.0", "3.0.0"]);
  assert.deepEqual(await withCarried(elsewhere, plain(world)), plain(world), "not even by the names that are carried");
});

test("a wrong root that is given is not replaced by the one that is carried", async () => {
  using world = makeTestWorld();
  const program = await programWith(world, await toys(world), "toy@1.0.0");
  await assert.rejects(install(program, plain(world, { rootSha256: "0".repeat(64) })), (error) =>
    isEngineryError(error, "trust-root"),
  );
});
