import assert from "node:assert/strict";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { list } from "../../src/ops/list.ts";
import { names } from "../../src/ops/names.ts";
import type { NamesRequest } from "../../src/ops/operator.ts";
import { pin } from "../../src/ops/pin.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld } from "../support/test-world.ts";

const world = makeTestWorld();
after(() => world[Symbol.dispose]());

before(async () => {
  const channel = await installedToys(world);
  await channel.release("other", "7.0.0");
  await channel.release("toy", "4.0.0");
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  const pins = ["v42", "para chain"].map((tenant) => ({ tenant, engine: "toy", version: "1.0.0" }));
  await pin(world, { home: homeOf(world), dryRun: false, pins });
});

const ask = (kind: NamesRequest["kind"], more: Partial<NamesRequest> = {}) =>
  names(world, { home: homeOf(world), kind, ...more });
const INSTALLED = ["toy@1.0.0", "toy@2.0.0", "toy@3.0.0"];

test("what is installed, and what the accepted manifest names beside it", async () => {
  assert.deepEqual(await ask("engine"), ["toy"]);
  assert.deepEqual(await ask("release"), INSTALLED);
  assert.deepEqual((await ask("offered-engine")).toSorted(), ["other", "toy"]);
  assert.deepEqual((await ask("offered-release")).toSorted(), ["other@7.0.0", ...INSTALLED, "toy@4.0.0"]);
  assert.deepEqual(await ask("channel"), ["toys"]);
});

test("tenants, what they are pinned for, entry points, and the generations that there is a way back to", async () => {
  assert.deepEqual((await ask("tenant")).toSorted(), ["para chain", "v42"]);
  assert.deepEqual(await ask("pinned-engine", { tenant: "v42" }), ["toy"]);
  assert.deepEqual(await ask("pinned-engine", { tenant: "v43" }), []);
  assert.deepEqual(await ask("entry", { engine: "toy" }), ["toy"]);
  assert.deepEqual(await ask("entry", { engine: "toy", version: "9.9.9" }), []);
  assert.deepEqual(await ask("generation"), ["1"]);
  assert.deepEqual(await ask("lease"), []);
  assert.deepEqual(await ask("quarantined"), []);
});

test("asking changes nothing in the home, and where there is none makes none", async () => {
  const seen = () =>
    readdirSync(homeOf(world), { recursive: true, encoding: "utf8" })
      .sort()
      .map((path) => `${path} ${statSync(join(homeOf(world), path)).mtimeMs}`);
  const before = seen();
  for (const kind of ["offered-release", "tenant", "channel", "lease", "entry"] as const) await ask(kind);
  assert.deepEqual(seen(), before);
  await assert.rejects(ask("engine", { home: join(world.folder, "none") }), { code: "no-home" });
  assert.ok(!readdirSync(world.folder).includes("none"));
});

test("of very many tenants none is offered: some of them would pass for all", async () => {
  const pins = Array.from({ length: 2_000 }, (_, at) => ({ tenant: `many-${at}`, engine: "toy", version: "1.0.0" }));
  await pin(world, { home: homeOf(world), dryRun: false, pins });
  assert.deepEqual(await ask("tenant"), []);
});

test("what needs no manifest is answered where it is damaged", async () => {
  const { generation } = await list(world, { home: homeOf(world) });
  assert.equal(generation, 2);
  const folder = join(homeOf(world), "manifests");
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), "{}");
  assert.deepEqual(await ask("release"), INSTALLED);
  await assert.rejects(ask("offered-release"), { code: "home-damaged" });
});
