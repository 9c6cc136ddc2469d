import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  existsSync,
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
import { test } from "node:test";
import type { FileSystem } from "../../src/ports/file-system.ts";
import { forEveryKillPoint, recordingFileSystem } from "../sim/killing-file-system.ts";
import {
  begin,
  bytesOf,
  digestOf,
  disk,
  fill,
  install,
  newHome,
  OPERATION,
  reopen,
  scratch,
  treeOf,
} from "./support/scratch.ts";
import { snapshotOf } from "./support/snapshot.ts";

const FILES = { "bin/xsnap": "#!/bin/sh\necho 1\n", "lib/a b/c.so": "library", README: "" };
const TREE = treeOf(FILES);
const FULL = { quick: false };

test("a release is adopted whole, with exact modes whatever the umask", async () => {
  using place = scratch();
  const home = newHome(place.home);
  const before = process.umask(0o077);
  try {
    await install(home, "xsnap", "1.0.0", FILES);
  } finally {
    process.umask(before);
  }
  const path = home.installations.path("xsnap", "1.0.0");
  const modeOf = (name: string) => (statSync(`${path}/${name}`).mode & 0o7777).toString(8);
  assert.deepEqual(["", "bin", "bin/xsnap", "README", "lib/a b", "SEAL.json"].map(modeOf), [
    "755",
    "755",
    "555",
    "444",
    "755",
    "444",
  ]);
  assert.deepEqual(home.installations.inspect("xsnap", "1.0.0", TREE, FULL), []);
  assert.deepEqual(home.installations.seal("xsnap", "1.0.0"), {
    format: 1,
    engine: "xsnap",
    version: "1.0.0",
    platform: "linux-x64",
    tree: digestOf(FILES),
    bytes: 24,
    files: 3,
  });
  assert.deepEqual(home.installations.list(), [{ engine: "xsnap", version: "1.0.0" }]);
  assert.deepEqual(readdirSync(`${place.home}/staging`), []);
});

test("what the sink is given beyond the tree, twice or otherwise executable is refused", () => {
  using place = scratch();
  const { sink } = begin(newHome(place.home), "xsnap", "1.0.0", FILES);
  assert.throws(() => sink.begin("other", false), { code: "tree-mismatch" });
  assert.throws(() => sink.begin("README", true), { code: "tree-mismatch" });
  assert.throws(() => sink.begin("../README", false), { code: "tree-mismatch" });
  sink.begin("README", false).finish();
  assert.throws(() => sink.begin("README", false), { code: "tree-mismatch" });
  const file = sink.begin("bin/xsnap", true);
  file.write(bytesOf("#!"));
  file.abandon();
  sink.begin("bin/xsnap", true).finish();
});

for (const [name, spoil] of Object.entries({
  "a file that is missing": (path: string) => rmSync(`${path}/README`),
  "a file too many": (path: string) => writeFileSync(`${path}/lib/more`, ""),
  "a folder too many": (path: string) => mkdirSync(`${path}/empty`),
  "a link": (path: string) => symlinkSync("/", `${path}/lib/link`),
  "a link for a file": (path: string) => {
    rmSync(`${path}/README`);
    symlinkSync("lib/a b/c.so", `${path}/README`);
  },
  "a flipped bit": (path: string) => {
    chmodSync(`${path}/bin/xsnap`, 0o755);
    writeFileSync(`${path}/bin/xsnap`, "#!/bin/sh\necho 2\n");
    chmodSync(`${path}/bin/xsnap`, 0o555);
  },
  "another mode": (path: string) => chmodSync(`${path}/bin/xsnap`, 0o755),
  setuid: (path: string) => chmodSync(`${path}/bin/xsnap`, 0o4555),
  "a folder that others may write to": (path: string) => chmodSync(`${path}/lib`, 0o777),
  "a seal of its own": (path: string) => writeFileSync(`${path}/SEAL.json`, "{}"),
})) {
  test(`a stage with ${name} is never verified`, async () => {
    using place = scratch();
    const home = newHome(place.home);
    const stage = begin(home, "xsnap", "1.0.0", FILES);
    fill(stage, FILES);
    spoil(stage.path);
    await assert.rejects(stage.finish(), { code: "tree-mismatch" });
    stage.abandon();
    assert.deepEqual(home.installations.list(), []);
    assert.deepEqual(readdirSync(`${place.home}/staging`), []);
  });
}

