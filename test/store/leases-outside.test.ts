import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { nodeHost } from "../../src/adapters/node-host.ts";
import { createHome, type Home, openToExamine } from "../../src/store/home.ts";
import { CONFIG, install, ports, reopen, scratch } from "./support/scratch.ts";

const CLAIM = { engine: "xsnap", version: "1.0.0" };
const READER = fileURLToPath(new URL("support/leases-reader.ts", import.meta.url));

interface Place extends Disposable {
  readonly home: Home;
  /** The folder of leases, outside the home. */
  readonly outside: string;
}

async function place(): Promise<Place> {
  const folder = scratch();
  const outside = join(folder.path, "run", "leases");
  mkdirSync(outside, { recursive: true });
  const home = createHome(folder.home, ports(), CONFIG, outside);
  await install(home, "xsnap", "1.0.0", { "bin/xsnap": "" });
  return { home, outside, [Symbol.dispose]: folder[Symbol.dispose] };
}

test("a home of layout 2 says where its leases lie, and they lie there and nowhere else", async () => {
  using there = await place();
  const { home, outside } = there;
  assert.equal(readFileSync(join(home.path, "VERSION"), "utf8"), "2\n");
  assert.equal(readFileSync(join(home.path, "LEASES"), "utf8"), `${outside}\n`);
  assert.equal(statSync(join(home.path, "LEASES")).mode & 0o777, 0o644);
  {
    using lease = home.leases.take({ ...CLAIM, epoch: 7 });
    assert.deepEqual(readdirSync(outside), [`${lease.id}.json`]);
    assert.deepEqual(readdirSync(join(home.path, "leases")), []);
    const { [Symbol.dispose]: _, ...record } = lease;
    assert.deepEqual(reopen(home.path).leases.all(), [record]);
    assert.equal(home.leases.state(lease), "alive");
    assert.ok((home.leases.writtenMs(lease.id) ?? 0) > 0);
  }
  assert.deepEqual(readdirSync(outside), []);
});

test("without the folder nothing is claimed, and nobody reads that there are no claims", async () => {
  using there = await place();
  const { home, outside } = there;
  rmSync(outside, { recursive: true });
  const refused = {
    code: "lease-folder",
    hint: /^Make it: sudo install -d -m 3770 -o \S+ -g enginery \S+\/run\/leases$/,
  };
  assert.throws(() => home.leases.take(CLAIM), refused);
  assert.throws(() => home.leases.all(), refused);
  assert.throws(() => home.leases.requireWritable(), refused);
  mkdirSync(`${outside}-elsewhere`);
  symlinkSync(`${outside}-elsewhere`, outside);
  assert.throws(() => home.leases.take(CLAIM), { code: "lease-folder" });
  assert.throws(() => home.leases.all(), { code: "lease-folder" });
  assert.deepEqual(readdirSync(`${outside}-elsewhere`), []);
});

test("where LEASES is lost, or is no absolute path, nothing is claimed and nothing judged unclaimed", async () => {
  using there = await place();
  const file = join(there.home.path, "LEASES");
  chmodSync(file, 0o644);
  for (const text of ["", "/", "run\n", "/run", "/run/../x\n", "/run//x\n", "/run/\n", "/run\n/x\n", "/run\u0007\n"]) {
    writeFileSync(file, text);
    assert.throws(() => there.home.leases.all(), { code: "home-damaged" }, JSON.stringify(text));
    assert.throws(() => there.home.leases.take(CLAIM), { code: "home-damaged" }, JSON.stringify(text));
  }
  rmSync(file);
  for (const home of [there.home, reopen(there.home.path), openToExamine(there.home.path, ports()).home]) {
    assert.throws(() => home.leases.all(), { code: "home-damaged", hint: /--system it is \/run\/enginery\/leases/ });
    assert.throws(() => home.leases.take(CLAIM), { code: "home-damaged" });
  }
});

test("a VERSION that is written anew counts LEASES in", async () => {
  using there = await place();
  chmodSync(join(there.home.path, "VERSION"), 0o644);
  writeFileSync(join(there.home.path, "VERSION"), "damaged");
  const { home } = openToExamine(there.home.path, ports());
  home.foundation.writeVersion();
  assert.equal(readFileSync(join(home.path, "VERSION"), "utf8"), "2\n");
});

test("leases move outside while claims in the home hold on, and who has the home open follows", async () => {
  using place = scratch();
  const outside = join(place.path, "leases");
  mkdirSync(outside);
  const home = createHome(place.home, ports(), CONFIG);
  await install(home, "xsnap", "1.0.0", { "bin/xsnap": "" });
  using before = home.leases.take(CLAIM);
  const opened = reopen(place.home);
  home.leases.moveOutside(outside);
  assert.equal(readFileSync(join(home.path, "VERSION"), "utf8"), "2\n");
  using after = opened.leases.take(CLAIM);
  assert.deepEqual(readdirSync(outside), [`${after.id}.json`]);
  const both = [before.id, after.id].sort();
  for (const one of [home, opened, reopen(place.home)])
    assert.deepEqual(
      one.leases
        .all()
        .map(({ id }) => id)
        .sort(),
      both,
    );
  assert.equal(home.leases.remove(before.id), true);
  assert.equal(home.leases.remove(after.id), true);
  assert.deepEqual(home.leases.all(), []);
});

