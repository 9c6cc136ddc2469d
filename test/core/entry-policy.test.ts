import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ArchiveEntry, createEntryPolicy, unpackedLimit } from "../../src/core/entry-policy.ts";
import { type ErrorCode, isEngineryError } from "../../src/core/errors.ts";
import type { Tree } from "../../src/core/model/tree.ts";
import { checkTreeFiles } from "../../src/core/tree-paths.ts";

const treeOf = (...paths: readonly string[]): Tree => ({
  format: 1,
  files: paths.map((path) => ({ path, bytes: 5, sha256: "0".repeat(64), executable: false })),
});
const file = (path: string, bytes = 5): ArchiveEntry => ({ path, kind: "file", bytes });
const folder = (path: string): ArchiveEntry => ({ path, kind: "directory", bytes: 0 });
const refuses = (code: ErrorCode, action: () => unknown, message?: string) =>
  assert.throws(action, (error) => isEngineryError(error, code), message);
const taken = (verdict: ReturnType<ReturnType<typeof createEntryPolicy>["judge"]>) =>
  "take" in verdict ? verdict.take.path : undefined;

test("takes the tree's files below its root, passes over what lies outside", () => {
  const policy = createEntryPolicy(treeOf("bin/engine", "readme"), "package/");
  assert.equal(taken(policy.judge(folder("package/"))), undefined);
  assert.equal(taken(policy.judge(folder("package"))), undefined);
  assert.equal(taken(policy.judge(folder("package/bin/"))), undefined);
  assert.equal(taken(policy.judge(file("package/bin/engine"))), "bin/engine");
  assert.equal(taken(policy.judge(file("other/bin/engine"))), undefined);
  assert.equal(taken(policy.judge(file("./package/./readme"))), "readme");
  policy.requireComplete();
});

test("refuses what the tree does not know, of another size, twice, and what is missing", () => {
  const fresh = () => createEntryPolicy(treeOf("bin/engine"), "");
  refuses("tree-mismatch", () => fresh().judge(file("bin/other")));
  refuses("tree-mismatch", () => fresh().judge(file("bin")));
  refuses("tree-mismatch", () => fresh().judge(file("bin/engine", 6)));
  refuses("tree-mismatch", () => fresh().judge(folder("lib/")));
  refuses("tree-mismatch", () => fresh().judge(folder("bin/engine/")));
  refuses("tree-mismatch", () => fresh().requireComplete());
  const policy = fresh();
  policy.judge(file("bin/engine"));
  refuses("archive-hostile", () => policy.judge(file("bin/engine")));
  refuses("archive-hostile", () => policy.judge(file("./bin/./engine")));
});

test("refuses a hostile path wherever it lies", () => {
  for (const path of [
    "../x",
    "/x",
    "a/../x",
    "a\\x",
    "C:x",
    "aux",
    "a//b",
    "a/",
    "a/b.",
    "a/ b /c ",
    "-x",
    "a\u200bb",
    "e\u0301",
  ]) {
    refuses("archive-hostile", () => createEntryPolicy(treeOf("engine"), "package/").judge(file(path)), path);
  }
  refuses("archive-hostile", () => createEntryPolicy(treeOf("engine"), "package/").judge(folder("../")));
});

test("refuses a tree whose paths some system takes for one", () => {
  refuses("archive-hostile", () => createEntryPolicy(treeOf("Bin", "bin"), ""));
  refuses("archive-hostile", () => createEntryPolicy(treeOf("../x"), ""));
});

test("a list whose paths are sound is looked at once, and one that was refused is refused again", () => {
  let looks = 0;
  const path = () => {
    looks += 1;
    return "a/b";
  };
  const files = [Object.defineProperty({ path: "" }, "path", { get: path })];
  for (let time = 0; time < 3; time++) checkTreeFiles(files);
  assert.equal(looks, 1);
  const hostile = [{ path: "a/../b" }];
  for (let time = 0; time < 2; time++)
    assert.throws(
      () => checkTreeFiles(hostile),
      (error) => isEngineryError(error, "archive-hostile"),
    );
});

test("bounds how many files outside the tree it remembers", () => {
  const policy = createEntryPolicy(treeOf("engine"), "package/");
  refuses("archive-hostile", () => {
    for (let index = 0; index < 70_000; index += 1) policy.judge(file(`outside/${index}`));
  });
});

test("no path is ever taken but one that the tree has, spelled as it has it", () => {
  const tree = treeOf("a", "b/c", "b/d");
  const part = fc.constantFrom("a", "b", "c", "d", ".", "..", "", "root", "A", "\u0000");
  const paths = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(fc.array(paths, { maxLength: 10 }), fc.constantFrom("", "root/"), (entries, root) => {
      const policy = createEntryPolicy(tree, root);
      const seen = new Set<string>();
      for (const path of entries) {
        try {
          const path_ = taken(policy.judge(file(path)));
          if (path_ === undefined) continue;
          assert.ok(tree.files.some((known) => known.path === path_) && !seen.has(path_));
          assert.equal(path.replaceAll("./", ""), root + path_);
          seen.add(path_);
        } catch (error) {
          assert.ok(isEngineryError(error, "archive-hostile", "tree-mismatch"), String(error));
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test("what an archive may decompress to follows the tree, and the archive only where it has an outside", () => {
  const tree = treeOf("engine");
  assert.ok(unpackedLimit(tree, "", 10 ** 9) < 2 * 1024 * 1024);
  assert.ok(unpackedLimit(tree, "", 10) >= 5 + 512 + 512 + 1024 + 10_240);
  assert.ok(unpackedLimit(tree, "package/", 10 ** 6) > 10 ** 6);
});
