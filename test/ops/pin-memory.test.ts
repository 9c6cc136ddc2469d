import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { Pin } from "../../src/core/model/home.ts";
import { isTelling } from "../../src/ops/follow/file-times.ts";
import { type PinMemory, pinMemoryOf } from "../../src/ops/follow/pin-memory.ts";
import type { FileSystem } from "../../src/ports/file-system.ts";
import { AT, disk, newHome, ports, scratch } from "../store/support/scratch.ts";

const TENANTS = ["a", "b", "c", "d", "e"];
const VERSIONS = ["1.0.0", "2.0.0", "3.0.0"];
const engine = "xsnap";
const pinOf = (tenant: string, version: string): Pin => ({
  format: 1,
  tenant,
  engine,
  version,
  tree: version[0]?.repeat(64) ?? "",
  at: AT,
});

type Step =
  | { readonly do: "pin"; readonly tenant: string; readonly version: string }
  | { readonly do: "unpin" | "ask"; readonly tenant: string }
  | { readonly do: "look" | "read all" | "wait" }
  | { readonly do: "read some"; readonly slices: number };

const tenant = fc.constantFrom(...TENANTS);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("pin" as const), tenant, version: fc.constantFrom(...VERSIONS) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("unpin" as const, "ask" as const), tenant }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("look" as const, "read all" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("read some" as const), slices: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const) }) },
);

/**
 * Whatever is put and removed within one tick of the disk's clock, and wherever a reading is at that moment; on a disk that dates
 * coarsely and gives a new file the number of the one before, as many do.
 */
test("after a look every answer is what lies on disk; before it none is older than one that was given", () => {
  using place = scratch();
  // all in two folders: names that come and go within one tick meet in them
  const home = newHome(place.home, { fileSystem: coarse, digester: { ...ports().digester, sha256: crowded } });
  const memory = pinMemoryOf(home.pins, { wall: () => Date.now() });
  const told = new Map<string, string | null>();
  const histories = new Map(TENANTS.map((name) => [name, { was: [undefined] as (string | undefined)[], answered: 0 }]));
  const historyOf = (name: string) => histories.get(name) ?? assert.fail();
  const presentOf = (name: string) => historyOf(name).was.at(-1);

  function ask(name: string): void {
    const history = historyOf(name);
    const answer = memory.find(name, engine)?.version;
    const at = history.was.indexOf(answer, history.answered);
    assert.ok(at >= 0, `${name}: ${answer} after [${history.was.join()}] from ${history.answered}`);
    history.answered = at;
  }

  function look(): void {
    memory.look();
    for (const name of TENANTS) {
      assert.equal(memory.find(name, engine)?.version, presentOf(name), name);
      historyOf(name).answered = historyOf(name).was.length - 1;
    }
  }

  function take(one: Step): void {
    if (one.do === "pin") {
      home.pins.put(pinOf(one.tenant, one.version));
      historyOf(one.tenant).was.push(one.version);
    }
    if (one.do === "unpin" && home.pins.remove(one.tenant, engine)) historyOf(one.tenant).was.push(undefined);
    if (one.do === "ask") ask(one.tenant);
    if (one.do === "look") look();
    if (one.do === "read all") readAll(memory);
    if (one.do === "read some") readSome(memory, one.slices);
    if (one.do === "wait") busyUntil(Date.now() + 110);
  }

  look();
  readAll(memory);
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      for (const one of steps) take(one);
      for (const { tenant: name, version } of memory.news().changes) told.set(name, version);
    }),
    { numRuns: 60, endOnFailure: true },
  );
  busyUntil(Date.now() + 120);
  look();
  readAll(memory);
  for (const { tenant: name, version } of memory.news().changes) told.set(name, version);
  // what was told leads to what is there
  assert.deepEqual(
    TENANTS.map((name) => told.get(name) ?? undefined),
    TENANTS.map(presentOf),
  );
  assert.equal(memory.count, TENANTS.filter((name) => presentOf(name) !== undefined).length);
});

/** Dates in ticks of 40 ms, one number for all files. */
const coarse: FileSystem = {
  ...disk,
  status: (path) => {
    const status = disk.status(path);
    return status && { ...status, changedMs: Math.floor(status.changedMs / 40) * 40 + 0.5, inode: 1 };
  },
};

/** Two folders for all, and never two pins of one name. */
function crowded(bytes: Uint8Array): string {
  const sha256 = ports().digester.sha256(bytes);
  return `0${Number.parseInt(sha256[0] ?? "0", 16) % 2}${sha256.slice(2)}`;
}

function readAll(memory: PinMemory): void {
  memory.readOn(() => false);
}

function readSome(memory: PinMemory, slices: number): void {
  let left = slices;
  memory.readOn(() => left-- <= 0);
}

