import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine, Manifest } from "../../src/core/model/manifest.ts";
import { checkSchedule } from "../../src/core/schedule.ts";
import { engineOf, manifestOf, NO_RULES, type Row, refuses, releaseOf } from "./support/samples.ts";

const check = (rows: readonly Row[], change: Partial<Engine> = {}, manifest: Partial<Manifest> = {}) =>
  checkSchedule(manifestOf({ xs: engineOf(rows, change) }, manifest));

test("a sound schedule passes, in any order, with a release to spare", () => {
  checkSchedule(manifestOf({}));
  checkSchedule(
    manifestOf({
      xs: engineOf(
        [
          ["2.0.0", 100],
          ["1.0.0", 0],
        ],
        {},
        ["3.0.0"],
      ),
    }),
  );
  check([
    ["0.14.3-u16.1", 5],
    ["0.14.3", 6],
  ]);
});

test("O2 none: an engine without deployment and release", () => {
  refuses("schedule-empty", () => check([]), "xs");
  assert.doesNotThrow(() => checkSchedule(manifestOf({ xs: engineOf([], {}, ["1.0.0"]) })), "it is for `use`");
});

test("O2 a version twice", () => {
  refuses(
    "schedule-duplicate-version",
    () =>
      check([
        ["1.0.0", 0],
        ["1.0.0", 5],
      ]),
    "1.0.0",
  );
});

test("O2 versions that differ in case only are one on some disks", () => {
  refuses(
    "schedule-duplicate-version",
    () =>
      check([
        ["1.0.0-RC", 0],
        ["1.0.0-rc", 5],
      ]),
    "1.0.0-RC",
    "1.0.0-rc",
  );
  const engine = engineOf([["1.0.0-rc", 0]], {}, ["1.0.0-RC"]);
  refuses("schedule-duplicate-version", () => checkSchedule(manifestOf({ xs: engine })), "releases");
});

test("O2 validFrom that does not rise with the version", () => {
  refuses(
    "schedule-order",
    () =>
      check([
        ["1.0.0", 100],
        ["2.0.0", 50],
      ]),
    "1.0.0",
    "2.0.0",
  );
  refuses("schedule-order", () =>
    check([
      ["2.0.0", 0],
      ["3.0.0", 10],
      ["1.0.0", 20],
    ]),
  );
  refuses("schedule-order", () =>
    check([
      ["1.0.0", 0],
      ["1.0.0-rc.1", 20],
    ]),
  );
  refuses(
    "schedule-order",
    () =>
      check([
        ["1.10.0", 0],
        ["1.9.0", 20],
      ]),
    "1.9.0",
  );
});

test("O2 two of one epoch: one could never be in effect", () => {
  refuses(
    "schedule-unreachable",
    () =>
      check([
        ["1.0.0", 7],
        ["2.0.0", 7],
      ]),
    "7",
  );
});

test("O2 more ahead than the rules allow, at the epoch of publishing", () => {
  const rules = { ...NO_RULES, maxFuture: 1 };
  const rows: readonly Row[] = [
    ["1.0.0", 0],
    ["2.0.0", 100],
    ["3.0.0", 200],
  ];
  refuses("schedule-max-future", () => check(rows, { rules }, { publishedEpoch: 99 }), "2 deployments", "allow 1");
  check(rows, { rules }, { publishedEpoch: 100 });
  check(rows, { rules }, { publishedEpoch: null });
  refuses("schedule-max-future", () =>
    check([["1.0.0", 1]], { rules: { ...rules, maxFuture: 0 } }, { publishedEpoch: 0 }),
  );
});

test("O2 more deployments than the rules allow", () => {
  const rules = { ...NO_RULES, maxDeployments: 2 };
  check(
    [
      ["1.0.0", 0],
      ["2.0.0", 1],
    ],
    { rules },
  );
  refuses(
    "schedule-max-deployments",
    () =>
      check(
        [
          ["1.0.0", 0],
          ["2.0.0", 1],
          ["3.0.0", 2],
        ],
        { rules },
      ),
    "allow 2",
  );
});

test("O2 a version without a release", () => {
  refuses(
    "schedule-no-release",
    () =>
      check(
        [
          ["1.0.0", 0],
          ["2.0.0", 1],
        ],
        { releases: { "1.0.0": releaseOf("x") } },
      ),
    "2.0.0",
  );
});

test("two releases that are one libNAME.so.X.Y", () => {
  const library = (name: string) => {
    const release = releaseOf(name);
    const build = release.platforms["linux-x64"];
    assert.ok(build !== undefined);
    const entries = { pink: { path: "libpink.so", kind: "library" } } as const;
    return { platforms: { "linux-x64": { ...build, entries }, "linux-arm64": { ...build, entries } } };
  };
  const pink = (...versions: string[]) => ({
    ...engineOf([]),
    releases: Object.fromEntries(versions.map((version) => [version, library(version)])),
  });
  checkSchedule(manifestOf({ pink: pink("1.0.0", "1.1.0", "2.0.0") }));
  refuses("library-name-conflict", () => checkSchedule(manifestOf({ pink: pink("1.0.0", "1.0.1") })), "libpink.so.1.0");
  const two = manifestOf({ pink: pink("1.0.0"), other: pink("1.0.3") });
  refuses("library-name-conflict", () => checkSchedule(two), "pink@1.0.0", "other@1.0.3");
  checkSchedule(
    manifestOf({
      xs: engineOf([
        ["1.0.0", 0],
        ["1.0.1", 1],
      ]),
    }),
  );
});
