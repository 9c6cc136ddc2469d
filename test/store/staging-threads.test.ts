import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { nodeHashing } from "../../src/adapters/node-hashing.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { begin, bytesOf, fill, newHome, scratch } from "./support/scratch.ts";

/** So many that another thread writes a part of them, and one that is too large for it. */
const FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Array.from({ length: 1010 }, (_, index) => [`data/${index % 7}/${index}.txt`, `file ${index} `.repeat(index % 50)]),
  ),
  "bin/large": "large ".repeat(100_000),
  "bin/small": "small",
  empty: "",
};
const hashing = nodeHashing(2);

test("a tree of many files is staged by two threads as by one: whole, with its modes, and adopted", async () => {
  using place = scratch();
  const home = newHome(place.home, { hashing });
  const stage = begin(home, "a", "1.0.0", FILES);
  fill(stage, FILES);
  home.installations.adopt(await stage.finish());
  for (const [path, text] of Object.entries(FILES)) {
    const file = `${home.installations.path("a", "1.0.0")}/${path}`;
    assert.equal(readFileSync(file, "utf8"), text);
    if (process.platform !== "win32")
      assert.equal(statSync(file).mode & 0o7777, path.startsWith("bin/") ? 0o555 : 0o444);
  }
});

test("a file of the signed size with other bytes is refused, whoever wrote it", async () => {
  for (const path of ["bin/small", "data/4/501.txt", "bin/large"]) {
    using place = scratch();
    const stage = begin(newHome(place.home, { hashing }), "a", "1.0.0", FILES);
    fill(stage, { ...FILES, [path]: FILES[path]?.replace(/^./, "X") ?? "" });
    await assert.rejects(stage.finish(), (error) => isEngineryError(error, "tree-mismatch"));
    stage.abandon();
  }
});

test("a file that comes with more or fewer bytes than were signed is refused", () => {
  using place = scratch();
  const stage = begin(newHome(place.home, { hashing }), "a", "1.0.0", FILES);
  const mismatch = (error: unknown) => isEngineryError(error, "tree-mismatch");
  const longer = stage.sink.begin("bin/small", true);
  assert.throws(() => longer.write(bytesOf("smaller")), mismatch);
  longer.abandon();
  const shorter = stage.sink.begin("bin/small", true);
  shorter.write(bytesOf("sm"));
  assert.throws(() => shorter.finish(), mismatch);
  shorter.abandon();
  stage.abandon();
});

test("of a stage that is abandoned half way nothing is left", () => {
  for (let round = 0; round < 2; round++) {
    using place = scratch();
    const home = newHome(place.home, { hashing });
    const stage = begin(home, "a", "1.0.0", FILES);
    fill(stage, without(FILES, "bin/"));
    stage.abandon();
    assert.equal(existsSync(stage.path), false);
    assert.deepEqual(readdirSync(`${place.home}/staging`), []);
  }
});

function without(files: Readonly<Record<string, string>>, folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith(folder)));
}

test("a file that stays open while others come is whole all the same", async () => {
  using place = scratch();
  const home = newHome(place.home, { hashing });
  const stage = begin(home, "a", "1.0.0", FILES);
  const open = stage.lastingSink.begin("bin/small", true);
  open.write(bytesOf("sm"));
  fill(stage, without(FILES, "bin/small"));
  open.write(bytesOf("all"));
  open.finish();
  home.installations.adopt(await stage.finish());
  assert.equal(readFileSync(`${home.installations.path("a", "1.0.0")}/bin/small`, "utf8"), "small");
});
