import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { nodeHost } from "../../src/adapters/node-host.ts";
import type { Lease } from "../../src/core/model/home.ts";
import type { Host } from "../../src/ports/host.ts";
import { disk, install, newHome, OPERATION, reopen, scratch } from "./support/scratch.ts";

const FILES = { "bin/xsnap": "" };
const CLAIM = { engine: "xsnap", version: "1.0.0" };

/** Another process of this machine, as that process sees itself. */
function hostOf(identity: Partial<Lease>): Host {
  const here = nodeHost();
  return { ...here, platform: here.platform, self: () => ({ ...here.self(), ...identity }) };
}

test("a lease names this process, is alive while it is held, and goes with its disposal", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  {
    using lease = home.leases.take({ ...CLAIM, tenant: "vat 1", epoch: 7 });
    using _second = home.leases.take(CLAIM);
    assert.equal(home.leases.all().length, 2);
    const { pid, tenant, epoch } = home.leases.all().find(({ id }) => id === lease.id) ?? assert.fail();
    assert.deepEqual({ pid, tenant, epoch }, { pid: process.pid, tenant: "vat 1", epoch: 7 });
    assert.equal(home.leases.state(lease), "alive");
  }
  assert.deepEqual(home.leases.all(), []);
});

test("a child that runs under a claim has one of its own, with its own start time, for as long as it runs", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "inherit"] });
  const ended = once(child, "exit");
  const own = home.leases.take({ ...CLAIM, tenant: "vat 1" });
  const lease = home.leases.takeFor(child.pid ?? assert.fail(), own);
  assert.equal(lease.id.split("-").at(-1), own.id.split("-").at(-1), "the same run");
  own[Symbol.dispose]();
  const [found, ...others] = home.leases.all();
  assert.deepEqual([found?.id, found?.pid, found?.tenant, others.length], [lease.id, child.pid, "vat 1", 0]);
  assert.equal(home.leases.state(lease), "alive");
  child.stdin?.end();
  await ended;
  assert.equal(home.leases.state(lease), "gone");
  assert.equal(home.leases.remove(lease.id), true);
});

test("a claim on what is marked is withdrawn, unless the mark's owner is gone", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  home.marks.put("xsnap", "1.0.0", OPERATION);
  assert.equal(home.marks.get("xsnap", "1.0.0")?.operation, OPERATION);
  assert.throws(() => home.leases.take(CLAIM), { code: "marked" });
  assert.deepEqual(home.leases.all(), []);
  home.marks.remove("xsnap", "1.0.0");
  home.leases.take(CLAIM)[Symbol.dispose]();
  const dead = reopen(place.home, { host: hostOf({ started: "1" }) });
  dead.marks.put("xsnap", "1.0.0", OPERATION);
  assert.equal(home.marks.get("xsnap", "1.0.0"), undefined);
  home.leases.take(CLAIM)[Symbol.dispose]();
});

test("a claim on what is not there is withdrawn", () => {
  using place = scratch();
  const home = newHome(place.home);
  assert.throws(() => home.leases.take(CLAIM), { code: "release-not-installed" });
  assert.deepEqual(home.leases.all(), []);
});

test("the claim is written before the mark is looked for", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  let seen: readonly Lease[] = [];
  // Prune, at the very moment when the claimant looks: its mark comes too late, so it must find the lease.
  const fileSystem = {
    ...disk,
    status: (path: string) => {
      if (path.endsWith("/marks/xsnap@1.0.0")) seen = home.leases.all();
      return disk.status(path);
    },
  };
  reopen(place.home, { fileSystem }).leases.take(CLAIM)[Symbol.dispose]();
  assert.equal(seen.length, 1);
});

test("where the claim cannot be written nothing is leased", async () => {
  using place = scratch();
  await install(newHome(place.home), "xsnap", "1.0.0", FILES);
  const full = new Error("full");
  const fileSystem = {
    ...disk,
    createExclusive: () => {
      throw full;
    },
  };
  assert.throws(() => reopen(place.home, { fileSystem }).leases.take(CLAIM), full);
});

for (const [name, identity, state] of [
  ["of an ended process with our number", { started: "1" }, "gone"],
  ["of a process that is no more", { pid: 2 ** 22 + 1 }, "gone"],
  ["of an earlier boot", { boot: "00000000-0000-0000-0000-000000000000" }, "gone"],
  ["of another machine", { machine: "0".repeat(32), boot: "00000000-0000-0000-0000-000000000000" }, "foreign"],
  ["of another pid namespace", { namespace: "pid:1" }, "foreign"],
] as const) {
  test(`a lease ${name} is ${state}`, async () => {
    using place = scratch();
    const home = newHome(place.home);
    await install(home, "xsnap", "1.0.0", FILES);
    reopen(place.home, { host: hostOf(identity) }).leases.take(CLAIM);
    const [lease] = home.leases.all();
    assert.equal(home.leases.state(lease ?? assert.fail()), state);
  });
}

test("a lease that cannot be read still says what it claims, and is kept until it is forgotten", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "0.14.3-u16.1", FILES);
  const { id } = home.leases.take({ engine: "xsnap", version: "0.14.3-u16.1" });
  truncateSync(`${place.home}/leases/${id}.json`, 10);
  const [lease] = home.leases.all();
  assert.deepEqual([lease?.engine, lease?.version], ["xsnap", "0.14.3-u16.1"]);
  assert.equal(home.leases.state(lease ?? assert.fail()), "foreign");
  assert.equal(home.leases.remove(id), true);
  assert.equal(home.leases.remove(id), false);
});

test("no id of a lease leads out of leases/", () => {
  using place = scratch();
  const home = newHome(place.home);
  writeFileSync(`${place.home}/a@b.c.json`, "");
  for (const id of ["../config", "../a@b.c", "x", ""]) assert.equal(home.leases.remove(id), false);
  assert.ok(readdirSync(place.home).includes("config.json"));
  assert.ok(readdirSync(place.home).includes("a@b.c.json"));
});

test("a lease without its bytes is over where the machine was started anew since, and never before that", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  using lease = home.leases.take(CLAIM);
  truncateSync(`${place.home}/leases/${lease.id}.json`);
  assert.deepEqual(home.leases.all().map(home.leases.state), ["foreign"]);
  const host: Host = { ...nodeHost(), bootedMs: () => Date.now() + 60_000 };
  const later = reopen(place.home, { host });
  assert.deepEqual(later.leases.all().map(later.leases.state), ["gone"]);
});
