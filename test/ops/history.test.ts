import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import type { Lease } from "../../src/core/model/home.ts";
import { hostHome } from "../../src/index.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { exec } from "../../src/ops/exec.ts";
import { exportLedger, history } from "../../src/ops/history.ts";
import { observe } from "../../src/ops/observe.ts";
import type { HistoryRequest } from "../../src/ops/operator.ts";
import { pin } from "../../src/ops/pin.ts";
import { prune } from "../../src/ops/prune.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { openHome } from "../../src/store/home.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const DEAD = 4_194_303;

const told = async (world: TestWorld, request: Partial<HistoryRequest> = {}) =>
  await history(world, { home: homeOf(world), ...request });
const work = async (world: TestWorld, request: Partial<HistoryRequest> = {}) => (await told(world, request)).work;
const run = (world: TestWorld, ask: { epoch?: number; tenant?: string; version?: string } = {}) =>
  exec(
    { ...world, children: { ...world.children, replace: async () => 0 } },
    { home: homeOf(world), engine: "toy", args: [], env: {}, ...ask },
  );
const treeOf = (world: TestWorld, version: string) =>
  openHome(homeOf(world), world).installations.seal("toy", version)?.tree;

/** As a launcher that has ended leaves it: no line of the ledger tells of it. */
function launched(world: TestWorld, name: string, more: Partial<Lease>, at: number): void {
  const { boot, machine, namespace } = world.host.self();
  const lease = {
    format: 1,
    engine: "toy",
    version: "1.0.0",
    pid: DEAD,
    started: "1",
    boot,
    machine,
    namespace,
    ...more,
  };
  const id = `${DEAD}-${name}-b00t`;
  const path = join(homeOf(world), "leases", `${lease.engine}@${lease.version}.${id}.json`);
  writeFileSync(path, JSON.stringify({ ...lease, id }));
  utimesSync(path, new Date(at), new Date(at));
}

test("exec, a host's lease and a launcher: each run is told with the tree it ran on", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  await pin(world, {
    home: homeOf(world),
    dryRun: false,
    pins: [{ tenant: "vat-1", engine: "toy", version: "2.0.0" }],
  });
  await run(world, { epoch: 60 });
  await run(world, { tenant: "vat-1" });
  using host = hostHome(world, homeOf(world));
  for (let time = 0; time < 3; time += 1) {
    using _lease = host.lease(host.resolve({ engine: "toy", epoch: 100 }));
  }
  launched(world, "1", { epoch: 50 }, world.time - 9000);
  const [one, two] = [treeOf(world, "1.0.0"), treeOf(world, "2.0.0")];
  assert.deepEqual(
    (await work(world)).map(({ version, tree, epoch, tenant, because, by }) => [
      version,
      tree,
      epoch,
      tenant,
      because,
      by,
    ]),
    [
      ["1.0.0", one, 60, undefined, "schedule", "exec"],
      ["2.0.0", two, undefined, "vat-1", "pin", "exec"],
      ["2.0.0", two, 100, undefined, "schedule", "lease"],
      ["1.0.0", one, 50, undefined, undefined, "ran"],
    ],
    "a host's three leases of one release at one epoch are one line",
  );
  assert.deepEqual(
    (await work(world, { epoch: 100 })).map(({ version }) => version),
    ["2.0.0"],
  );
  assert.deepEqual(await work(world, { epoch: 99 }), []);
});

for (const [what, sweep] of [
  ["prune", (world: TestWorld) => prune(world, { home: homeOf(world), dryRun: false })],
  ["doctor --fix", (world: TestWorld) => doctor(world, { home: homeOf(world), fix: true })],
] as const) {
  test(`${what} keeps what ended leases tell of work, once, before they go`, async () => {
    using world = makeTestWorld();
    await installedToys(world);
    const at = world.time - 60_000;
    for (const [number, epoch] of [50, 50, 51, 50].entries())
      launched(world, `${number}`, { epoch }, at + number * 1000);
    launched(world, "no-epoch".replace("-", ""), {}, at);
    await run(world, { epoch: 60 });
    const before = await work(world);
    await sweep(world);
    assert.deepEqual(readdirSync(join(homeOf(world), "leases")), []);
    assert.deepEqual(
      (await work(world)).toSorted(byAt),
      before.toSorted(byAt),
      "the same rows as when the leases told them",
    );
    await sweep(world);
    assert.equal((await work(world)).length, before.length);
    const fifty = before.find(({ epoch }) => epoch === 50);
    assert.deepEqual([fifty?.runs, Date.parse(fifty?.at ?? ""), Date.parse(fifty?.until ?? "")], [3, at, at + 3000]);
  });
}