test("a tree staged under another digest is never verified", async () => {
  using place = scratch();
  const home = newHome(place.home);
  const release = { engine: "xsnap", version: "1.0.0", platform: "linux-x64", tree: TREE, treeDigest: digestOf({}) };
  const stage = home.staging.begin(OPERATION, release);
  fill(stage, FILES);
  await assert.rejects(stage.finish(), { code: "tree-mismatch" });
});

test("inspect names every way of damage, and repair mends each", async () => {
  using place = scratch();
  const home = newHome(place.home);
  const { installations } = home;
  await install(home, "xsnap", "1.0.0", FILES);
  const path = installations.path("xsnap", "1.0.0");
  chmodSync(`${path}/bin/xsnap`, 0o755);
  writeFileSync(`${path}/bin/xsnap`, "#!/bin/sh\necho 2\n");
  rmSync(`${path}/lib/a b`, { recursive: true });
  appendFileSync(`${path}/README`, "x");
  writeFileSync(`${path}/extra`, "");
  mkdirSync(`${path}/extra-folder/deep`, { recursive: true });
  symlinkSync("/etc", `${path}/extra-link`);
  chmodSync(`${path}/bin`, 0o777);
  chmodSync(path, 0o775);
  writeFileSync(`${place.path}/seal`, "");
  renameSync(`${place.path}/seal`, `${path}/SEAL.json`);
  const found = installations.inspect("xsnap", "1.0.0", TREE, FULL).map(({ path: at, kind }) => `${kind} ${at}`);
  assert.deepEqual(found, [
    "size README",
    "changed bin/xsnap",
    "missing lib/a b/c.so",
    "extra extra",
    "extra extra-folder",
    "extra extra-folder/deep",
    "extra extra-link",
    "mode .",
    "mode bin",
    "seal SEAL.json",
  ]);
  for (const { path: at, kind } of installations.inspect("xsnap", "1.0.0", TREE, FULL)) {
    const file = TREE.files.find((one) => one.path === at);
    if (kind === "extra") installations.removeExtra("xsnap", "1.0.0", at);
    else if (kind === "mode") installations.fixMode("xsnap", "1.0.0", file ?? { path: at });
    else if (file !== undefined)
      installations.replaceFile("xsnap", "1.0.0", file, [bytesOf(FILES[at as keyof typeof FILES])]);
  }
  const { version, platform } = { version: "1.0.0", platform: "linux-x64" };
  installations.fixSeal({ format: 1, engine: "xsnap", version, platform, tree: digestOf(FILES), bytes: 24, files: 3 });
  assert.deepEqual(installations.inspect("xsnap", "1.0.0", TREE, FULL), []);
  assert.deepEqual(installations.inspect("xsnap", "1.0.0", TREE, { quick: true }), []);
  assert.ok(existsSync("/etc/passwd"), "a link is removed, not what it leads to");
});

test("quick reads no file and still sees what was touched after the seal", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  const path = home.installations.path("xsnap", "1.0.0");
  const reads: string[] = [];
  const fileSystem: FileSystem = {
    ...disk,
    openRead: (name) => {
      reads.push(name);
      return disk.openRead(name);
    },
  };
  const quick = () => reopen(place.home, { fileSystem }).installations.inspect("xsnap", "1.0.0", TREE, { quick: true });
  assert.deepEqual(quick(), []);
  utimesSync(`${path}/README`, new Date(), new Date(Date.now() + 60_000));
  assert.deepEqual(quick(), [{ path: "README", kind: "changed" }]);
  truncateSync(`${path}/lib/a b/c.so`, 3);
  assert.ok(quick().some(({ kind }) => kind === "size"));
  assert.deepEqual(reads, []);
});

test("a link in the place of an installation is not looked through, and nothing is written through it", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  const path = home.installations.path("xsnap", "1.0.0");
  const outside = `${place.path}/outside`;
  renameSync(path, outside);
  symlinkSync(outside, path);
  const before = snapshotOf(outside);
  const kinds = home.installations.inspect("xsnap", "1.0.0", TREE, FULL).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["missing", "missing", "missing", "seal"]);
  for (const file of TREE.files) {
    home.installations.replaceFile("xsnap", "1.0.0", file, [bytesOf(FILES[file.path as keyof typeof FILES])]);
  }
  assert.deepEqual(snapshotOf(outside), before);
  assert.equal(statSync(`${path}/README`).size, 0);
  renameSync(`${place.home}/engines/xsnap`, `${place.path}/engine`);
  symlinkSync(`${place.path}/engine`, `${place.home}/engines/xsnap`);
  assert.throws(() => home.installations.inspect("xsnap", "1.0.0", TREE, FULL), { code: "home-damaged" });
});

