import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { hostHome } from "../../src/index.ts";
import { install } from "../../src/ops/install.ts";
import { observe } from "../../src/ops/observe.ts";
import { pin, pins } from "../../src/ops/pin.ts";
import { prune } from "../../src/ops/prune.ts";
import { retire } from "../../src/ops/repo/retire.ts";
import { withdraw } from "../../src/ops/repo/withdraw.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { status } from "../../src/ops/status.ts";
import { check, upgrade } from "../../src/ops/upgrade.ts";
import { which } from "../../src/ops/which.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { handPulse } from "../support/hand-pulse.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf, installRequest, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

/** Pinned to 1.0.0, so many. */
const TENANTS = Number(process.env["ENGINERY_TEST_PINS"] ?? 1_000);
const QUIET = { dryRun: false, offline: false, allowHttp: false } as const;

/** toy 1.0.0 from 0 and 2.0.0 from 100; the epoch is 150, and many tenants are pinned to 1.0.0. */
async function pinnedToys(world: TestWorld) {
  const channel = await installedToys(world);
  const home = homeOf(world);
  await observe(world, { home, epoch: 150, dryRun: false });
  const tenants = Array.from({ length: TENANTS }, (_, at) => `vat-${String(at).padStart(6, "0")}`);
  await pin(world, {
    home,
    dryRun: false,
    pins: tenants.map((tenant) => ({ tenant, engine: "toy", version: "1.0.0" })),
  });
  return { channel, home, tenants };
}

const told = (world: TestWorld) => world.warnings.filter(({ code }) => code === "pinned-not-promised");

test("A7: a release that tenants are pinned to is retired: named at check, upgrade and status, and it stays", async () => {
  using world = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
  const { channel, home, tenants } = await pinnedToys(world);
  const directory = channel.repository;
  assert.deepEqual((await check(world, { home, names: [], ...QUIET })).pinned, []);
  await retire(world, { directory, engine: "toy", version: "1.0.0", epoch: 150, dryRun: false });
  await channel.publish(150);
  const [named, ...others] = (await check(world, { home, names: [], ...QUIET })).pinned;
  assert.deepEqual(others, []);
  assert.deepEqual(named, {
    engine: "toy",
    version: "1.0.0",
    change: "removed",
    tenants: tenants.slice(0, 20),
    count: TENANTS,
  });
  assert.match(told(world)[0]?.message ?? "", /vat-000000, .*vat-000019 and 980 more\. It stays installed/);
  world.warnings.length = 0;
  const { pinned } = await upgrade(world, upgradeRequest(world, { prune: true }));
  assert.equal(pinned[0]?.count, TENANTS);
  assert.equal(told(world).length, 1);
  const problem = (await status(world, { home })).problems.find(({ code }) => code === "pinned-not-promised");
  assert.match(
    problem?.message ?? "",
    /^toy@1\.0\.0 has no release in the manifest any more, and 1000 tenants are pinned to it/,
  );

  // all that commits a generation or removes anything, twice
  for (let round = 0; round < 2; round++) {
    await prune(world, { home, dryRun: false, before: 150, keepGenerations: 1 });
    await install(world, installRequest(world, channel, { names: [{ engine: "toy", version: "2.0.0" }] }));
    await upgrade(world, upgradeRequest(world, { prune: true, again: true }));
    await channel.release("toy", `${round + 3}.0.0`);
    await channel.deploy("toy", `${round + 3}.0.0`, 1_000 + round, 150);
    await channel.publish(150);
    await upgrade(world, upgradeRequest(world, { prune: true }));
    await rollback(world, { home, dryRun: false });
    await upgrade(world, upgradeRequest(world, { prune: true, again: true }));
  }
  const [kept] = (await prune(world, { home, dryRun: false, before: 150, keepGenerations: 1 })).kept;
  assert.equal(kept?.version, "1.0.0");
  assert.equal(kept?.keptBy.filter(({ kind }) => kind === "pin").length, TENANTS);
  assert.ok(existsSync(join(home, "engines", "toy", "1.0.0", "SEAL.json")));
  assert.equal((await pins(world, { home })).pins.length, TENANTS);
  const [first = ""] = tenants;
  const found = await which(world, { home, engine: "toy", tenant: first, epoch: 150 });
  assert.deepEqual([found.version, found.because], ["1.0.0", "pin"]);
  using host = hostHome(world, home, handPulse());
  using _lease = host.lease(host.resolve({ engine: "toy", tenant: first }));
});

test("A7: a pinned release is withdrawn: its reason and its tenants are named, and they go on", async () => {
  using world = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
  const channel = await installedToys(world);
  const home = homeOf(world);
  await pin(world, { home, dryRun: false, pins: [{ tenant: "vat-1", engine: "toy", version: "1.0.0" }] });
  const directory = channel.repository;
  await withdraw(world, { directory, engine: "toy", version: "1.0.0", reason: "it traps", dryRun: false });
  await channel.publish(50);
  const { pinned } = await upgrade(world, upgradeRequest(world, { prune: true }));
  assert.deepEqual(pinned, [
    { engine: "toy", version: "1.0.0", change: "withdrawn", reason: "it traps", tenants: ["vat-1"], count: 1 },
  ]);
  assert.equal(
    told(world)[0]?.message,
    "toy@1.0.0 was withdrawn (it traps), and 1 tenant is pinned to it: vat-1. It stays installed, and they stay on it.",
  );
  assert.equal((await which(world, { home, engine: "toy", tenant: "vat-1" })).version, "1.0.0");
});