const byAt = (
  one: { readonly at: string; readonly version: string },
  other: { readonly at: string; readonly version: string },
) => (`${one.at} ${JSON.stringify(one)}` < `${other.at} ${JSON.stringify(other)}` ? -1 : 1);

test("a lease that a line of the ledger tells of already is not told again, and a writer's own claim is no work", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  await run(world, { epoch: 60 });
  const lease = (await work(world))[0]?.lease ?? assert.fail();
  const { boot, machine, namespace } = world.host.self();
  const dead = { format: 1, engine: "toy", version: "1.0.0", pid: DEAD, started: "1", boot, machine, namespace };
  const put = (id: string, more: Partial<Lease>) =>
    writeFileSync(
      join(homeOf(world), "leases", `${id}.json`),
      JSON.stringify({ ...dead, id: id.split(".").at(-1), ...more }),
    );
  put(lease, { epoch: 60 });
  put(lease.replace(/\.\d+-/, `.${DEAD - 1}-`), { epoch: 60, pid: DEAD - 1 });
  put(`toy@1.0.0.${DEAD}-${"a".repeat(32)}`, {});
  await prune(world, { home: homeOf(world), dryRun: false });
  assert.deepEqual(readdirSync(join(homeOf(world), "leases")), []);
  assert.deepEqual(
    (await work(world)).map(({ by }) => by),
    ["exec"],
  );
});

test("where the ledger cannot be written the leases that tell of work stay", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  launched(world, "1", { epoch: 50 }, world.time);
  const { fileSystem } = world;
  const openAppend = (path: string, mode: number) => {
    if (path.endsWith("ledger.jsonl")) throw new Error("EROFS");
    return fileSystem.openAppend(path, mode);
  };
  await prune({ ...world, fileSystem: { ...fileSystem, openAppend } }, { home: homeOf(world), dryRun: false });
  assert.equal(readdirSync(join(homeOf(world), "leases")).length, 1);
  await prune(world, { home: homeOf(world), dryRun: false });
  assert.equal(readdirSync(join(homeOf(world), "leases")).length, 0);
  assert.equal((await work(world)).length, 1);
});

test("what was installed when, by hash; what is in effect from when to when; the ledger of one engine, or since an instant", async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  world.time += 3_600_000;
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  const { generations, inEffect } = await told(world);
  assert.deepEqual(
    generations.map(({ releases }) => releases.map(({ version, tree }) => [version, tree])),
    [
      ["1.0.0", "2.0.0"],
      ["1.0.0", "2.0.0", "3.0.0"],
    ].map((versions) => versions.map((version) => [version, treeOf(world, version)])),
  );
  assert.deepEqual(inEffect, [
    { engine: "toy", version: "1.0.0", tree: treeOf(world, "1.0.0"), validFrom: 0, lastEpoch: 99, installed: true },
    { engine: "toy", version: "2.0.0", tree: treeOf(world, "2.0.0"), validFrom: 100, lastEpoch: 199, installed: true },
    { engine: "toy", version: "3.0.0", tree: treeOf(world, "3.0.0"), validFrom: 200, lastEpoch: null, installed: true },
  ]);
  for (const [epoch, version] of [
    [99, "1.0.0"],
    [100, "2.0.0"],
    [199, "2.0.0"],
    [200, "3.0.0"],
  ] as const) {
    assert.deepEqual(
      (await told(world, { epoch })).inEffect.map((one) => one.version),
      [version],
    );
  }
  const verbs = async (request: Partial<HistoryRequest>) => (await told(world, request)).ledger.map(({ verb }) => verb);
  assert.deepEqual(await verbs({ since: "30m" }), ["upgrade"]);
  assert.deepEqual(await verbs({ since: "2h" }), ["install", "upgrade"]);
  assert.deepEqual(await verbs({ since: new Date(world.time).toISOString().replace(/\.\d+/, "") }), ["upgrade"]);
  assert.deepEqual(await verbs({ engine: "toy" }), ["install", "upgrade"]);
  assert.equal((await told(world, { since: "30m" })).generations.length, 1);
  await assert.rejects(told(world, { since: "yesterday" }), (error) => isEngineryError(error, "usage"));
  await assert.rejects(told(world, { engine: "gone" }), (error) => isEngineryError(error, "unknown-engine"));
});

