import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { exec } from "../../src/ops/exec.ts";
import { pin, pins, unpin } from "../../src/ops/pin.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { which } from "../../src/ops/which.ts";
import type { World } from "../../src/ops/world.ts";
import { openHome } from "../../src/store/home.ts";
import { interposed } from "../sim/interposed-file-system.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import type { ToyChannel } from "../support/toy-channel.ts";

const world: TestWorld & Disposable = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
const home = homeOf(world);
let channel: ToyChannel;

before(async () => {
  channel = await installedToys(world);
});
after(() => world[Symbol.dispose]());

const pinAll = (tenants: readonly string[], version: string, more: { force?: string; dryRun?: boolean } = {}) =>
  pin(world, {
    home,
    dryRun: false,
    pins: tenants.map((tenant) => ({ tenant, engine: "toy", version })),
    ...more,
  });
const many = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
const versionOf = async (tenant: string) => (await which(world, { home, engine: "toy", tenant })).version;

test("H2: a pin to a version that is not installed is refused with the command that mends it", async () => {
  await channel.release("toy", "3.0.0");
  await channel.publish(50);
  await upgrade(world, upgradeRequest(world));
  await assert.rejects(pinAll(["vat-1"], "3.0.0"), {
    code: "pin-not-installed",
    message: "toy@3.0.0 is not installed here.",
    hint: "Install it: enginery install toy@3.0.0",
  });
  await assert.rejects(pinAll(["vat-1"], "9.9.9"), { code: "unknown-version", message: /no release toy@9\.9\.9/ });
  assert.deepEqual((await pins(world, { home })).pins, []);
});

test("H3: a pin to the same or an older version says that nothing changed, and --force goes back", async () => {
  await pinAll(["h3"], "2.0.0");
  assert.deepEqual(await pinAll(["h3"], "2.0.0").then(({ changed, stays }) => ({ changed, stays })), {
    changed: 0,
    stays: [],
  });
  for (const dryRun of [true, false]) {
    const older = await pinAll(["h3", "h3-new"], "1.0.0", { dryRun });
    assert.deepEqual(older.stays, [{ tenant: "h3", engine: "toy", version: "2.0.0", asked: "1.0.0" }]);
    assert.deepEqual(
      older.pins.map(({ tenant, version }) => `${tenant} ${version}`),
      ["h3 2.0.0", "h3-new 1.0.0"],
    );
    assert.equal(older.changed, 1);
  }
  assert.equal(await versionOf("h3"), "2.0.0");
  await pinAll(["h3"], "1.0.0", { force: "it replays no more" });
  assert.equal(await versionOf("h3"), "1.0.0");
  const last = openHome(home, world).ledger.read().at(-1);
  assert.deepEqual({ ...(last?.detail?.["reasons"] as object) }, { force: "it replays no more" });
});

test("pins of an engine: one that is nowhere is refused, one that has none has none", async () => {
  await assert.rejects(pins(world, { home, engine: "toi" }), { code: "unknown-engine", hint: "It has toy." });
  const all = (await pins(world, { home })).pins;
  assert.deepEqual((await pins(world, { home, engine: "toy" })).pins, all);
});

test("who has no pin is named as text", async () => {
  await assert.rejects(unpin(world, { home, tenant: "a\u202eb", engine: "toy", dryRun: false }), {
    code: "unknown-tenant",
    message: '"a\\u{202e}b" has no pin for toy.',
  });
});

test("pins that contradict each other are refused before the first is written", async () => {
  const asked = ["1.0.0", "2.0.0"].map((version) => ({ tenant: "twice", engine: "toy", version }));
  await assert.rejects(pin(world, { home, dryRun: false, pins: asked }), {
    code: "usage",
    message: '"twice" is to be pinned to toy@2.0.0 and to toy@1.0.0.',
  });
  const same = asked.map((one) => ({ ...one, version: "1.0.0" }));
  assert.equal((await pin(world, { home, dryRun: true, pins: same })).changed, 1);
});

