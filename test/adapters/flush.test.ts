import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "enginery-flush-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const isGnu = spawnSync("/usr/bin/sync", ["--version"], { encoding: "utf8" }).stdout?.startsWith(
  "sync (GNU coreutils)",
);

test("a file system is flushed at once where GNU sync is, and never elsewhere", async (context) => {
  assert.equal(await nodeFileSystem("darwin").syncFileSystem(folder), false);
  assert.equal(await nodeFileSystem("win32").syncFileSystem(folder), false);
  if (process.platform !== "linux" || !isGnu) return context.skip("no GNU sync");
  assert.equal(await nodeFileSystem().syncFileSystem(folder), true);
});

test("a flush that failed is no flush: then each file is flushed by itself", async () => {
  assert.equal(await nodeFileSystem().syncFileSystem(join(folder, "none")), false);
});

test("many read-only files are flushed on every platform and stay as they are; one that is not there is told", async () => {
  const paths = Array.from({ length: 40 }, (_, number) => join(folder, `f${number}`));
  for (const path of paths) {
    writeFileSync(path, path);
    chmodSync(path, 0o444);
  }
  for (const platform of ["linux", "win32"]) await nodeFileSystem(platform).syncFiles(paths);
  for (const path of paths) assert.equal(statSync(path).mode & 0o777, 0o444);
  await assert.rejects(nodeFileSystem().syncFiles([...paths, join(folder, "none")]), { code: "missing" });
});
