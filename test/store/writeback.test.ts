import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineryError, isEngineryError } from "../../src/core/errors.ts";
import type { FileSystem } from "../../src/ports/file-system.ts";
import type { Host } from "../../src/ports/host.ts";
import { writebackOf } from "../../src/store/writeback.ts";
import { begin, disk, newHome, scratch } from "./support/scratch.ts";

const MIB = 1024 * 1024;
const hostOf = (platform: string) => ({ platform }) as Host;

test("a large file is flushed as it grows, one flush at a time, and a small one never", async () => {
  const flushes: PromiseWithResolvers<void>[] = [];
  const asked: (readonly string[])[] = [];
  const fileSystem = {
    ...disk,
    syncFiles: (paths) => {
      asked.push(paths);
      flushes.push(Promise.withResolvers());
      return flushes.at(-1)?.promise ?? Promise.resolve();
    },
  } satisfies FileSystem;
  const { wrote, settled } = writebackOf({ fileSystem, host: hostOf("linux-x64") });
  for (let bytes = MIB; bytes < 32 * MIB; bytes += MIB) wrote("small", bytes);
  assert.deepEqual(asked, []);
  for (let bytes = MIB; bytes <= 100 * MIB; bytes += MIB) wrote("large", bytes);
  assert.deepEqual(asked, [["large"]], "one is under way");
  flushes[0]?.resolve();
  await settled();
  wrote("large", 101 * MIB);
  wrote("large", 102 * MIB);
  assert.equal(asked.length, 2);
  flushes[1]?.resolve();
  await settled();
  wrote("large", 103 * MIB);
  assert.equal(asked.length, 2, "too little since then");
  const onWindows = writebackOf({ fileSystem, host: hostOf("win32-x64") });
  onWindows.wrote("large", 100 * MIB);
  await onWindows.settled();
  assert.equal(asked.length, 2);
});

test("a flush that fails early is as final as one at the end: nothing is announced", async () => {
  using place = scratch();
  const asked: string[] = [];
  const syncFiles: FileSystem["syncFiles"] = async ([path = "", ...others]) => {
    asked.push(path);
    if (others.length === 0) throw new EngineryError("io", "The disk is gone.");
  };
  const home = newHome(place.home, { fileSystem: { ...disk, syncFiles } });
  const megabyte = "x".repeat(MIB);
  const stage = begin(home, "a", "1.0.0", { "bin/large": megabyte.repeat(33) });
  const file = stage.sink.begin("bin/large", true);
  for (let written = 0; written < 33; written += 1) file.write(Buffer.from(megabyte));
  file.finish();
  await assert.rejects(stage.finish(), (error) => isEngineryError(error, "io"));
  assert.deepEqual(asked, [`${stage.path}/bin/large`]);
  stage.abandon();
});
