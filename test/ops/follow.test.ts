import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { EngineryError } from "../../src/core/errors.ts";
import { type HomeChange, type HostHome, hostHome } from "../../src/index.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { observe } from "../../src/ops/observe.ts";
import { pin, unpin } from "../../src/ops/pin.ts";
import { prune } from "../../src/ops/prune.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { which } from "../../src/ops/which.ts";
import type { World } from "../../src/ops/world.ts";
import { openHome as openStore } from "../../src/store/home.ts";
import { interposed } from "../sim/interposed-file-system.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { type HandPulse, handPulse } from "../support/hand-pulse.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

/** toy 1.0.0 from 0 and 2.0.0 from 100, installed; 3.0.0 from 200 published. The epoch is 50, vat-1 is pinned to 1.0.0. */
const world: TestWorld & Disposable = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
before(async () => {
  await publishThird(await installedToys(world));
  await pinTo(homeOf(world), "vat-1", "1.0.0");
});
after(() => world[Symbol.dispose]());

const pinTo = (home: string, tenant: string, version: string) =>
  pin(world, { home, dryRun: false, pins: [{ tenant, engine: "toy", version }] });
const unpinIn = (home: string, tenant: string) => unpin(world, { home, dryRun: false, tenant, engine: "toy" });
const code = (wanted: string) => (error: unknown) => error instanceof EngineryError && error.code === wanted;

interface Scene extends Disposable {
  readonly home: string;
  readonly host: HostHome;
  readonly pulse: HandPulse;
  readonly told: HomeChange[];
  versionOf(tenant?: string, epoch?: number): string;
}