function busyUntil(end: number): void {
  while (Date.now() < end);
}

for (const [name, waits] of [
  ["a pin that comes while its folder is read stays", true],
  ["a pin that comes within the tick in which its folder is read stays", false],
] as const) {
  test(`${name} in memory's answers`, () => {
    using place = scratch();
    const sha256 = (bytes: Uint8Array) => `00${ports().digester.sha256(bytes).slice(2)}`;
    const home = newHome(place.home, { fileSystem: coarse, digester: { ...ports().digester, sha256 } });
    const memory = pinMemoryOf(home.pins, { wall: () => Date.now() });
    // within one tick of that disk, however slow we are
    for (let attempt = 0; attempt < 5; attempt++) {
      for (const tenant of TENANTS.slice(0, 4)) home.pins.put(pinOf(tenant, VERSIONS[attempt % 2] ?? ""));
      if (waits) busyUntil(Date.now() + 110);
      memory.look();
      // listed, and the first ones read
      readSome(memory, 3);
      home.pins.put(pinOf("e", "3.0.0"));
      assert.equal(memory.find("e", engine)?.version, "3.0.0");
      readAll(memory);
      assert.equal(memory.find("e", engine)?.version, "3.0.0");
      home.pins.remove("e", engine);
      memory.look();
      assert.equal(memory.find("e", engine), undefined);
      busyUntil(Date.now() + 110);
    }
  });
}

test("what was answered before all was read is told when it changes", () => {
  using place = scratch();
  const home = newHome(place.home);
  home.pins.put(pinOf("a", "1.0.0"));
  const memory = pinMemoryOf(home.pins, { wall: () => Date.now() });
  memory.look();
  for (const name of ["a", "b"]) memory.find(name, engine);
  home.pins.put(pinOf("a", "2.0.0"));
  home.pins.put(pinOf("b", "1.0.0"));
  memory.look();
  readAll(memory);
  const told = memory.news().changes.map(({ tenant, version }) => `${tenant} ${version}`);
  assert.deepEqual(told.sort(), ["a 2.0.0", "b 1.0.0"]);
});

test("a clock that is set back has everything read again", () => {
  using place = scratch();
  const home = newHome(place.home);
  let wall = Date.now() + 10_000;
  const memory = pinMemoryOf(home.pins, { wall: () => wall });
  home.pins.put(pinOf("a", "1.0.0"));
  memory.look();
  readAll(memory);
  let reads = 0;
  const counting = {
    ...home.pins,
    get: (...asked: [string, string]) => {
      reads += 1;
      return home.pins.get(...asked);
    },
  };
  const counted = pinMemoryOf(counting, { wall: () => wall });
  counted.look();
  readAll(counted);
  counted.find("a", engine);
  assert.equal(reads, 0);
  wall -= 5_000;
  counted.look();
  counted.find("a", engine);
  assert.equal(reads, 1);
});

test("a pin whose file is younger than its date's tick is read once more", () => {
  assert.equal(isTelling({ changedMs: 1_000_000.5, inode: 1 }, 1_000_101, 1_000_101), true);
  assert.equal(isTelling({ changedMs: 1_000_000.5, inode: 1 }, 1_000_100, 1_000_100), false);
  assert.equal(isTelling({ changedMs: 1_000_000, inode: 1 }, 1_002_499, 1_002_499), false);
  assert.equal(isTelling({ changedMs: 1_000_000, inode: 1 }, 1_002_501, 1_009_000), true);
  // dated ahead of the clock: telling until the clock comes near it
  assert.equal(isTelling({ changedMs: 2_000_000.5, inode: 1 }, 1_000_000, 1_500_000), true);
  assert.equal(isTelling({ changedMs: 2_000_000.5, inode: 1 }, 1_000_000, 1_999_950), false);
  assert.equal(isTelling({ changedMs: 2_000_000.5, inode: 1 }, 1_000_000, 3_000_000), false);
});

test("a folder of pins that is gone is told, pin by pin", () => {
  using place = scratch();
  const home = newHome(place.home);
  for (const name of TENANTS) home.pins.put(pinOf(name, "1.0.0"));
  const memory = pinMemoryOf(home.pins, { wall: () => Date.now() });
  memory.look();
  readAll(memory);
  assert.deepEqual(memory.news().changes, []);
  busyUntil(Date.now() + 110);
  memory.look();
  readAll(memory);
  rmSync(`${place.home}/pins`, { recursive: true });
  memory.look();
  for (const name of TENANTS) assert.equal(memory.find(name, engine), undefined);
  readAll(memory);
  assert.deepEqual(
    memory
      .news()
      .changes.map(({ tenant: name, version }) => `${name} ${version}`)
      .sort(),
    ["a null", "b null", "c null", "d null", "e null"],
  );
  assert.equal(memory.count, 0);
});
