import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { lookAt } from "./checker.ts";
import { run, sound, told } from "./support/run.ts";
import { copyHome, prepareStage, type Stage } from "./support/scenes.ts";
import { tally } from "./support/tally.ts";

/** A home on a disk without a free byte, and on one without a free inode. */
const DISKS = [
  { what: "bytes", options: "size=1m", fill: fillBytes },
  { what: "inodes", options: "size=4m,nr_inodes=400", fill: fillInodes },
] as const;

let stage: Stage & Disposable;
let folder: string;
const mounted: string[] = [];
const cannotMount = missingMount();

before(async () => {
  if (cannotMount !== undefined) return;
  stage = await prepareStage();
});
after(() => {
  for (const place of mounted) spawnSync("umount", [place]);
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  stage?.[Symbol.dispose]();
});

for (const { what, options, fill } of DISKS) {
  test(`no ${what} left: what needs space says so, prune makes some`, {
    skip: cannotMount ?? false,
  }, async (context) => {
    const disk = join(folder, what);
    mkdirSync(disk);
    mount(disk, options);
    const home = join(disk, "home");
    copyHome(stage.homes.second, home);
    // What nothing keeps: an upgrade's own prune would have taken it.
    await sound(stage.program, ["observe", "200", "--home", home]);
    fill(disk);
    const { rooted } = lookAt(home);
    let cases = 0;
    for (const words of [["pin", "vat-9", "toy@2.0.0"], ["observe", "201"], ["install", "toy@1.0.0"], ["upgrade"]]) {
      const ran = await run(stage.program, [...words, "--home", home]);
      assert.ok(ran.status === 0 || ran.status === 7, told(ran));
      assert.doesNotMatch(ran.stderr, /^ {4}at /m);
      assert.deepEqual(lookAt(home, rooted).problems, [], words.join(" "));
      cases++;
    }
    fill(disk);
    const pruned = await run(stage.program, ["prune", "--before", "200", "--keep-generations", "1", "--home", home]);
    assert.equal(pruned.status, 0, told(pruned));
    assert.deepEqual(readdirSync(join(home, "engines", "toy")), ["3.0.0"]);
    assert.deepEqual(lookAt(home, rooted).problems, []);
    assert.deepEqual([...readdirSync(join(home, "staging")), ...readdirSync(join(home, "marks"))], []);
    const after = await run(stage.program, ["pin", "vat-9", "toy@3.0.0", "--home", home]);
    assert.equal(after.status, 0, told(after));
    assert.deepEqual(lookAt(home).problems, []);
    // Where nothing is left that could go: its lock takes an inode and can do without bytes.
    let last = pruned;
    for (let round = 0; round < 5 && last.status === 0; round++) {
      fill(disk);
      last = await run(stage.program, ["prune", "--home", home, "--yes"]);
    }
    assert.equal(last.status, what === "inodes" ? 7 : 0, told(last));
    if (last.status === 7) assert.match(last.stderr, /beside the home/);
    assert.deepEqual(lookAt(home).problems, []);
    tally(context, { cases: cases + 3 });
  });
}

function missingMount(): string | undefined {
  if (process.platform !== "linux") return "tmpfs is of Linux";
  folder = mkdtempSync(join(tmpdir(), "enginery-full-"));
  const place = join(folder, "try");
  mkdirSync(place);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", place]).status !== 0) return "no right to mount";
  spawnSync("umount", [place]);
  return undefined;
}

function mount(place: string, options: string): void {
  assert.equal(spawnSync("mount", ["-t", "tmpfs", "-o", options, "none", place]).status, 0);
  mounted.push(place);
}

function fillBytes(disk: string): void {
  const fd = openSync(join(disk, "filler"), "a");
  for (const size of [4096, 1]) {
    const block = Buffer.alloc(size);
    try {
      while (writeSync(fd, block) === size);
    } catch {
      // Full, to the last byte.
    }
  }
  closeSync(fd);
}

function fillInodes(disk: string): void {
  mkdirSync(join(disk, "fillers"), { recursive: true });
  try {
    for (;;) writeFileSync(join(disk, "fillers", `${readdirSync(join(disk, "fillers")).length}`), "");
  } catch {
    // Full, to the last inode.
  }
}
