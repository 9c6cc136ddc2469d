import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { EngineryError, isEngineryError } from "../../src/core/errors.ts";
import { uninstall } from "../../src/ops/uninstall.ts";
import { which } from "../../src/ops/which.ts";
import { openHome } from "../../src/store/home.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const AS_ROOT = process.getuid?.() === 0;

interface Thing {
  readonly kind: string;
  readonly path: string;
  readonly sha256?: string;
  readonly within?: string;
  readonly text?: string;
}

/** What install.sh leaves of a release, in the test's folder in place of somebody's home. */
class Made {
  readonly world: TestWorld;
  readonly person: string;
  readonly self: string;
  readonly command: string;
  readonly receipt: string;
  readonly things: Thing[] = [];

  constructor(world: TestWorld) {
    this.world = world;
    this.person = join(world.folder, "person");
    this.self = join(this.person, ".local/share/enginery-self");
    this.command = join(this.person, ".local/bin/enginery");
    this.receipt = join(this.person, ".config/enginery/receipt.json");
    mkdirSync(this.person);
    this.folders(".local", ".local/share", ".local/bin", ".config", ".config/enginery");
    mkdirSync(join(this.self, "placed"), { recursive: true });
    writeFileSync(join(this.self, "placed/enginery-0.1.0"), "a program");
    chmodSync(join(this.self, "placed/enginery-0.1.0"), 0o555);
    this.things.push({ kind: "self", path: this.self });
    symlinkSync(join(this.self, "placed/enginery-0.1.0"), this.command);
    this.things.push({ kind: "link", path: this.command, within: this.self });
    this.file(".config/enginery/env", "export PATH\n");
    writeFileSync(join(this.person, ".profile"), "mine\n. env\nmine too\n", { mode: 0o640 });
    this.things.push({ kind: "line", path: join(this.person, ".profile"), text: ". env" });
    this.write();
  }

  folders(...names: readonly string[]): void {
    for (const name of names) {
      mkdirSync(join(this.person, name));
      this.things.push({ kind: "folder", path: join(this.person, name) });
    }
  }

  file(name: string, content: string): string {
    const path = join(this.person, name);
    writeFileSync(path, content);
    this.things.push({ kind: "file", path, sha256: createHash("sha256").update(content).digest("hex") });
    return path;
  }

  write(more: object = {}): void {
    const { self, command, things: made } = this;
    const receipt = { format: 2, way: "release", platform: "linux-x64", self, command, made, ...more };
    writeFileSync(this.receipt, JSON.stringify(receipt), { mode: 0o644 });
  }

  uninstall(more: { readonly purge?: boolean; readonly dryRun?: boolean } = {}) {
    const { receipt, world } = this;
    return uninstall(world, { receipt, home: homeOf(world), purge: false, dryRun: false, ...more });
  }

  left(): readonly string[] {
    return readdirSync(this.person, { recursive: true, encoding: "utf8" }).sort();
  }
}

const refusedWith =
  (...codes: Parameters<typeof isEngineryError>[1][]) =>
  (error: unknown) => {
    assert.ok(isEngineryError(error, ...codes), String(error));
    return true;
  };

test("what the receipt lists is removed, the folders that are empty then, and nothing else", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  writeFileSync(join(made.person, ".local/bin/mine"), "mine");
  const planned = await made.uninstall({ dryRun: true });
  assert.equal(planned.dryRun, true);
  assert.equal(planned.kept.length, 0);
  assert.ok(existsSync(made.command));

  const done = await made.uninstall();
  assert.deepEqual(made.left(), [".local", ".local/bin", ".local/bin/mine", ".profile"]);
  assert.equal(readFileSync(join(made.person, ".profile"), "utf8"), "mine\nmine too\n");
  assert.equal(lstatSync(join(made.person, ".profile")).mode & 0o777, 0o640);
  assert.equal(done.home, null);
  assert.ok(done.removed.some(({ kind, path }) => kind === "folder" && path.endsWith(".config")));
  await assert.rejects(made.uninstall(), refusedWith("missing"));
});

