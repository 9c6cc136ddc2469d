import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type BaseRelease, type Way, waysTo } from "../../src/core/acquire-plan.ts";
import type { DeltaReference, PlatformRelease } from "../../src/core/model/manifest.ts";
import type { Tree } from "../../src/core/model/tree.ts";

const hash = (number: number): string => number.toString(16).padStart(64, "0");

/** Contents are small numbers: the same number, the same bytes. */
const treeOf = (contents: readonly number[]): Tree => ({
  format: 1,
  files: contents.map((content, place) => ({
    path: `file-${String(place).padStart(3, "0")}`,
    bytes: content + 1,
    sha256: hash(content),
    executable: false,
  })),
});

interface Scene {
  readonly trees: readonly (readonly number[])[];
  /** Places in `trees` of what is installed, with engine and version. */
  readonly installed: readonly { readonly tree: number; readonly engine: string; readonly version: string }[];
  /** Places whose file list is at hand. */
  readonly known: readonly number[];
  readonly wanted: number;
  readonly offered: readonly { readonly from: number; readonly bytes: number }[];
  readonly archive: number;
  readonly deltas: boolean;
}

const scenes: fc.Arbitrary<Scene> = fc
  .array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 })
  .chain((trees) => {
    const place = fc.integer({ min: 0, max: trees.length - 1 });
    const engine = fc.constantFrom("one", "two");
    const version = fc.constantFrom("1.0.0", "2.0.0", "3.0.0");
    return fc.record({
      trees: fc.constant(trees),
      installed: fc.uniqueArray(fc.record({ tree: place, engine, version }), {
        selector: (one) => `${one.engine} ${one.version}`,
        maxLength: 5,
      }),
      known: fc.uniqueArray(place),
      wanted: place,
      offered: fc.array(fc.record({ from: place, bytes: fc.integer({ min: 1, max: 400 }) }), { maxLength: 4 }),
      archive: fc.integer({ min: 1, max: 400 }),
      deltas: fc.boolean(),
    });
  });

const LIST_BYTES = 30;
const PIECES_BYTES = 20;

function factsOf(scene: Scene) {
  const offered: DeltaReference[] = scene.offered.map(({ from, bytes }, number) => ({
    from: hash(1000 + from),
    sha256: hash(2000 + number),
    bytes,
  }));
  const release: PlatformRelease = {
    archive: { sha256: hash(1), bytes: scene.archive, format: "tar.zst", root: "" },
    pieces: { sha256: hash(2), bytes: PIECES_BYTES },
    tree: { sha256: hash(3), bytes: LIST_BYTES, digest: hash(1000 + scene.wanted), files: 1, unpackedBytes: 1 },
    entries: {},
    ...(offered.length === 0 ? {} : { deltas: offered }),
  };
  const installed: BaseRelease[] = scene.installed.map((one) => ({ ...one, tree: hash(1000 + one.tree) }));
  const treeOfDigest = (digest: string): Tree | undefined => {
    const place = scene.trees.findIndex((_, index) => hash(1000 + index) === digest);
    return scene.known.includes(place) ? treeOf(scene.trees[place] ?? []) : undefined;
  };
  return { engine: "one", version: "2.0.0", release, installed, treeOf: treeOfDigest, deltas: scene.deltas };
}

/** Every way that there is, one by one, with no thought of order: what the plan's first one must not be beaten by. */
function naiveLeast(scene: Scene): number {
  const isKnown = (place: number) => scene.known.includes(place);
  const list = isKnown(scene.wanted) ? 0 : LIST_BYTES;
  let least = scene.archive + PIECES_BYTES + list;
  if (!scene.deltas) return least;
  for (const { tree, engine, version } of scene.installed) {
    if (engine === "one" && version === "2.0.0") continue;
    const there = scene.trees[tree] ?? [];
    const all = (scene.trees[scene.wanted] ?? []).every((content) => there.includes(content));
    if (all && isKnown(scene.wanted) && isKnown(tree)) least = 0;
    for (const { from, bytes } of scene.offered) if (from === tree) least = Math.min(least, bytes + list);
  }
  return least;
}

test("the first way takes as few bytes as the best of all, and the archive stands behind every other", () => {
  const seen = { reuse: 0, delta: 0, archive: 0 };
  fc.assert(
    fc.property(scenes, (scene) => {
      const ways = waysTo(factsOf(scene));
      const [first] = ways;
      assert.equal(first.downloadBytes, naiveLeast(scene));
      seen[first.kind] += 1;
      assert.equal(ways.at(-1)?.kind, "archive");
      assert.equal(ways.filter(({ kind }) => kind === "archive").length, 1);
      assert.deepEqual(
        ways.map(({ downloadBytes }) => downloadBytes),
        ways.map(({ downloadBytes }) => downloadBytes).toSorted((one, other) => one - other),
        "each costs at least what the one before it does",
      );
      for (const way of ways) checkWay(scene, way);
    }),
    { numRuns: 5000 },
  );
  for (const [kind, count] of Object.entries(seen)) assert.ok(count > 100, `${kind} was first ${count} times only`);
});

function checkWay(scene: Scene, way: Way): void {
  if (way.kind === "archive") return;
  assert.ok(scene.deltas);
  assert.ok(scene.installed.some((one) => one.engine === way.base.engine && one.version === way.base.version));
  assert.notDeepEqual([way.base.engine, way.base.version], ["one", "2.0.0"], "never from itself");
  if (way.kind === "delta") assert.equal(way.delta.from, way.base.tree);
}

test("among equals the same engine is taken from", () => {
  const scene: Scene = {
    trees: [[1], [2]],
    installed: [
      { tree: 0, engine: "two", version: "1.0.0" },
      { tree: 0, engine: "one", version: "1.0.0" },
    ],
    known: [],
    wanted: 1,
    offered: [{ from: 0, bytes: 5 }],
    archive: 100,
    deltas: true,
  };
  const [first] = waysTo(factsOf(scene));
  assert.deepEqual(first.kind === "delta" && first.base.engine, "one");
});

test("no file list but the release's own is looked for where that is not at hand", () => {
  const asked: string[] = [];
  const build = { sha256: hash(1), bytes: 10 };
  const release: PlatformRelease = {
    archive: { ...build, format: "tar.zst", root: "" },
    pieces: build,
    tree: { ...build, digest: hash(2), files: 1, unpackedBytes: 1 },
    entries: {},
  };
  const installed = [3, 4, 5].map((at) => ({ engine: "one", version: `${at}.0.0`, tree: hash(at) }));
  const treeOfNone = (digest: string) => void asked.push(digest);
  waysTo({ engine: "one", version: "9.0.0", release, installed, treeOf: treeOfNone, deltas: true });
  assert.deepEqual(asked, [hash(2)]);
});
