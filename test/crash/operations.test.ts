import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { install } from "../../src/ops/install.ts";
import { observe } from "../../src/ops/observe.ts";
import { pin } from "../../src/ops/pin.ts";
import { prune } from "../../src/ops/prune.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { takeSnapshot } from "../../src/ops/snapshot.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { which } from "../../src/ops/which.ts";
import type { World } from "../../src/ops/world.ts";
import { openHome } from "../../src/store/home.ts";
import { noise } from "../ops/support/delta-scene.ts";
import { forEveryKillPoint } from "../sim/killing-file-system.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installRequest, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../support/toy-channel.ts";

const real = unsynced(nodeFileSystem());
const world: TestWorld & Disposable = makeTestWorld({ fileSystem: real });
let channel: ToyChannel;
/** Homes to begin from: serial 1 installed, and serial 2 installed over it. */
const first = join(world.folder, "first-home");
const second = join(world.folder, "second-home");

before(async () => {
  channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0");
  await channel.release("toy", "2.0.0", { files: { "share/data": noise("data", 6000) } });
  await channel.deploy("toy", "1.0.0", 0);
  await channel.deploy("toy", "2.0.0", 100);
  await channel.publish(10);
  await install(world, installRequest(world, channel, { home: first }));
  await observe(world, { home: first, epoch: 150, dryRun: false });
  // comes as a delta: the archive's own way is that of the install
  await channel.release("toy", "3.0.0", { files: { "share/data": noise("data", 6000, "changed") }, deltas: 1 });
  await channel.deploy("toy", "3.0.0", 200, 150);
  await channel.publish(150);
  cpSync(first, second, { recursive: true, preserveTimestamps: true });
  const { ways } = await upgrade(world, upgradeRequest(world, { home: second }));
  assert.deepEqual(
    ways.map(({ way }) => way),
    ["delta"],
  );
});

after(() => world[Symbol.dispose]());