test("the receipt goes when all that it lists has gone for good", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  const calls: string[] = [];
  const { fileSystem } = world;
  const watched = {
    ...fileSystem,
    unlink: (path: string) => {
      calls.push(`unlink ${path}`);
      return fileSystem.unlink(path);
    },
    syncDirectory: (path: string) => {
      calls.push(`sync ${path}`);
      fileSystem.syncDirectory(path);
    },
  };
  const { receipt } = made;
  writeFileSync(join(made.person, ".local/bin/mine"), "keeps its folders");
  await uninstall({ ...world, fileSystem: watched }, { receipt, home: homeOf(world), purge: false, dryRun: false });
  const end = calls.indexOf(`unlink ${receipt}`);
  // a folder that went as well is gone for good with the one that it lay in
  for (const { path } of made.things) {
    const folder = dirname(path);
    if (existsSync(folder)) assert.ok(calls.slice(0, end).includes(`sync ${folder}`), `${folder}: ${calls.join("\n")}`);
  }
  assert.ok(calls.slice(end).includes(`sync ${dirname(receipt)}`));
});

test("what was changed since is kept and named", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  const file = made.file(".config/enginery/completions", "as made");
  made.write();
  writeFileSync(file, "changed by hand");
  writeFileSync(join(world.folder, "elsewhere"), "");
  renameSync(made.command, `${made.command}.old`);
  symlinkSync(join(world.folder, "elsewhere"), made.command);
  const { kept } = await made.uninstall();
  assert.deepEqual(
    kept.map(({ path, why }) => [path, why]),
    [
      [file, "was changed since it was made"],
      [made.command, "leads elsewhere by now"],
    ],
  );
  assert.equal(readFileSync(file, "utf8"), "changed by hand");
  assert.equal(readlinkSync(made.command), join(world.folder, "elsewhere"));
});

test("a receipt takes nothing that install.sh would not have made", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  const precious = join(world.folder, "precious");
  writeFileSync(precious, "mine");
  const sha256 = createHash("sha256").update("mine").digest("hex");
  mkdirSync(join(world.folder, "tree/placed"), { recursive: true });
  symlinkSync(precious, join(made.person, "to-precious"));
  symlinkSync(world.folder, join(made.person, "to-folder"));
  const self = join(made.person, "to-folder");
  made.things.length = 0;
  made.things.push(
    { kind: "file", path: `${made.person}/../precious`, sha256 },
    { kind: "file", path: `${made.person}/./to-precious`, sha256 },
    { kind: "file", path: "precious", sha256 },
    { kind: "file", path: precious },
    { kind: "file", path: join(made.person, "to-precious"), sha256 },
    { kind: "link", path: join(made.person, "to-precious"), within: made.self },
    { kind: "self", path: join(world.folder, "tree") },
    { kind: "made", path: join(world.folder, "tree") },
    { kind: "home", path: join(world.folder, "tree") },
    { kind: "self", path: self },
    { kind: "everything", path: world.folder },
  );
  made.write({ self });
  const { removed, kept } = await made.uninstall();
  assert.deepEqual(removed, []);
  assert.equal(kept.length, made.things.length);
  assert.equal(readFileSync(precious, "utf8"), "mine");
  assert.ok(existsSync(join(world.folder, "tree/placed")));
});

test("the folder of the single files stays where something else lies in it", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  writeFileSync(join(made.self, "diary"), "mine");
  const { kept } = await made.uninstall();
  assert.match(kept[0]?.why ?? "", /holds "?diary/);
  assert.equal(readFileSync(join(made.self, "diary"), "utf8"), "mine");
});

for (const place of ["placed/diary", "placed/enginery-mine", "bin/enginery-mine"]) {
  test(`nor where ${place} lies in a folder of it`, async () => {
    using world = makeTestWorld();
    const made = new Made(world);
    mkdirSync(join(made.self, "bin"), { recursive: true });
    writeFileSync(join(made.self, place), "mine");
    const { kept } = await made.uninstall();
    assert.deepEqual(
      kept.map(({ kind }) => kind),
      ["self"],
    );
    assert.equal(readFileSync(join(made.self, place), "utf8"), "mine");
  });
}

