import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Manifest } from "../../src/core/model/manifest.ts";
import { lookAt } from "../safety/checker.ts";
import { ARCHIVE_CASES } from "./support/archive-cases.ts";
import { command } from "./support/command.ts";
import { END, entry } from "./support/raw-tar.ts";
import { RogueHome, SOUND } from "./support/rogue-home.ts";
import { compressed, treeOf } from "./support/unpacking.ts";

// The whole way: a publisher signs it, `upgrade` meets it, exits as CLI.md says and leaves the home as it was.

/** One of each kind; all of them: test/safety/hostile-input.test.ts. */
const SAMPLE = [1, 4, 16, 24, 33, 41, 59, 66, 74];

let rogue: RogueHome;
before(async () => {
  rogue = await RogueHome.begin();
});
after(async () => await rogue[Symbol.asyncDispose]());

for (const number of SAMPLE) {
  const hostile = ARCHIVE_CASES.find((each) => each.number === number);
  assert.ok(hostile);
  test(`through upgrade: an archive with ${hostile.name}`, async () =>
    await rogue.refusesRelease(hostile, `2.0.${number}`));
}

/** What a manifest may say; all of it signed. */
const MANIFESTS: readonly (readonly [label: string, status: number, change: (manifest: Manifest) => unknown])[] = [
  [
    "an engine with a name that Windows reserves",
    5,
    ({ engines, ...rest }) => ({ ...rest, engines: { con: engines["toy"] } }),
  ],
  [
    "an engine with a path for a name",
    5,
    ({ engines, ...rest }) => ({ ...rest, engines: { "../toy": engines["toy"] } }),
  ],
  ["an engine twice", 5, (manifest) => JSON.stringify(manifest).replace('"toy":', '"toy":{},"toy":')],
  ["no JSON", 5, () => "\u0000"],
  ["nothing", 5, () => ""],
  ["another format", 5, (manifest) => ({ ...manifest, format: 2 })],
  ["another channel", 4, (manifest) => ({ ...manifest, channel: "other" })],
  ["a serial of before", 4, (manifest) => ({ ...manifest, serial: 0 })],
  ["a chain that starts anew", 4, (manifest) => ({ ...manifest, previous: null })],
  ["no engine at all", 3, (manifest) => ({ ...manifest, engines: {} })],
];

for (const [label, status, change] of MANIFESTS) {
  test(`through upgrade: a manifest with ${label}`, async () => {
    rogue.channel.publish([SOUND], change);
    await rogue.refusesUpgrade([status], label);
  });
}

test("through upgrade: a version that is not exact, and two that are one folder", async () => {
  for (const version of ["v2.0.0", "2.0.0+a", " 2.0.0 ", "../2.0.0"]) {
    rogue.channel.publish([SOUND, { ...SOUND, version, validFrom: 10 }]);
    await rogue.refusesUpgrade([5], version);
  }
  const pair = ["2.0.0-RC", "2.0.0-rc"].map((version, at) => ({ ...SOUND, version, validFrom: 10 + at }));
  rogue.channel.publish([SOUND, ...pair]);
  await rogue.refusesUpgrade([3], "versions that differ in case only");
});

test("through upgrade: names that collide, in the tree that is signed", async () => {
  for (const [one, other] of [
    ["Bin", "bin"],
    ["stra\u00dfe", "STRASSE"],
    ["CON", "x"],
    ["SEAL.json", "x"],
  ] as const) {
    const files = { [one]: "1", [other]: "2" };
    const tar = Buffer.concat([...Object.entries(files).map(([name, text]) => entry({ name }, text)), END]);
    const archive = { format: "tar.zst" as const, bytes: compressed["tar.zst"](tar) };
    rogue.channel.publish([SOUND, { version: "2.1.0", validFrom: 10, archive, tree: treeOf(files) }]);
    await rogue.refusesUpgrade([5], one);
  }
});

test("after all of it the next sound release is taken", async () => {
  rogue.channel.publish([SOUND, { ...SOUND, version: "3.0.0", validFrom: 10 }]);
  const { status, stdout, stderr } = await command(rogue.world, ["upgrade", "--home", rogue.path, "--json"]);
  assert.equal(status, 0, stdout + stderr);
  assert.deepEqual(lookAt(rogue.path).problems, []);
});