/** A home of its own for each kill point, gone after it. */
async function matrix(
  from: string | undefined,
  act: (dying: World, home: string) => Promise<unknown>,
  check: (home: string) => Promise<void>,
): Promise<number> {
  return await forEveryKillPoint({
    real,
    torn: true,
    arrange: () => {
      const folder = mkdtempSync(join(tmpdir(), "enginery-kill-"));
      if (from !== undefined) cpSync(from, join(folder, "home"), { recursive: true, preserveTimestamps: true });
      return folder;
    },
    act: (fileSystem, folder) => act({ ...world, fileSystem, host: deadHost() }, join(folder, "home")),
    check: async (folder) => {
      try {
        await check(join(folder, "home"));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  });
}

/** The one who dies is another process than the one who looks: its claims and marks must count as gone. */
function deadHost(): World["host"] {
  const { host } = world;
  const self = { ...host.self(), pid: 4_194_303, started: "1" };
  // It knows itself to be alive.
  return { ...host, self: () => self, startedOf: (pid) => (pid === self.pid ? self.started : host.startedOf(pid)) };
}

const outsideOf = (home: string) => `${home}-leases`;

function newestOf(home: string): number | undefined {
  try {
    return takeSnapshot(world, { home }).newest.number;
  } catch (error) {
    if (isEngineryError(error) && error.code === "no-home") return undefined;
    throw error;
  }
}

async function requireSound(home: string, generations: readonly (number | undefined)[]): Promise<void> {
  const newest = newestOf(home);
  assert.ok(generations.includes(newest), `generation ${newest}`);
  if (newest === undefined) return;
  const { problems } = await verify(world, verifyRequest(world, { home }));
  assert.deepEqual(problems, []);
  assert.equal((await which(world, { home, engine: "toy", epoch: 99 })).version, "1.0.0");
}

test("install killed before every change of the disk: nothing or all, and the same command ends it", async (context) => {
  const request = (home: string) => installRequest(world, channel, { home });
  const points = await matrix(
    undefined,
    (dying, home) => install(dying, request(home)),
    async (home) => {
      await requireSound(home, [undefined, 1]);
      await install(world, request(home));
      await requireSound(home, [1]);
    },
  );
  context.diagnostic(`${points} kill points`);
  assert.ok(points > 50);
});

test("leases moved outside, killed before every change of the disk: VERSION says where, and the same command ends it", async (context) => {
  const request = (home: string) => installRequest(world, channel, { home, leases: outsideOf(home) });
  const places = new Set<string | undefined>();
  const points = await matrix(
    second,
    (dying, home) => install(dying, request(home)),
    async (home) => {
      await requireSound(home, [2]);
      const { leases } = openHome(home, world);
      {
        using lease = leases.take({ engine: "toy", version: "1.0.0" });
        places.add(leases.outside()?.slice(home.length));
        assert.ok(leases.all().some(({ id }) => id === lease.id));
      }
      await install(world, request(home));
      assert.equal(leases.outside(), outsideOf(home));
      for (const folder of [outsideOf(home), join(home, "leases")]) assert.deepEqual(world.fileSystem.list(folder), []);
    },
  );
  assert.deepEqual([...places], [undefined, outsideOf("")]);
  context.diagnostic(`${points} kill points`);
});

test("upgrade killed before every change of the disk: old or new, and the next command works", async (context) => {
  const points = await matrix(
    first,
    (dying, home) => upgrade(dying, upgradeRequest(world, { home })),
    async (home) => {
      await requireSound(home, [1, 2]);
      await upgrade(world, upgradeRequest(world, { home }));
      await requireSound(home, [2]);
      assert.equal((await which(world, { home, engine: "toy", epoch: 200 })).version, "3.0.0");
    },
  );
  context.diagnostic(`${points} kill points`);
  assert.ok(points > 30);
});
test("rollback killed before every change of the disk: old or new, and the next command works", async (context) => {
  const points = await matrix(
    second,
    (dying, home) => rollback(dying, { home, dryRun: false }),
    async (home) => {
      await requireSound(home, [2, 3]);
      if (newestOf(home) === 2) await rollback(world, { home, dryRun: false });
      await requireSound(home, [3]);
      await upgrade(world, upgradeRequest(world, { home, again: true }));
      await requireSound(home, [4]);
    },
  );
  context.diagnostic(`${points} kill points`);
});

test("prune killed before every change of the disk: nothing with a gc root is gone, and the next prune ends it", async (context) => {
  const request = { dryRun: false, before: 100, keepGenerations: 1 };
  const points = await matrix(
    second,
    (dying, home) => prune(dying, { ...request, home }),
    async (home) => {
      const { problems } = await verify(world, verifyRequest(world, { home }));
      assert.deepEqual(problems, []);
      assert.equal((await which(world, { home, engine: "toy", epoch: 150 })).version, "2.0.0");
      await prune(world, { ...request, home });
      assert.deepEqual(
        world.fileSystem
          .list(join(home, "engines", "toy"))
          ?.map(({ name }) => name)
          .toSorted(),
        ["2.0.0", "3.0.0"],
      );
      assert.deepEqual(world.fileSystem.list(join(home, "staging")), []);
      assert.deepEqual(world.fileSystem.list(join(home, "marks")), []);
    },
  );
  context.diagnostic(`${points} kill points`);
});

test("a batch of pins killed before every change of the disk: each the old or the new one, and the same command goes on", async (context) => {
  const tenants = ["vat-1", "vat-2", "vat-3", "vat-4"];
  const batch = (home: string, version: string) => ({
    home,
    dryRun: false,
    pins: tenants.map((tenant) => ({ tenant, engine: "toy", version })),
  });
  const pinned = mkdtempSync(join(world.folder, "pinned-"));
  cpSync(second, pinned, { recursive: true, preserveTimestamps: true });
  await pin(world, { ...batch(pinned, "1.0.0"), pins: batch(pinned, "1.0.0").pins.slice(0, 2) });
  const version = async (home: string, tenant: string) =>
    (await which(world, { home, engine: "toy", tenant, epoch: 150 })).version;
  const seen = new Set<string>();
  const points = await matrix(
    pinned,
    (dying, home) => pin(dying, batch(home, "2.0.0")),
    async (home) => {
      await requireSound(home, [2]);
      const found = await Promise.all(tenants.map((tenant) => version(home, tenant)));
      seen.add(found.join(" "));
      for (const [at, one] of found.entries()) assert.ok(at < 2 ? ["1.0.0", "2.0.0"].includes(one) : one === "2.0.0");
      await pin(world, batch(home, "2.0.0"));
      for (const tenant of tenants) assert.equal(await version(home, tenant), "2.0.0");
      assert.equal((await pin(world, batch(home, "2.0.0"))).changed, 0);
      await prune(world, { home, dryRun: false });
      assert.deepEqual(world.fileSystem.list(join(home, "staging")), []);
    },
  );
  assert.ok(seen.size > 2, `${[...seen]}`);
  context.diagnostic(`${points} kill points`);
});

test("pin and observe killed before every change of the disk: the old or the new statement", async (context) => {
  const pinned = { tenant: "vat-1", engine: "toy", version: "1.0.0" };
  const pins = await matrix(
    second,
    (dying, home) => pin(dying, { home, dryRun: false, pins: [pinned] }),
    async (home) => {
      await requireSound(home, [2]);
      await pin(world, { home, dryRun: false, pins: [pinned] });
      assert.equal((await which(world, { home, engine: "toy", tenant: "vat-1" })).because, "pin");
    },
  );
  const observations = await matrix(
    second,
    (dying, home) => observe(dying, { home, epoch: 170, dryRun: false }),
    async (home) => {
      assert.ok([150, 170].includes(takeSnapshot(world, { home }).epoch ?? -1));
      await observe(world, { home, epoch: 170, dryRun: false });
      assert.equal(takeSnapshot(world, { home }).epoch, 170);
    },
  );
  context.diagnostic(`${pins} and ${observations} kill points`);
});