test("what install.sh and self-update leave when they are killed goes with the folder", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  mkdirSync(join(made.self, "bin"), { recursive: true });
  for (const name of ["placed/.part-k3JxQz", "root.json.new", "root.json", "bin/enginery.new"])
    writeFileSync(join(made.self, name), "");
  await made.uninstall();
  assert.equal(existsSync(made.self), false);
});

test("a start file that leads to a pipe, without end, round in a ring or to nothing is kept, and nobody waits for it", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  spawnSync("mkfifo", [join(made.person, "pipe")]);
  for (const [name, leadsTo] of Object.entries({ ".a": "pipe", ".b": "/dev/zero", ".c": ".c", ".d": "nowhere" })) {
    symlinkSync(leadsTo, join(made.person, name));
    made.things.push({ kind: "line", path: join(made.person, name), text: ". env" });
  }
  made.write();
  const { kept } = await made.uninstall();
  assert.deepEqual(kept.map(({ path }) => path.slice(-2)).sort(), [".a", ".b", ".c"]);
});

test("a receipt that is a link, can be written by others, or is none is not believed", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  chmodSync(made.receipt, 0o666);
  await assert.rejects(made.uninstall(), refusedWith("refused"));
  chmodSync(made.receipt, 0o644);
  renameSync(made.receipt, `${made.receipt}.real`);
  symlinkSync(`${made.receipt}.real`, made.receipt);
  await assert.rejects(made.uninstall(), refusedWith("refused"));
  renameSync(`${made.receipt}.real`, made.receipt);
  for (const text of ["", "{", "[]", '{"format": 1, "made": []}', '{"format": 2, "made": [1]}', "null"]) {
    writeFileSync(made.receipt, text);
    await assert.rejects(made.uninstall(), refusedWith("document-invalid"), text);
  }
  made.write({ made: Array.from({ length: 10_001 }, () => ({ kind: "folder", path: "/nowhere" })) });
  await assert.rejects(made.uninstall(), refusedWith("document-invalid"));
  assert.ok(existsSync(made.command));
});

test("what belongs to another account, or lies where another could exchange it, stays", {
  skip: AS_ROOT ? false : "needs to be root",
}, async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  const foreign = made.file(".config/enginery/foreign", "x");
  chownSync(foreign, 65534, 65534);
  mkdirSync(join(made.person, "theirs"));
  const below = made.file("theirs/file", "y");
  chownSync(join(made.person, "theirs"), 65534, 65534);
  mkdirSync(join(made.person, "open"));
  const exchanged = made.file("open/file", "z");
  chmodSync(join(made.person, "open"), 0o777);
  made.write();
  const { kept } = await made.uninstall();
  assert.deepEqual(kept.map(({ path }) => path).sort(), [exchanged, below, foreign].sort());
  for (const path of [foreign, below, exchanged]) assert.ok(existsSync(path), path);
});

test("a line goes through the links that lead to its file, which stay", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  mkdirSync(join(made.person, "dotfiles"));
  renameSync(join(made.person, ".profile"), join(made.person, "dotfiles/profile"));
  symlinkSync("dotfiles/profile", join(made.person, ".profile"));
  await made.uninstall();
  assert.equal(readlinkSync(join(made.person, ".profile")), "dotfiles/profile");
  assert.equal(readFileSync(join(made.person, "dotfiles/profile"), "utf8"), "mine\nmine too\n");
});

test("a start file is not always UTF-8: all but the line stays as it was, byte for byte", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  const profile = join(made.person, ".profile");
  const [before, after] = [
    Buffer.from("\xef\xbb\xbf# caf\xe9\n", "latin1"),
    Buffer.from("\x80\xff\r\nno end", "latin1"),
  ];
  writeFileSync(profile, Buffer.concat([before, Buffer.from(". env\n"), after]));
  await made.uninstall();
  assert.deepEqual(readFileSync(profile), Buffer.concat([before, after]));
});

test("the home stays without --purge, and goes with it", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const made = new Made(world);
  made.things.push({ kind: "home", path: homeOf(world) });
  made.write();
  const planned = await made.uninstall({ purge: true, dryRun: true });
  assert.deepEqual([planned.home?.path, planned.kept], [homeOf(world), []]);
  assert.ok(existsSync(homeOf(world)));
  const { home, kept } = await made.uninstall({ purge: true });
  assert.deepEqual(kept, []);
  assert.ok((home?.freedBytes ?? 0) > 1000);
  assert.deepEqual([existsSync(homeOf(world)), existsSync(made.command)], [false, false]);
});