test("a batch is told in few lines, and they tell doctor what a torn pin said", async () => {
  const before = openHome(home, world).ledger.read().length;
  const tenants = many("batch", 2_500);
  assert.equal((await pinAll(tenants, "1.0.0")).changed, 2_500);
  const { ledger, pins: there } = openHome(home, world);
  const lines = ledger.read().slice(before);
  assert.equal(lines.length, 3);
  const told = lines.flatMap(({ detail }) => detail?.["releases"] as { tenants: string[] }[]);
  assert.deepEqual(told.flatMap((release) => release.tenants).sort(), tenants.toSorted());
  for (const tenant of ["batch-0", "batch-2499"]) assert.equal(there.get(tenant, "toy")?.version, "1.0.0");
  writeFileSync(there.path("batch-7", "toy"), "{");
  await assert.rejects(versionOf("batch-7"), { code: "home-damaged" });
  await doctor(world, { home, fix: true });
  assert.equal(await versionOf("batch-7"), "1.0.0");
  assert.equal((await pinAll(tenants, "1.0.0")).changed, 0);
});

test("tenants with long names make a batch of their own, which the ledger can hold", async () => {
  const long = many("長", 300).map((tenant) => tenant.padEnd(1_024, "長"));
  await pinAll(long, "1.0.0");
  assert.equal(openHome(home, world).ledger.damagedLines(), 0);
  writeFileSync(openHome(home, world).pins.path(long[299] ?? "", "toy"), "{");
  await doctor(world, { home, fix: true });
  assert.equal(await versionOf(long[299] ?? ""), "1.0.0");
});

test("a batch whose release prune is about to take is withdrawn, and what was pinned before stays", async () => {
  const { marks } = openHome(home, world);
  await pinAll(["m-0"], "1.0.0");
  marks.put("toy", "2.0.0", "0".repeat(32));
  const asked = [
    ...many("m", 3).map((tenant) => ({ tenant, engine: "toy", version: "2.0.0" })),
    { tenant: "other", engine: "toy", version: "1.0.0" },
  ];
  await assert.rejects(pin(world, { home, dryRun: false, pins: asked }), { code: "marked", message: /and 2 more/ });
  marks.remove("toy", "2.0.0");
  const held = (await pins(world, { home })).pins.filter(({ tenant }) => /^(m-|other)/.test(tenant));
  assert.deepEqual(
    held.map(({ tenant, version }) => `${tenant} ${version}`),
    ["m-0 1.0.0", "other 1.0.0"],
  );
});

test("one pin costs as much among thousands as among few", async () => {
  const verbs: Readonly<Record<string, (living: World) => Promise<unknown>>> = {
    pin: (living) => pin(living, { home, dryRun: false, pins: [{ tenant: "one", engine: "toy", version: "2.0.0" }] }),
    "which --tenant": (living) => which(living, { home, engine: "toy", tenant: "one" }),
    "exec --tenant": (living) => exec(living, { home, engine: "toy", tenant: "one", args: [], env: {} }),
    unpin: (living) => unpin(living, { home, tenant: "one", engine: "toy", dryRun: false }),
  };
  const costs = async () => {
    const counts: [string, number][] = [];
    for (const [name, act] of Object.entries(verbs)) counts.push([name, await callsOf(act)]);
    return counts;
  };
  await costs();
  const few = await costs();
  await pinAll(many("more", 2_000), "1.0.0");
  // the ledger is as long as it may matter: its end is read, and no more
  await costs();
  assert.deepEqual(await costs(), few);
});

async function callsOf(act: (living: World) => Promise<unknown>): Promise<number> {
  let calls = 0;
  const fileSystem = interposed(world.fileSystem, {
    before: () => {
      calls += 1;
    },
  });
  const children = { ...world.children, replace: async () => 0 };
  await act({ ...world, fileSystem, children }).catch((error: unknown) => {
    assert.ok(!isEngineryError(error), String(error));
    throw error;
  });
  return calls;
}
