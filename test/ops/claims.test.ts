import assert from "node:assert/strict";
import { appendFileSync, chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import { install } from "../../src/ops/install.ts";
import { pin } from "../../src/ops/pin.ts";
import { prune } from "../../src/ops/prune.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { status } from "../../src/ops/status.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { which } from "../../src/ops/which.ts";
import { openHome } from "../../src/store/home.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, installRequest, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel } from "../support/toy-channel.ts";

const withCode = (code: string) => (error: unknown) => isEngineryError(error) && error.code === code;

/** Generations: 1 has toy 1.0.0 and 2.0.0, 2 has 3.0.0 too, 3 restates 1. */
async function rolledBack(world: TestWorld): Promise<void> {
  await publishThird(await installedToys(world));
  await upgrade(world, upgradeRequest(world));
  await rollback(world, { home: homeOf(world), dryRun: false });
}

const pruned = (world: TestWorld) => prune(world, { home: homeOf(world), keepGenerations: 1, dryRun: false });
const third = (world: TestWorld) => join(homeOf(world), "engines", "toy", "3.0.0");

test("a lease keeps its release through every prune, also when no generation names it any more", async () => {
  using world = makeTestWorld();
  await rolledBack(world);
  using _lease = openHome(homeOf(world), world).leases.take({ engine: "toy", version: "3.0.0" });
  for (let round = 1; round <= 3; round++) {
    const { kept } = await pruned(world);
    const reasons = kept.find(({ version }) => version === "3.0.0")?.keptBy.map(({ kind }) => kind);
    assert.deepEqual(reasons, ["lease"], `round ${round}`);
    assert.ok(existsSync(join(third(world), "SEAL.json")));
  }
});

test("a pin keeps its release when no generation names it any more", async () => {
  using world = makeTestWorld();
  await rolledBack(world);
  await upgrade(world, upgradeRequest(world, { again: true }));
  await pin(world, { home: homeOf(world), dryRun: false, pins: [{ tenant: "t", engine: "toy", version: "3.0.0" }] });
  await rollback(world, { home: homeOf(world), to: 1, dryRun: false });
  await pruned(world);
  await pruned(world);
  assert.equal((await which(world, { home: homeOf(world), engine: "toy", tenant: "t" })).version, "3.0.0");
});

test("a damaged installation that is claimed is mended where it is and never moved away", async () => {
  using world = makeTestWorld();
  await rolledBack(world);
  using _lease = openHome(homeOf(world), world).leases.take({ engine: "toy", version: "3.0.0" });
  const notes = join(third(world), "share", "notes.txt");
  chmodSync(notes, 0o644);
  appendFileSync(notes, "x");
  const away = { ...world, archiveReader: () => Promise.reject(new Error("no archive can be read")) };
  await assert.rejects(upgrade(away, upgradeRequest(world, { again: true })));
  assert.ok(existsSync(join(third(world), "toy")), "nothing was moved before a replacement was there");
  await upgrade(world, upgradeRequest(world, { again: true }));
  assert.deepEqual((await verify(world, verifyRequest(world))).problems, []);
});

test("where a generation cannot be read prune removes nothing", async () => {
  using world = makeTestWorld();
  await rolledBack(world);
  const generations = join(homeOf(world), "generations");
  const second = join(generations, readdirSync(generations).find((name) => name.startsWith("00000002")) ?? "");
  chmodSync(second, 0o644);
  writeFileSync(second, "x");
  await assert.rejects(pruned(world), withCode("generation-unreadable"));
  assert.ok(existsSync(join(third(world), "toy")));
});

test("upgrade --again ends a hold also where there is nothing to lay out", async () => {
  using world = makeTestWorld();
  await rolledBack(world);
  await rollback(world, { home: homeOf(world), to: 2, dryRun: false });
  assert.equal((await status(world, { home: homeOf(world) })).held, true);
  await upgrade(world, upgradeRequest(world, { again: true }));
  assert.equal((await status(world, { home: homeOf(world) })).held, false);
  assert.equal((await upgrade(world, upgradeRequest(world))).held, undefined);
});

test("a first install of which nothing can be laid out makes no home", async () => {
  using world = makeTestWorld();
  const channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0");
  await channel.deploy("toy", "1.0.0", 100);
  await channel.publish(10);
  const platform = "win32-arm64";
  await assert.rejects(install(world, installRequest(world, channel, { platform })), withCode("platform-missing"));
  assert.equal(existsSync(homeOf(world)), false);
});