test("an export is the ledger byte for byte, and an older one begins a newer one", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  await run(world, { epoch: 60 });
  const first = await exportLedger(world, { home: homeOf(world) });
  const bytes = readFileSync(join(homeOf(world), "ledger.jsonl"));
  assert.deepEqual([first.lines, first.bytes, Buffer.from(first.content ?? [])], [2, bytes.length, bytes]);
  await run(world, { epoch: 61 });
  const to = join(world.folder, "export.jsonl");
  assert.deepEqual(await exportLedger(world, { home: homeOf(world), to }), {
    lines: 3,
    bytes: readFileSync(to).length,
    to,
  });
  assert.deepEqual(readFileSync(to).subarray(0, bytes.length), bytes);
  await assert.rejects(exportLedger(world, { home: homeOf(world), to }), (error) => isEngineryError(error, "refused"));
});

test("the recipe of docs/operations/history.md: sound ledgers pass, and each line that is altered or gone is told", async (t) => {
  if (spawnSync("sh", ["-c", "printf x | sha256sum"]).status !== 0) return t.skip("there is no sha256sum here");
  using world = makeTestWorld();
  await installedToys(world);
  await observe(world, { home: homeOf(world), epoch: 40, force: 'a "previous":"quoted" reason', dryRun: false });
  for (const epoch of [60, 61]) await run(world, { epoch });
  const home = openHome(homeOf(world), world);
  // two writers at the same moment
  const { fileSystem } = world;
  const openAppend = (path: string, mode: number) => {
    const handle = fileSystem.openAppend(path, mode);
    let isFirst = true;
    return {
      write: (bytes: Uint8Array) => {
        if (isFirst) home.ledger.append({ at: "2027-01-01T00:00:00Z", operation: "rival", verb: "pin" });
        isFirst = false;
        handle.write(bytes);
      },
      sync: () => handle.sync(),
      [Symbol.dispose]: () => handle[Symbol.dispose](),
    };
  };
  openHome(homeOf(world), { ...world, fileSystem: { ...fileSystem, openAppend } }).ledger.append({
    at: "2027-01-01T00:00:00Z",
    operation: "slow",
    verb: "pin",
  });
  await run(world, { epoch: 62 });
  assert.ok(home.ledger.last()?.also, "a fork is closed");
  assert.deepEqual((await verify(world, verifyRequest(world))).problems, []);

  const page = readFileSync(new URL("../../docs/operations/history.md", import.meta.url), "utf8");
  const recipe = page.split("```sh\n").at(-1)?.split("```")[0] ?? assert.fail();
  const check = (text: string) => {
    writeFileSync(join(world.folder, "ledger.jsonl"), text);
    return execFileSync("sh", ["-c", recipe], { cwd: world.folder, encoding: "utf8" });
  };
  const { content, lines: count } = await exportLedger(world, { home: homeOf(world) });
  const text = new TextDecoder().decode(content);
  assert.equal(check(text), "");
  const lines = text.split("\n").slice(0, -1);
  assert.equal(lines.length, count);
  for (let at = 0; at < count - 1; at += 1) {
    assert.match(
      check(`${lines.toSpliced(at, 1).join("\n")}\n`),
      /names a line that is not there/,
      `without line ${at + 1}`,
    );
    const altered = lines.with(at, (lines[at] ?? "").replace('"at":"2027', '"at":"2026'));
    assert.match(check(`${altered.join("\n")}\n`), /names a line that is not there/, `line ${at + 1} altered`);
  }
});