test("a home that is a mount point is emptied, and its folder named", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const made = new Made(world);
  const home = homeOf(world);
  const { removeDirectory } = world.fileSystem;
  Object.assign(world.fileSystem, {
    removeDirectory: (path: string) => {
      if (path === home) throw new EngineryError("io", "EBUSY");
      return removeDirectory(path);
    },
  });
  const { home: purged } = await made.uninstall({ purge: true });
  assert.equal(purged?.path, home);
  assert.deepEqual(readdirSync(home), []);
  assert.match(world.warnings.map(({ message }) => message).join("\n"), /is empty and stays/);
});

test("without --purge the home is kept and named", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const made = new Made(world);
  made.things.push({ kind: "home", path: homeOf(world) });
  made.write();
  const { kept } = await made.uninstall();
  assert.deepEqual(kept, [{ kind: "home", path: homeOf(world), why: "is a home: --purge removes it" }]);
  assert.equal(openHome(homeOf(world), world).generations.newest()?.number, 1);
});

test("a home that is claimed is not purged, and then nothing at all is removed", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const made = new Made(world);
  const home = openHome(homeOf(world), world);
  using lease = home.leases.take({ engine: "toy", version: "1.0.0" });
  assert.ok(lease.pid > 0);
  for (const dryRun of [true, false]) {
    await assert.rejects(made.uninstall({ purge: true, dryRun }), refusedWith("claimed"));
  }
  assert.deepEqual(readdirSync(join(home.path, "marks")), []);
  assert.ok(existsSync(made.command));
});

test("a claim that comes between the look and the marks is seen", async () => {
  using world = makeTestWorld();
  await installedToys(world);
  const made = new Made(world);
  const home = openHome(homeOf(world), world);
  const claims = new DisposableStack();
  const late: TestWorld = {
    ...world,
    lock: {
      acquire: async () => {
        claims.use(home.leases.take({ engine: "toy", version: "2.0.0" }));
        return { [Symbol.asyncDispose]: async () => undefined };
      },
    },
  };
  const { receipt } = made;
  await assert.rejects(
    uninstall(late, { receipt, home: homeOf(world), purge: true, dryRun: false }),
    refusedWith("claimed"),
  );
  claims.dispose();
  assert.deepEqual(readdirSync(join(home.path, "marks")), []);
  assert.equal(home.generations.newest()?.number, 1);
});

test("no other folder is ever purged", async () => {
  using world = makeTestWorld();
  const made = new Made(world);
  mkdirSync(homeOf(world));
  writeFileSync(join(homeOf(world), "thesis"), "mine");
  await assert.rejects(made.uninstall({ purge: true }), refusedWith("not-a-home"));
  assert.equal(readFileSync(join(homeOf(world), "thesis"), "utf8"), "mine");
  assert.ok(existsSync(dirname(made.command)));
});

test("a purge that is cut off anywhere can be done again, and never shows an older generation as the newest", async () => {
  for (let after = 0; ; after += 17) {
    using world = makeTestWorld();
    await installedToys(world);
    const made = new Made(world);
    const cut = cutOff(world, after);
    const { receipt } = made;
    const request = { receipt, home: homeOf(world), purge: true, dryRun: false };
    const isDone = await uninstall(cut, request).then(
      () => true,
      () => false,
    );
    if (isDone) return;
    if (existsSync(join(homeOf(world), "generations"))) {
      const numbers = readdirSync(join(homeOf(world), "generations"));
      assert.ok(numbers.length === 0 || numbers.includes("00000001.json"), `${numbers}`);
    }
    await made.uninstall({ purge: true });
    assert.deepEqual([existsSync(homeOf(world)), existsSync(made.command), existsSync(receipt)], [false, false, false]);
  }
});

