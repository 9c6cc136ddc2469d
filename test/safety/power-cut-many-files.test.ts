import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import type { FileSystem } from "../../src/ports/file-system.ts";
import { install, newHome, reopen, treeOf } from "../store/support/scratch.ts";
import { cuttingFileSystem } from "./power-cut/cutting-file-system.ts";
import { type Disk, disksMissing, makeDisk } from "./power-cut/disk.ts";
import { requireNone, tally } from "./support/tally.ts";

/** So many that one flush of the file system stands for all of theirs. */
const FILES = Object.fromEntries(
  Array.from({ length: 100 }, (_, number) => [`lib/${number % 5}/f${number}`, `${number} `.repeat(1 + number * 40)]),
);
const missing = disksMissing("ext4");
let disk: Disk | undefined;

before(() => {
  if (missing === undefined) disk = makeDisk("ext4");
});
after(() => disk?.[Symbol.dispose]());

/** Cuts before every point of laying the release out, and once more after it: what is broken then. */
async function cutEverywhere(
  real: FileSystem,
  log: boolean,
): Promise<{ readonly cuts: number; readonly flushes: number; readonly broken: readonly string[] }> {
  if (disk === undefined) throw new Error("Nothing is prepared.");
  const broken: string[] = [];
  let flushes = 0;
  for (let point = 1; ; point++) {
    const home = join(disk.place, `home-${point}`);
    newHome(home);
    disk.flush();
    const cutting = cuttingFileSystem(real, home, point, () => disk?.cut(log));
    await install(reopen(home, { fileSystem: cutting.fileSystem }), "xsnap", "1.0.0", FILES).catch((error: unknown) => {
      if (cutting.cutAt === undefined) throw error;
    });
    if (cutting.cutAt === undefined) disk.cut(log);
    if (cutting.cutAt?.name === "syncFileSystem") flushes++;
    disk.unmount();
    disk.mount();
    const { installations } = reopen(home);
    const isThere = installations.isThere("xsnap", "1.0.0");
    const problems = isThere ? installations.inspect("xsnap", "1.0.0", treeOf(FILES), { quick: false }) : [];
    const where = cutting.cutAt?.name ?? "nothing";
    if (problems.length > 0) broken.push(`cut before ${where}: ${problems.length} files are not as they were sealed`);
    if (cutting.cutAt === undefined && !isThere) broken.push("what was announced is not there");
    rmSync(home, { recursive: true, force: true });
    if (cutting.cutAt === undefined) return { cuts: point, flushes, broken };
  }
}

test("mutant: a flush of the whole file system that does nothing is caught", { skip: missing ?? false }, async () => {
  const { broken } = await cutEverywhere({ ...nodeFileSystem(), syncFileSystem: async () => true }, true);
  assert.notDeepEqual(broken, []);
});

for (const log of [false, true]) {
  test(`a release of many files: power cut ${log ? "with the log flushed" : "at once"} before every flush and name`, {
    skip: missing ?? false,
  }, async (context) => {
    const { cuts, flushes, broken } = await cutEverywhere(nodeFileSystem(), log);
    assert.ok(flushes > 0, "flushed at once");
    tally(context, { cases: cuts });
    requireNone(broken);
  });
}
