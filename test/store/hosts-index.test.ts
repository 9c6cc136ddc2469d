import assert from "node:assert/strict";
import { test } from "node:test";
import type { Generation } from "../../src/core/model/home.ts";
import { hostsIndexText } from "../../src/store/hosts-index.ts";
import { digestOf, statements } from "./support/scratch.ts";

const LIBRARY = { path: "lib/libpink.so", kind: "library" } as const;
const RUNNER = { path: "bin/pink runner", kind: "executable" } as const;
const FIRST = { "lib/libpink.so": "1.0", "bin/pink runner": "" };
const SECOND = { "lib/libpink.so": "1.1", "bin/pink runner": "" };
const [FIRST_TREE, SECOND_TREE] = [digestOf(FIRST), digestOf(SECOND)];

const text = ({ generation, manifest }: ReturnType<typeof statements>, more: Partial<Generation> = {}) =>
  hostsIndexText({ ...generation, ...more }, manifest, "pink");

test("hosts find every deployment, and every entry point of all that is installed, libraries too", () => {
  const stated = statements("pink", [
    { version: "1.0.0", validFrom: 0, files: FIRST, entries: { pink: LIBRARY } },
    { version: "1.2.0", validFrom: 200 },
    { version: "1.1.0", validFrom: 100, files: SECOND, entries: { runner: RUNNER, pink: LIBRARY } },
    { version: "1.1.1", files: SECOND, entries: { first: LIBRARY, second: RUNNER } },
    { version: "1.1.2", files: SECOND, entries: {} },
  ]);
  assert.equal(
    text(stated),
    [
      "enginery-hosts 1 00000001 pink scheduled 3 8",
      "200 1.2.0 -",
      `100 1.1.0 ${SECOND_TREE}`,
      `0 1.0.0 ${FIRST_TREE}`,
      `1.0.0 ${FIRST_TREE} promised library * lib/libpink.so`,
      `1.0.0 ${FIRST_TREE} promised library pink lib/libpink.so`,
      `1.1.0 ${SECOND_TREE} promised library * lib/libpink.so`,
      `1.1.0 ${SECOND_TREE} promised executable runner bin/pink runner`,
      `1.1.0 ${SECOND_TREE} promised library pink lib/libpink.so`,
      // two entry points, and none is the engine's namesake
      `1.1.1 ${SECOND_TREE} promised library first lib/libpink.so`,
      `1.1.1 ${SECOND_TREE} promised executable second bin/pink runner`,
      `1.1.2 ${SECOND_TREE} promised none - -`,
      "",
    ].join("\n"),
  );
});

test("a release with other files than the manifest names is no answer to an epoch, and told apart", () => {
  const stated = statements("pink", [{ version: "1.0.0", validFrom: 7, files: FIRST, entries: { pink: LIBRARY } }]);
  const installations = stated.generation.installations.map((one) => ({ ...one, tree: "f".repeat(64) }));
  const lines = text(stated, { installations }).split("\n");
  assert.deepEqual(lines.slice(1, 3), ["7 1.0.0 -", `1.0.0 ${"f".repeat(64)} other library * lib/libpink.so`]);
});

test("a guarded entry point is of a kind that a reader who knows no guards passes over", () => {
  const guard = { files: "tree" } as const;
  const entries = { pink: { ...LIBRARY, guard }, runner: { ...RUNNER, guard } };
  const lines = text(statements("pink", [{ version: "1.0.0", validFrom: 0, files: FIRST, entries }])).split("\n");
  const kinds = lines.slice(2, -1).map((line) => line.split(" ").slice(3, 5));
  assert.deepEqual(kinds, [
    ["guarded-library", "*"],
    ["guarded-library", "pink"],
    ["guarded-executable", "runner"],
  ]);
});

test("without a schedule the selection answers always, and without either nothing is in effect", () => {
  const stated = statements("pink", [{ version: "1.0.0", files: FIRST, entries: { pink: LIBRARY } }]);
  const [head, first] = text(stated, { selections: { pink: "1.0.0" } }).split("\n");
  assert.deepEqual([head, first], ["enginery-hosts 1 00000001 pink always 1 2", `any 1.0.0 ${FIRST_TREE}`]);
  assert.match(text(stated), /^enginery-hosts 1 00000001 pink none 0 2\n1\.0\.0 /);
});

test("beyond the 32 deployments that launchers read, hosts find all", () => {
  const many = Array.from({ length: 100 }, (_, at) => ({ version: `1.${at}.0`, validFrom: 10 * at }));
  const lines = text(statements("pink", many)).trim().split("\n");
  assert.deepEqual(
    [lines[0], lines.length, lines.at(-1)],
    ["enginery-hosts 1 00000001 pink scheduled 100 0", 101, "0 1.0.0 -"],
  );
});