test("a home whose leases lie outside is purged at any point again, with the claims in that folder that are over", async () => {
  const purge = async (after: number) => {
    using world = makeTestWorld();
    await installedToys(world);
    const made = new Made(world);
    const outside = join(world.folder, "leases");
    mkdirSync(outside);
    const home = openHome(homeOf(world), world);
    home.leases.moveOutside(outside);
    {
      using _lease = home.leases.take({ engine: "toy", version: "1.0.0" });
      await assert.rejects(made.uninstall({ purge: true }), refusedWith("claimed"));
    }
    writeFileSync(join(outside, "toy@1.0.0.1-1.json"), JSON.stringify({ ...OVER, machine: world.host.self().machine }));
    const cut = cutOff(world, after);
    const request = { receipt: made.receipt, home: home.path, purge: true, dryRun: false };
    const cause = await uninstall(cut, request).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (cause !== undefined && existsSync(made.receipt)) await made.uninstall({ purge: true });
    // killed before the last removal, it leaves an empty folder
    assert.deepEqual([existsSync(home.path) ? readdirSync(home.path) : [], readdirSync(outside)], [[], []], `${after}`);
    return cut.removals();
  };
  const all = await purge(Number.POSITIVE_INFINITY);
  for (const after of [0, 40, 80, ...[13, 11, 9, 7, 5, 3].map((count) => all - count)]) await purge(after);
});

test("a purge that is killed at any of its last removals, the lock's among them, leaves a home or none, and is ended by another", async () => {
  const killed = async (after: number) => {
    using world = makeTestWorld();
    await installedToys(world);
    const home = homeOf(world);
    const cut = { ...cutOff(world, after), lock: heldForGood };
    const request = { receipt: join(world.folder, "none.json"), home, purge: true, dryRun: false };
    const isDone = await uninstall(cut, request).then(
      () => true,
      () => false,
    );
    if (isDone) return cut.removals();
    try {
      openHome(home, world);
    } catch (error) {
      assert.ok(isEngineryError(error, "no-home"), `${after}: ${error}`);
    }
    const names = existsSync(home) ? readdirSync(home) : [];
    if (names.length === 0) return cut.removals();
    assert.deepEqual((await uninstall(world, { ...request, dryRun: true })).home, { path: home, freedBytes: 0 });
    assert.equal((await uninstall(world, request)).home?.path, home);
    assert.ok(!existsSync(home), `${after}`);
    return cut.removals();
  };
  const all = await killed(Number.POSITIVE_INFINITY);
  for (let left = 1; left <= 12; left += 1) await killed(all - left);
});

test("where a purge left its lock alone a home may be made anew, and beside anything else it may not", async () => {
  using world = makeTestWorld();
  const home = homeOf(world);
  await heldForGood.acquire(home);
  await assert.rejects(which(world, { home, engine: "toy" }), refusedWith("no-home"));
  await installedToys(world);
  assert.equal(openHome(home, world).generations.newest()?.number, 1);
  const other = join(world.folder, "other");
  await heldForGood.acquire(other);
  writeFileSync(join(other, "thesis"), "mine");
  assert.throws(() => openHome(other, world), refusedWith("not-a-home"));
  await assert.rejects(
    uninstall(world, { receipt: join(world.folder, "none.json"), home: other, purge: true, dryRun: false }),
  );
  assert.equal(readFileSync(join(other, "thesis"), "utf8"), "mine");
});

/** The lock as one who was killed leaves it. */
const heldForGood = {
  acquire: async (home: string) => {
    mkdirSync(join(home, ".writer"), { recursive: true });
    writeFileSync(join(home, ".writer-holder"), "uninstall --purge (process 1)");
    return { [Symbol.asyncDispose]: async () => undefined };
  },
};

const OVER = { format: 1, id: "1-1", engine: "toy", version: "1.0.0", pid: 1, boot: "over" };

/** A world whose disk takes no removal after this many. */
function cutOff(world: TestWorld, after: number): TestWorld & { removals(): number } {
  let done = 0;
  const count = () => {
    if (done === after) throw new Error("cut off");
    done += 1;
  };
  const { fileSystem } = world;
  return {
    ...world,
    removals: () => done,
    fileSystem: {
      ...fileSystem,
      unlink: (path) => {
        count();
        return fileSystem.unlink(path);
      },
      removeDirectory: (path) => {
        count();
        return fileSystem.removeDirectory(path);
      },
    },
  };
}