test("a move that ended before VERSION was written is none: claims lie in the home, and the next one ends it", async () => {
  using place = scratch();
  const outside = join(place.path, "leases");
  const home = createHome(place.home, ports(), CONFIG);
  await install(home, "xsnap", "1.0.0", { "bin/xsnap": "" });
  const named = join(home.path, "LEASES");
  for (const text of [`${outside}\n`, "damaged"]) {
    writeFileSync(named, text);
    using lease = reopen(home.path).leases.take(CLAIM);
    assert.deepEqual(readdirSync(join(home.path, "leases")), [`${lease.id}.json`]);
    assert.equal(home.leases.outside(), undefined);
    assert.equal(home.leases.all().length, 1, "though there is no such folder");
  }
  mkdirSync(outside);
  home.leases.moveOutside(outside);
  assert.equal(home.leases.outside(), outside);
});

test("whatever others put there is not followed, not waited for and read in part, and claims by its name alone", async () => {
  using there = await place();
  const { home, outside } = there;
  const at = (name: string) => join(outside, `xsnap@1.0.0.${name}.json`);
  const made = spawnSync("mkfifo", [at("pipe")]).status === 0;
  symlinkSync("/dev/zero", at("zero"));
  {
    using lease = home.leases.take(CLAIM);
    writeFileSync(`${outside}-sound`, readFileSync(join(outside, `${lease.id}.json`)));
  }
  symlinkSync(`${outside}-sound`, at("link"));
  mkdirSync(at("folder"));
  writeFileSync(at("sparse"), "");
  truncateSync(at("sparse"), 2 ** 40);
  writeFileSync(at("deep"), "[".repeat(60_000));
  writeFileSync(at("text"), "no lease");
  writeFileSync(join(outside, "no-lease.json"), "{}");
  writeFileSync(join(outside, `.${"0".repeat(32)}`), "{");
  const names = ["deep", "folder", "link", ...(made ? ["pipe"] : []), "sparse", "text", "zero"];
  // in a process of its own: one that waited would wait for ever
  const read = spawnSync(process.execPath, [READER, home.path], {
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  assert.equal(read.status, 0, read.stderr);
  const found = JSON.parse(read.stdout) as readonly { id: string; state: string; pid: number }[];
  const expected = names.map((name) => ({ id: `xsnap@1.0.0.${name}`, state: "foreign", pid: 0 }));
  assert.deepEqual(
    found.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    expected,
  );
});

test("what died on its way to be a lease goes an hour later, and what is not ours to remove stays", async () => {
  using there = await place();
  const { home, outside } = there;
  const names = [`.${"0".repeat(32)}`, ".12-345-6-1", ".folder", ".new", "xsnap@1.0.0.1-2.json"];
  for (const name of names) {
    if (name === ".folder") mkdirSync(join(outside, name));
    else writeFileSync(join(outside, name), "{");
    if (name !== ".new") utimesSync(join(outside, name), 0, 0);
  }
  chmodSync(outside, 0o3777);
  const uid = process.getuid?.() ?? 0;
  const clock = { now: () => statSync(join(outside, ".new")).mtimeMs };
  const as = (userId: number) => reopen(home.path, { clock, host: { ...nodeHost(), platform: "linux-x64", userId } });
  as(uid + 1).leases.sweepAbandoned();
  assert.equal(readdirSync(outside).length, names.length);
  as(uid).leases.sweepAbandoned();
  assert.deepEqual(readdirSync(outside).sort(), names.slice(2).sort());
});

test("a folder in a lease's place claims by its name, and goes if it is empty: what lies in it is for whoever put it there", async () => {
  using there = await place();
  for (const folder of [join(there.home.path, "leases"), there.outside]) {
    const path = join(folder, "xsnap@1.0.0.folder.json");
    mkdirSync(path);
    writeFileSync(join(path, "x"), "");
    const [lease] = there.home.leases.all();
    assert.deepEqual([lease?.id, lease?.pid], ["xsnap@1.0.0.folder", 0]);
    assert.throws(() => there.home.leases.remove("xsnap@1.0.0.folder"), { code: "home-damaged", hint: /remove it/ });
    rmSync(join(path, "x"));
    assert.equal(there.home.leases.remove("xsnap@1.0.0.folder"), true);
    assert.deepEqual(there.home.leases.all(), []);
  }
});

test("a claim that ends without a line in the ledger is over, and tells what it told", async () => {
  using there = await place();
  const { home } = there;
  const lease = home.leases.take({ ...CLAIM, tenant: "vat 1", epoch: 7 });
  assert.equal(home.leases.state(lease), "alive");
  home.leases.end(lease);
  const [over, ...others] = home.leases.all();
  assert.deepEqual(others, []);
  assert.deepEqual([over?.id, over?.tenant, over?.epoch], [lease.id, "vat 1", 7]);
  assert.equal(home.leases.state(over ?? assert.fail()), "gone");
  assert.equal(home.leases.remove(lease.id), true);
  home.leases.end(lease);
  assert.deepEqual(home.leases.all(), [], "what is on record is not told again");
  const nameless = reopen(home.path, {
    host: { ...nodeHost(), platform: "linux-x64", self: () => ({ pid: process.pid }) },
  });
  const unknown = nameless.leases.take(CLAIM);
  nameless.leases.end(unknown);
  assert.deepEqual(home.leases.all(), [], "what could not be judged would stay for ever");
});

test("a lease has its name whole or not at all, and a failure leaves nothing", async () => {
  using there = await place();
  const { home, outside } = there;
  const { fileSystem } = ports();
  const failing = reopen(home.path, {
    fileSystem: {
      ...fileSystem,
      rename: (from, to) => {
        if (!to.startsWith(outside)) {
          fileSystem.rename(from, to);
          return;
        }
        assert.ok(from.startsWith(`${outside}/.`), "renamed within the folder: staging/ may be another disk");
        throw new Error("no room");
      },
    },
  });
  assert.throws(() => failing.leases.take(CLAIM), /no room/);
  assert.deepEqual(readdirSync(outside), []);
  renameSync(outside, `${outside}-away`);
});