/** A copy of the home, and a host that follows it. */
function scene(living: World = world): Scene {
  const home = join(mkdtempSync(join(world.folder, "scene-")), "home");
  cpSync(homeOf(world), home, { recursive: true, preserveTimestamps: true });
  const pulse = handPulse();
  const host = hostHome(living, home, pulse);
  const told: HomeChange[] = [];
  host.watch((change) => told.push(change));
  return {
    home,
    host,
    pulse,
    told,
    versionOf: (tenant, epoch) => host.resolve({ engine: "toy", tenant, epoch }).version,
    [Symbol.dispose]: () => {
      host.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

test("a new generation is followed without being asked for, and told when it is answered from", async () => {
  using made = scene();
  const { home, host, pulse, told } = made;
  assert.equal(made.versionOf(undefined, 200), "2.0.0");
  const seen: unknown[] = [];
  const watching = host.watch((change) => seen.push([change.kind, made.versionOf(undefined, 200)]));
  await upgrade(world, upgradeRequest(world, { home }));
  await pulse.pass(500);
  assert.equal(made.versionOf(undefined, 200), "3.0.0");
  assert.deepEqual(told, [{ kind: "generation", generation: 2, before: 1 }]);
  assert.deepEqual(seen, [["generation", "3.0.0"]]);
  watching[Symbol.dispose]();
  await rollback(world, { home, dryRun: false });
  await pulse.pass(500);
  assert.throws(() => made.versionOf(undefined, 200), code("release-not-installed"));
});

test("what the OS tells of is looked at at once, however often it tells", async () => {
  using made = scene();
  const { home, pulse, told } = made;
  await pulse.pass(450);
  await upgrade(world, upgradeRequest(world, { home }));
  pulse.ring();
  pulse.ring();
  await pulse.pass(0);
  assert.equal(told.length, 1);
  const looks = countLooks(made);
  for (let ring = 0; ring < 50; ring++) {
    pulse.ring();
    await pulse.pass(10);
  }
  assert.ok(looks() <= 12, `${looks()} looks in half a second`);
});

/** By what only a look does: it asks what is in memory for its statement anew. */
function countLooks({ home }: Scene): () => number {
  let looks = 0;
  const real = world.fileSystem.list;
  const count: typeof real = (path) => {
    if (path === join(home, "generations")) looks += 1;
    return real(path);
  };
  Object.assign(world.fileSystem, { list: count });
  return () => {
    Object.assign(world.fileSystem, { list: real });
    return looks;
  };
}

test("a thread that is busy for longer than a second is answered from a look of its own", async () => {
  using made = scene();
  const { home, pulse } = made;
  await upgrade(world, upgradeRequest(world, { home }));
  await pinTo(home, "vat-2", "2.0.0");
  await observe(world, { home, epoch: 120, dryRun: false });
  pulse.stall(1_001);
  assert.equal(made.versionOf(undefined, 200), "3.0.0");
  assert.equal(made.versionOf("vat-2", 50), "2.0.0");
  assert.equal(made.versionOf(), "2.0.0");
});

test("pins of others are followed: pinned, pinned anew, let go; each told once", async () => {
  using made = scene();
  const { home, host, pulse, told } = made;
  host.load();
  assert.equal(made.versionOf("vat-1", 150), "1.0.0");
  assert.equal(made.versionOf("vat-2", 150), "2.0.0");
  await pinTo(home, "vat-1", "2.0.0");
  await pinTo(home, "vat-2", "1.0.0");
  await pulse.pass(500);
  assert.deepEqual([made.versionOf("vat-1", 50), made.versionOf("vat-2", 150)], ["2.0.0", "1.0.0"]);
  await unpinIn(home, "vat-1");
  await pulse.pass(500);
  assert.equal(made.versionOf("vat-1", 50), "1.0.0");
  const pins = told.flatMap((change) => (change.kind === "pins" ? change.pins : []));
  const lines = pins.map(({ tenant, version }) => `${tenant} ${version}`);
  assert.deepEqual(lines.toSorted(), ["vat-1 2.0.0", "vat-1 null", "vat-2 1.0.0"]);
  assert.ok(pins.every(({ version, tree }) => (version === null) === (tree === null)));
});

test("a tenant is never answered by the schedule because its pin was not read yet", () => {
  using made = scene();
  assert.equal(made.versionOf("vat-1", 150), "1.0.0");
});

test("from memory: no question asks the disk once all is read", async () => {
  let calls = 0;
  const fileSystem = interposed(world.fileSystem, {
    before: () => {
      calls += 1;
    },
  });
  using made = scene({ ...world, fileSystem });
  // dated long enough ago to be told apart from what comes next
  await settled(made);
  const questions = () => [
    made.versionOf("vat-1", 150),
    made.versionOf("vat-9", 150),
    made.versionOf(undefined, 99),
    made.versionOf(),
    made.host.resolve({ engine: "toy", version: "2.0.0" }).because,
  ];
  const expected = ["1.0.0", "2.0.0", "1.0.0", "1.0.0", "explicit"];
  assert.deepEqual(questions(), expected);
  calls = 0;
  assert.deepEqual(questions(), expected);
  assert.equal(calls, 0);
});

/** Until what was written last is old enough by the clock of files, and read. */
async function settled({ pulse }: Scene): Promise<void> {
  const end = Date.now() + 150;
  while (Date.now() < end) await new Promise((done) => setTimeout(done, 20));
  await pulse.pass(600);
}

test("a damaged pin stops its own tenant and nobody else, and is told once", async () => {
  using made = scene();
  const { home, told } = made;
  await pinTo(home, "vat-2", "1.0.0");
  const path = openStore(home, world).pins.path("vat-2", "toy");
  const sound = readFileSync(path);
  await settled(made);
  for (const [content, isSound] of [
    ["{", false],
    [sound, true],
    ["", false],
  ] as const) {
    rmSync(path);
    writeFileSync(path, content);
    await settled(made);
    await settled(made);
    if (isSound) assert.equal(made.versionOf("vat-2", 150), "1.0.0");
    else assert.throws(() => made.versionOf("vat-2", 150), code("home-damaged"));
    assert.equal(made.versionOf("vat-1", 150), "1.0.0");
    assert.equal(made.versionOf("vat-3", 150), "2.0.0");
  }
  const errors = told.flatMap((change) => (change.kind === "error" ? [`${change.error.code} ${change.stops}`] : []));
  assert.deepEqual(errors, ["home-damaged some", "home-damaged some"]);
  rmSync(path);
  await settled(made);
  assert.equal(made.versionOf("vat-2", 150), "2.0.0");
});

test("a newest generation that cannot be read stops every answer, as it stops `which`, until it is mended", async () => {
  using made = scene();
  const { home, pulse, told } = made;
  await upgrade(world, upgradeRequest(world, { home }));
  const record = join(home, "generations", "00000002.json");
  rmSync(record);
  writeFileSync(record, "{");
  await pulse.pass(500);
  for (const ask of [() => made.versionOf(undefined, 50), () => made.versionOf("vat-1"), () => made.host.refresh()]) {
    assert.throws(ask, code("generation-unreadable"));
  }
  await assert.rejects(which(world, { home, engine: "toy", epoch: 50 }), { code: "generation-unreadable" });
  await pulse.pass(2_000);
  assert.deepEqual(kinds(told), ["error generation-unreadable all"]);
  await doctor(world, { home, fix: true });
  assert.equal(made.versionOf(undefined, 50), "1.0.0");
  await pulse.pass(0);
  assert.ok(kinds(told).includes("recovered"));
});

test("a generation that was in memory and is gone with the ledger is no reason to step back", async () => {
  using made = scene();
  const { home, host, pulse } = made;
  await upgrade(world, upgradeRequest(world, { home }));
  host.refresh();
  rmSync(join(home, "generations", "00000002.json"));
  rmSync(join(home, "ledger.jsonl"));
  await pulse.pass(500);
  assert.throws(() => made.versionOf(undefined, 50), code("generation-unreadable"));
  using again = hostHome(world, home, handPulse());
  assert.equal(again.resolve({ engine: "toy", epoch: 50 }).version, "1.0.0");
});

test("a home that is moved away stops every answer until it is back", async () => {
  using made = scene();
  const { home, pulse, told } = made;
  renameSync(home, `${home}-away`);
  await pulse.pass(500);
  assert.throws(() => made.versionOf("vat-1"), code("no-home"));
  renameSync(`${home}-away`, home);
  assert.equal(made.versionOf("vat-1"), "1.0.0");
  await pulse.pass(0);
  assert.deepEqual(kinds(told), ["error no-home all", "recovered"]);
});

test("what cannot be looked at is answered from memory for a second and no longer", async () => {
  let denied = false;
  const fileSystem = interposed(world.fileSystem, {
    before: ({ name, path }) => {
      if (denied && name === "list") throw new EngineryError("permission", `Cannot list ${path}.`);
    },
  });
  using made = scene({ ...world, fileSystem });
  const { pulse, told } = made;
  await pulse.pass(500);
  denied = true;
  await pulse.pass(500);
  assert.equal(made.versionOf(undefined, 50), "1.0.0");
  await pulse.pass(501);
  assert.throws(() => made.versionOf(undefined, 50), code("permission"));
  await pulse.pass(2_000);
  denied = false;
  assert.equal(made.versionOf(undefined, 50), "1.0.0");
  await pulse.pass(0);
  assert.deepEqual(kinds(told), ["error permission soon", "recovered"]);
});

test("the epoch is followed; one that cannot be read stops those who need it", async () => {
  using made = scene();
  const { home, host, pulse, told } = made;
  await observe(world, { home, epoch: 150, dryRun: false });
  await pulse.pass(500);
  assert.equal(made.versionOf(), "2.0.0");
  assert.deepEqual(told, [{ kind: "epoch", epoch: 150, before: 50 }]);
  writeFileSync(join(home, "clock", "observed.json"), "{");
  await pulse.pass(500);
  assert.throws(() => made.versionOf(), code("home-damaged"));
  assert.deepEqual([made.versionOf("vat-1"), made.versionOf(undefined, 99)], ["1.0.0", "1.0.0"]);
  assert.equal(host.resolve({ engine: "toy", version: "2.0.0" }).version, "2.0.0");
  rmSync(join(home, "clock", "observed.json"));
  await pulse.pass(500);
  assert.throws(() => made.versionOf(), code("epoch-unknown"));
  assert.deepEqual(kinds(told), ["epoch", "epoch", "error home-damaged some"]);
});

test("an epoch that is too old is unknown without anything being written", async () => {
  using made = scene();
  const { home, pulse, told } = made;
  const store = openStore(home, world);
  store.config.write({ ...store.config.read(), epochMaxAge: 60 });
  const now = world.time;
  try {
    await pulse.pass(500);
    assert.equal(made.versionOf(), "1.0.0");
    world.time = now + 61_000;
    assert.throws(() => made.versionOf(), code("epoch-unknown"));
    await pulse.pass(500);
    assert.deepEqual(told, [{ kind: "epoch", epoch: null, before: 50 }]);
  } finally {
    world.time = now;
  }
});

test("a lease keeps what was answered from prune, and tells tenant, epoch and, once, that work ran", async () => {
  using made = scene();
  const { home, host } = made;
  await upgrade(world, upgradeRequest(world, { home }));
  await observe(world, { home, epoch: 250, dryRun: false });
  host.refresh();
  const answer = host.resolve({ engine: "toy", epoch: 99 });
  const lines = () =>
    openStore(home, world)
      .ledger.read()
      .filter(({ verb }) => verb === "lease");
  const request = { home, before: 200, keepGenerations: 1, dryRun: false, config: { keepLastKnownGood: false } };
  await unpinIn(home, "vat-1");
  {
    using lease = host.lease(answer);
    using _second = host.lease(answer);
    const [held] = openStore(home, world).leases.all();
    assert.deepEqual([held?.engine, held?.version, held?.epoch], ["toy", "1.0.0", 99]);
    const { kept } = await prune(world, request);
    const reasons = kept.find(({ version }) => version === "1.0.0")?.keptBy ?? [];
    assert.ok(reasons.some(({ kind, id }) => kind === "lease" && id === lease.id));
    assert.equal(lines().length, 1);
    const { engine, version, epoch, because } = { ...lines()[0]?.detail };
    assert.deepEqual([engine, version, epoch, because], ["toy", "1.0.0", 99, "schedule"]);
  }
  assert.deepEqual(openStore(home, world).leases.all(), []);
  const { removed } = await prune(world, request);
  assert.deepEqual(
    removed.map(({ version }) => version),
    ["1.0.0"],
  );
  assert.throws(() => host.lease(answer), code("release-not-installed"));
});

test("no lease on an answer that was overtaken, though memory has not looked yet", async () => {
  using made = scene();
  const { home, host } = made;
  host.load();
  const answer = host.resolve({ engine: "toy", tenant: "vat-2", epoch: 150 });
  assert.equal(answer.version, "2.0.0");
  await pinTo(home, "vat-2", "1.0.0");
  assert.throws(() => host.lease(answer), code("answer-outdated"));
  assert.deepEqual(openStore(home, world).leases.all(), []);
  using lease = host.lease(host.resolve({ engine: "toy", tenant: "vat-2", epoch: 150 }));
  assert.match(lease.id, /^toy@1\.0\.0\./);
  assert.equal(openStore(home, world).leases.all()[0]?.tenant, "vat-2");
});

test("no lease on what prune is about to remove, or what is not sealed as it was answered", async () => {
  using made = scene();
  const { home, host } = made;
  const answer = host.resolve({ engine: "toy", version: "2.0.0" });
  const { marks } = openStore(home, world);
  marks.put("toy", "2.0.0", "0".repeat(32));
  assert.throws(() => host.lease(answer), code("marked"));
  marks.remove("toy", "2.0.0");
  host.lease(answer)[Symbol.dispose]();
  rmSync(join(home, "engines", "toy", "2.0.0", "SEAL.json"));
  assert.throws(() => host.lease(answer), code("installation-damaged"));
  assert.deepEqual(openStore(home, world).leases.all(), []);
});

test("what no host means is refused: epochs, tenants", () => {
  using made = scene();
  const { host } = made;
  for (const epoch of [-1, 0.5, Number.NaN, 2 ** 53, "7" as unknown as number]) {
    assert.throws(() => host.resolve({ engine: "toy", epoch }), code("bad-epoch"), String(epoch));
  }
  for (const tenant of ["", "a\nb", "x".repeat(1_025)]) {
    assert.throws(() => host.resolve({ engine: "toy", epoch: 1, tenant }), code("bad-name"), tenant);
  }
  assert.throws(() => host.resolve({ engine: "constructor", epoch: 1 }), code("unknown-engine"));
  for (const odd of [{}, { engine: 7 }, { engine: "toy", tenant: null }, { engine: "toy", tenant: 7 }]) {
    assert.throws(() => host.resolve(odd as never), code("usage"), "not every host is written in TypeScript");
  }
  for (const odd of [undefined, null, 5, "toy"]) {
    assert.throws(() => host.resolve(odd as never), code("usage"));
    assert.throws(() => host.lease(odd as never), code("usage"));
    assert.throws(() => host.watch(odd as never), code("usage"));
  }
});

test("a closed home does nothing any more, says so, and leaves its leases", async () => {
  using made = scene();
  const { home, host, pulse, told } = made;
  const answer = host.resolve({ engine: "toy", epoch: 99 });
  const lease = host.lease(answer);
  host.close();
  assert.deepEqual([pulse.waiting, pulse.watched], [0, []]);
  await upgrade(world, upgradeRequest(world, { home }));
  await pulse.pass(2_000);
  assert.deepEqual(told, []);
  const asked = [
    () => host.resolve({ engine: "toy", epoch: 99 }),
    () => host.lease(answer),
    () => host.refresh(),
    () => host.load(),
    () => host.watch(() => undefined),
  ];
  for (const ask of asked) assert.throws(ask, code("usage"));
  assert.equal(openStore(home, world).leases.all().length, 1);
  lease[Symbol.dispose]();
});

test("a folder that was put in another's place is watched in its stead", async () => {
  using made = scene();
  const { home, pulse } = made;
  const folders = [home, join(home, "generations"), join(home, "clock")];
  assert.deepEqual(pulse.watched, folders);
  cpSync(join(home, "clock"), join(home, "clock-2"), { recursive: true });
  renameSync(join(home, "clock"), join(home, "clock-1"));
  renameSync(join(home, "clock-2"), join(home, "clock"));
  await pulse.pass(500);
  assert.deepEqual(pulse.watched.toSorted(), folders.toSorted());
});

function kinds(told: readonly HomeChange[]): string[] {
  return told.map((change) => (change.kind === "error" ? `error ${change.error.code} ${change.stops}` : change.kind));
}