test("after a file was replaced a quick look finds nothing touched since the seal", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  const [file] = TREE.files;
  assert.ok(file);
  await new Promise((done) => setTimeout(done, 20));
  home.installations.replaceFile("xsnap", "1.0.0", file, [bytesOf(FILES[file.path as keyof typeof FILES])]);
  assert.deepEqual(home.installations.inspect("xsnap", "1.0.0", TREE, { quick: true }), []);
});

test("a seal of another release, or one that cannot be read, seals nothing", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  await install(home, "xsnap", "2.0.0", FILES);
  const seal = (version: string) => `${home.installations.path("xsnap", version)}/SEAL.json`;
  rmSync(seal("1.0.0"));
  writeFileSync(seal("1.0.0"), readFileSync(seal("2.0.0")));
  const found = home.installations.inspect("xsnap", "1.0.0", TREE, FULL);
  assert.deepEqual(found, [{ path: "SEAL.json", kind: "seal" }]);
  rmSync(seal("2.0.0"));
  writeFileSync(seal("2.0.0"), "{");
  assert.throws(() => home.installations.seal("xsnap", "2.0.0"), { code: "home-damaged" });
  await install(home, "xsnap", "2.0.0", FILES);
  assert.deepEqual(home.installations.inspect("xsnap", "2.0.0", TREE, FULL), []);
});

test("a whole inspection tells how far it is", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  let seen = 0;
  home.installations.inspect("xsnap", "1.0.0", TREE, { quick: false, onBytes: (n) => (seen += n) });
  assert.equal(seen, 24);
});

test("a replacement that is not what was signed replaces nothing", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  const before = snapshotOf(place.home);
  const [file] = TREE.files.filter(({ path }) => path === "bin/xsnap");
  assert.ok(file);
  assert.throws(() => home.installations.replaceFile("xsnap", "1.0.0", file, [bytesOf("evil")]), {
    code: "hash-mismatch",
  });
  assert.deepEqual(snapshotOf(place.home), before);
});

test("a replacement goes in by rename: who runs the old file keeps it", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  const path = `${home.installations.path("xsnap", "1.0.0")}/bin/xsnap`;
  const inode = statSync(path).ino;
  const [file] = TREE.files.filter((one) => one.path === "bin/xsnap");
  home.installations.replaceFile("xsnap", "1.0.0", file ?? assert.fail(), [bytesOf(FILES["bin/xsnap"])]);
  assert.notEqual(statSync(path).ino, inode);
});

test("the same release again is fine, other bytes under its version are a conflict, half of one makes way", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  const before = snapshotOf(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  assert.deepEqual(snapshotOf(place.home), before);
  const other = { "bin/xsnap": "other" };
  const stage = begin(home, "xsnap", "1.0.0", other);
  fill(stage, other);
  await assert.rejects(async () => home.installations.adopt(await stage.finish()), { code: "release-conflict" });
  stage.abandon();
  assert.deepEqual(snapshotOf(place.home), before);
  rmSync(`${home.installations.path("xsnap", "1.0.0")}/SEAL.json`);
  await install(home, "xsnap", "1.0.0", other);
  assert.deepEqual(home.installations.inspect("xsnap", "1.0.0", treeOf(other), FULL), []);
  assert.ok(home.staging.sweepTrash() > 0);
  assert.deepEqual(readdirSync(`${place.home}/staging`), []);
});

test("two writers that adopt the same release both succeed", async () => {
  using place = scratch();
  const home = newHome(place.home);
  let raced = false;
  const other = begin(home, "xsnap", "1.0.0", FILES, "f".repeat(32));
  fill(other, FILES);
  const staged = await other.finish();
  const fileSystem: FileSystem = {
    ...disk,
    rename: (from, to) => {
      if (to.endsWith("engines/xsnap/1.0.0") && !raced) {
        raced = true;
        home.installations.adopt(staged);
      }
      disk.rename(from, to);
    },
  };
  await install(reopen(place.home, { fileSystem }), "xsnap", "1.0.0", FILES);
  assert.ok(raced);
  assert.deepEqual(home.installations.inspect("xsnap", "1.0.0", TREE, FULL), []);
});

