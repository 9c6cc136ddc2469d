import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { nodeRemoving } from "../../src/adapters/node-removing.ts";
import { removeAll } from "../../src/store/removal.ts";

/** Enough to be worth a thread. */
const FILES = 5000;
const PATIENCE_MS = 30_000;

let place: string;

before(() => {
  place = mkdtempSync(join(tmpdir(), "enginery-removing-"));
});
after(() => rmSync(place, { recursive: true, force: true }));

function folderOf(name: string, files: number): string {
  const folder = join(place, name);
  for (let number = 0; number < files; number += 1) {
    if (number % 50 === 0) mkdirSync(join(folder, `f${number}`, "deep"), { recursive: true });
    writeFileSync(join(folder, `f${number - (number % 50)}`, number % 2 === 0 ? "deep" : ".", `${number}`), "");
  }
  return folder;
}

const helping = { skip: process.platform === "win32" ? "Windows has no such help" : false, timeout: PATIENCE_MS };

test(
  "a thread removes whole folders, never through a link, and is no worse for what is not there",
  helping,
  async () => {
    const outside = join(place, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "kept"), "kept");
    const folders = [folderOf("alone", 120), folderOf("other", 3)];
    symlinkSync(outside, join(folders[0] ?? "", "link"));
    symlinkSync(outside, join(place, "link"));
    using _help = nodeRemoving(process.platform, 2).help({
      folders: [...folders, join(place, "link"), join(place, "none")],
      files: FILES,
    });
    for (const folder of folders) while (existsSync(folder)) await pause(5);
    assert.equal(readFileSync(join(outside, "kept"), "utf8"), "kept");
    assert.ok(existsSync(join(place, "link")), "a link is no folder of ours");
  },
);

test("two that remove the same folders leave nothing, and neither fails", helping, () => {
  for (const round of [1, 2]) {
    const folders = [folderOf(`both-${round}`, 400), folderOf(`both-${round}-too`, 60)];
    using _help = nodeRemoving(process.platform, 2).help({ folders, files: FILES });
    for (const folder of folders) removeAll(nodeFileSystem(), folder);
    assert.deepEqual(
      readdirSync(place).filter((name) => name.startsWith("both")),
      [],
    );
  }
});

test("a few are removed by who asks, and so is all on one core, and on Windows", () => {
  const folders = [join(place, "few")];
  mkdirSync(folders[0] ?? "");
  assert.equal(nodeRemoving("linux", 8).help({ folders, files: 10 }), undefined);
  assert.equal(nodeRemoving("linux", 1).help({ folders, files: FILES }), undefined);
  assert.equal(nodeRemoving("win32", 8).help({ folders, files: FILES }), undefined);
});