test("killed at every point of staging and adopting: no installation or the whole one, and the next attempt works", async () => {
  using place = scratch();
  let number = 0;
  const points = await forEveryKillPoint({
    real: disk,
    torn: true,
    arrange: () => {
      const path = `${place.path}/${++number}`;
      newHome(path);
      return path;
    },
    act: (fileSystem, path) => install(reopen(path, { fileSystem }), "xsnap", "1.0.0", FILES),
    check: async (path, killedAt) => {
      const home = reopen(path);
      const seal = home.installations.seal("xsnap", "1.0.0");
      if (killedAt === undefined) assert.ok(seal);
      if (seal === undefined) assert.deepEqual(home.installations.list(), []);
      else assert.deepEqual(home.installations.inspect("xsnap", "1.0.0", TREE, FULL), []);
      await install(home, "xsnap", "1.0.0", FILES);
      assert.deepEqual(home.installations.inspect("xsnap", "1.0.0", TREE, FULL), []);
    },
  });
  assert.ok(points >= 20, `${points} points`);
});

test("killed at every point of a repair: the installation is never gone, the file old or new", async () => {
  using place = scratch();
  let number = 0;
  const [file] = TREE.files.filter(({ path }) => path === "README");
  assert.ok(file);
  await forEveryKillPoint({
    real: disk,
    arrange: async () => {
      const path = `${place.path}/${++number}`;
      const home = newHome(path);
      await install(home, "xsnap", "1.0.0", FILES);
      appendFileSync(`${home.installations.path("xsnap", "1.0.0")}/README`, "damage");
      return path;
    },
    act: (fileSystem, path) =>
      reopen(path, { fileSystem }).installations.replaceFile("xsnap", "1.0.0", file, [bytesOf("")]),
    check: (path) => {
      const { installations } = reopen(path);
      assert.ok(installations.seal("xsnap", "1.0.0"));
      const now = readFileSync(`${installations.path("xsnap", "1.0.0")}/README`, "utf8");
      assert.ok(now === "damage" || now === "");
    },
  });
});

test("what is moved aside is removed beside another that removes it, and whatever came to it meanwhile", async () => {
  using place = scratch();
  const home = newHome(place.home);
  for (const version of ["1.0.0", "1.1.0"]) {
    await install(home, "xsnap", version, FILES);
    home.installations.toTrash("xsnap", version);
  }
  const [other = "", own = ""] = readdirSync(`${place.home}/staging`).sort();
  const asked: unknown[] = [];
  let given = 0;
  const help = (work: unknown) => {
    asked.push(work);
    return { [Symbol.dispose]: () => (given += 1) };
  };
  const removing = { help };
  const late = `${place.home}/staging/${own}/bin`;
  const fileSystem: FileSystem = {
    ...disk,
    list: (path) => {
      const entries = disk.list(path);
      if (path === `${place.home}/staging/${other}`) rmSync(path, { recursive: true });
      if (path === late && entries?.length === 1) writeFileSync(`${late}/late`, "");
      return entries;
    },
  };
  reopen(place.home, { fileSystem, removing }).staging.removeTrash(4096);
  assert.deepEqual(asked, [{ folders: [other, own].map((name) => `${place.home}/staging/${name}`), files: 4096 }]);
  assert.equal(given, 1, "the other is told when all is gone");
  assert.deepEqual(readdirSync(`${place.home}/staging`), []);
});

test("trash is out of sight at once, and swept away with its bytes", async () => {
  using place = scratch();
  const home = newHome(place.home);
  await install(home, "xsnap", "1.0.0", FILES);
  const path = home.installations.path("xsnap", "1.0.0");
  mkdirSync(`${path}/closed`, { mode: 0 });
  home.installations.toTrash("xsnap", "1.0.0");
  home.installations.toTrash("xsnap", "1.0.0");
  assert.deepEqual(home.installations.list(), []);
  assert.ok(!existsSync(`${place.home}/engines/xsnap`));
  assert.equal(home.staging.sweep(), 0, "trash is not for sweep");
  const { fileSystem, trace } = recordingFileSystem(disk);
  assert.ok(reopen(place.home, { fileSystem }).staging.sweepTrash() > 24);
  // Root may read any folder; others must open it first.
  assert.deepEqual(
    trace.filter(({ name }) => name === "changeMode").map(({ path }) => path.split("/").at(-1)),
    ["closed"],
  );
  assert.deepEqual(readdirSync(`${place.home}/staging`), []);
});
