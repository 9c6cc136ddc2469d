import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine, Manifest, Release } from "../../src/core/model/manifest.ts";
import { checkTransition, lateChanges } from "../../src/core/transition.ts";
import { ENTRY, engineOf, manifestOf, NO_RULES, type Row, refuses, releaseOf } from "./support/samples.ts";

const THREE: readonly Row[] = [
  ["1.0.0", 0],
  ["2.0.0", 100],
  ["3.0.0", 200],
];
const ALLOW: Partial<Engine> = { rules: { ...NO_RULES, alterPending: "allow" } };

function change(
  before: readonly Row[],
  after: readonly Row[],
  epoch: number | undefined,
  engine: Partial<Engine> = {},
  published: Partial<Manifest> = {},
): void {
  checkTransition(
    manifestOf({ xs: engineOf(before, engine) }, published),
    manifestOf({ xs: engineOf(after, engine) }, { serial: 2, publishedEpoch: epoch ?? null }),
    epoch,
  );
}

test("the first manifest may say anything; the same deployments may always follow", () => {
  checkTransition(undefined, manifestOf({ xs: engineOf(THREE) }), 150);
  change(THREE, THREE.toReversed(), 150);
  change(THREE, THREE, undefined);
});

test("another channel", () => {
  const [before, after] = [manifestOf({}), manifestOf({}, { serial: 2, channel: "test" })];
  refuses("trust-channel", () => checkTransition(before, after, 1), "test", "main");
});

test("a serial that does not rise", () => {
  for (const serial of [4, 5]) {
    refuses("trust-rollback", () => checkTransition(manifestOf({}, { serial: 5 }), manifestOf({}, { serial }), 1), "5");
  }
  checkTransition(manifestOf({}, { serial: 5 }), manifestOf({}, { serial: 9 }), 1);
});

test("an epoch lower than the one before", () => {
  refuses("schedule-epoch-lower", () => change(THREE, THREE, 149, {}, { publishedEpoch: 150 }), "149", "150");
  change(THREE, THREE, 150, {}, { publishedEpoch: 150 });
});

test("a new deployment needs an epoch that lies ahead", () => {
  change(THREE, [...THREE, ["4.0.0", 251]], 250);
  refuses("schedule-past-change", () => change(THREE, [...THREE, ["4.0.0", 250]], 250), "4.0.0", "250");
  refuses("schedule-past-change", () => change(THREE, [...THREE, ["4.0.0", 240]], 250));
  refuses("schedule-past-change", () => change([], [["1.0.0", 5]], 5));
  change([], [["1.0.0", 6]], 5);
});

test("a new engine is for epochs that lie ahead too", () => {
  const add = (rows: readonly Row[]) =>
    checkTransition(manifestOf({}), manifestOf({ xs: engineOf(rows) }, { serial: 2 }), 5);
  add([["1.0.0", 6]]);
  refuses("schedule-past-change", () => add([["1.0.0", 0]]), "xs@1.0.0");
});

test("the deployment in effect stays as it is", () => {
  refuses(
    "schedule-in-effect",
    () =>
      change(
        THREE,
        [
          ["1.0.0", 0],
          ["3.0.0", 200],
        ],
        150,
        ALLOW,
      ),
    "2.0.0",
  );
  refuses(
    "schedule-in-effect",
    () =>
      change(
        THREE,
        [
          ["1.0.0", 0],
          ["2.0.0", 160],
          ["3.0.0", 200],
        ],
        150,
        ALLOW,
      ),
    "160",
  );
  refuses("schedule-in-effect", () =>
    change(
      THREE,
      [
        ["1.0.0", 0],
        ["2.1.0", 100],
        ["3.0.0", 200],
      ],
      150,
      ALLOW,
    ),
  );
});

test("a superseded deployment never moves", () => {
  refuses(
    "schedule-past-change",
    () =>
      change(
        THREE,
        [
          ["1.0.0", 50],
          ["2.0.0", 100],
          ["3.0.0", 200],
        ],
        150,
      ),
    "1.0.0",
  );
  refuses("schedule-past-change", () =>
    change(
      [
        ["1.0.0", 5],
        ["2.0.0", 100],
      ],
      [
        ["1.0.0", 4],
        ["2.0.0", 100],
      ],
      150,
    ),
  );
});

test("superseded deployments go oldest first", () => {
  change(THREE, THREE.slice(1), 150);
  change(THREE, THREE.slice(2), 250);
  refuses(
    "schedule-hole",
    () =>
      change(
        THREE,
        [
          ["1.0.0", 0],
          ["3.0.0", 200],
        ],
        250,
      ),
    "2.0.0",
    "1.0.0",
  );
});

test("what is pending may be altered where the rules allow it", () => {
  const altered: readonly Row[] = [
    ["1.0.0", 0],
    ["2.0.0", 120],
    ["3.0.0", 200],
  ];
  refuses("schedule-alter-pending", () => change(THREE, altered, 50), "2.0.0", "120");
  refuses("schedule-alter-pending", () => change(THREE, THREE.slice(0, 2), 50), "3.0.0");
  change(THREE, altered, 50, ALLOW);
  change(THREE, THREE.slice(0, 2), 50, ALLOW);
  refuses(
    "schedule-past-change",
    () =>
      change(
        THREE,
        [
          ["1.0.0", 0],
          ["2.0.0", 50],
          ["3.0.0", 200],
        ],
        50,
        ALLOW,
      ),
    "50",
  );
});

test("O3 a pending 2.0@100 may be altered at 99, not at 100", () => {
  const before: readonly Row[] = [
    ["1.0.0", 0],
    ["2.0.0", 100],
  ];
  const after: readonly Row[] = [
    ["1.0.0", 0],
    ["2.0.0", 150],
  ];
  change(before, after, 99, ALLOW);
  refuses("schedule-in-effect", () => change(before, after, 100, ALLOW), "2.0.0");
});

test("the rule that counts is the one that is signed with the change", () => {
  const [deny, allow] = [engineOf(THREE), engineOf(THREE.slice(0, 2), ALLOW)];
  checkTransition(manifestOf({ xs: deny }), manifestOf({ xs: allow }, { serial: 2 }), 50);
});

test("epoch unknown: additions may, alterations may not", () => {
  change(THREE, [...THREE, ["4.0.0", 300]], undefined);
  refuses("schedule-alter-unknown", () => change(THREE, THREE.slice(1), undefined, ALLOW), "1.0.0", "unknown");
  refuses("schedule-alter-unknown", () =>
    change(
      THREE,
      [
        ["1.0.0", 0],
        ["2.0.0", 100],
        ["3.0.0", 201],
      ],
      undefined,
      ALLOW,
    ),
  );
  refuses("schedule-past-change", () =>
    change(THREE, [...THREE, ["4.0.0", 250]], undefined, {}, { publishedEpoch: 250 }),
  );
});

test("an engine goes only with all that it deployed", () => {
  const drop = (epoch: number | undefined, engine: Partial<Engine> = {}) =>
    checkTransition(manifestOf({ xs: engineOf(THREE, engine) }), manifestOf({}, { serial: 2 }), epoch);
  refuses("schedule-in-effect", () => drop(0, ALLOW));
  refuses("schedule-alter-unknown", () => drop(undefined, ALLOW));
  const pending = manifestOf({ xs: engineOf([["1.0.0", 9]], ALLOW) });
  checkTransition(pending, manifestOf({}, { serial: 2 }), 5);
});

test("a schedule never ends", () => {
  refuses(
    "schedule-empty",
    () => change([["1.0.0", 9]], [], 5, { ...ALLOW, releases: { "1.0.0": releaseOf("a") } }),
    "xs",
  );
});

test("more ahead than the rules allow, at the epoch of the change", () => {
  const rules = { ...NO_RULES, maxFuture: 2 };
  change(THREE, THREE, 100, { rules });
  refuses("schedule-max-future", () => change(THREE, [...THREE, ["4.0.0", 300]], 50, { rules }), "3 deployments");
});

function releases(before: Release, after: Release): void {
  const of = (release: Release) => ({ xs: engineOf([], { releases: { "1.0.0": release } }) });
  checkTransition(manifestOf(of(before)), manifestOf(of(after), { serial: 2 }), 5);
}

function built(change: Partial<Release["platforms"][string]>): Release {
  const release = releaseOf("a");
  const build = release.platforms["linux-x64"];
  assert.ok(build !== undefined);
  return { platforms: { "linux-x64": { ...build, ...change } } };
}

test("a published release keeps its bytes", () => {
  const other = releaseOf("b").platforms["linux-x64"];
  assert.ok(other !== undefined);
  refuses("release-changed", () => releases(releaseOf("a"), built({ tree: other.tree })), "xs@1.0.0", "files");
  refuses("release-changed", () => releases(releaseOf("a"), { platforms: {} }), "linux-x64");
  refuses("release-changed", () => releases(built({}), built({ entries: {} })), "xs");
  refuses("release-changed", () => releases(built({}), built({ entries: { xs: { ...ENTRY, path: "bin/other" } } })));
  refuses("release-changed", () => releases(built({}), built({ entries: { xs: { ...ENTRY, kind: "library" } } })));
});

test("a published release may be packed anew, gain builds and entries, be probed otherwise, and go", () => {
  const other = releaseOf("b").platforms["linux-x64"];
  assert.ok(other !== undefined);
  releases(built({}), built({ archive: other.archive, pieces: other.pieces }));
  releases(releaseOf("a"), releaseOf("a", {}, ["linux-x64", "darwin-arm64"]));
  releases(built({}), built({ entries: { xs: { ...ENTRY, probe: { args: [], expect: "" } }, more: ENTRY } }));
  checkTransition(
    manifestOf({ xs: engineOf([], {}, ["1.0.0", "2.0.0"]) }),
    manifestOf({ xs: engineOf([], {}, ["2.0.0"]) }, { serial: 2 }),
    5,
  );
});

test("withdrawing is for good", () => {
  releases(releaseOf("a"), releaseOf("a", { withdrawn: "bad" }));
  releases(releaseOf("a", { withdrawn: "bad" }), releaseOf("a", { withdrawn: "very bad" }));
  refuses("release-changed", () => releases(releaseOf("a", { withdrawn: "bad" }), releaseOf("a")), "withdrawn");
});

const late = (
  before: readonly Row[],
  after: readonly Row[],
  localEpoch: number | undefined,
  publishedEpoch: number | null,
) =>
  lateChanges(
    manifestOf({ xs: engineOf(before) }),
    manifestOf({ xs: engineOf(after) }, { publishedEpoch }),
    localEpoch,
  );

test("what changes for an epoch that has begun here is late", () => {
  const added: readonly Row[] = [...THREE, ["4.0.0", 300]];
  assert.deepEqual(late(THREE, added, 299, 250), []);
  assert.deepEqual(late(THREE, added, 300, 250), [{ engine: "xs", version: "4.0.0", validFrom: 300, change: "added" }]);
  const moved: readonly Row[] = [
    ["1.0.0", 0],
    ["2.0.0", 100],
    ["3.0.0", 230],
  ];
  assert.deepEqual(late(THREE, moved, 199, 150), []);
  const change = { engine: "xs", version: "3.0.0", validFrom: 200, change: "altered" };
  assert.deepEqual(late(THREE, moved, 210, 150), [change]);
  assert.deepEqual(late(moved, THREE, 210, 150), [change], "the first epoch whose answer changes");
  assert.deepEqual(late(THREE, THREE.slice(0, 2), 210, 150), [{ ...change, change: "removed" }]);
});

test("to retire what was superseded when it was published is not late", () => {
  assert.deepEqual(late(THREE, THREE.slice(1), 150, 150), []);
  const dropped = late(THREE, [THREE[0] ?? ["", 0], THREE[2] ?? ["", 0]], 250, 50);
  assert.deepEqual(
    dropped.map(({ version }) => version),
    ["2.0.0"],
    "it was pending when it was published",
  );
  const chain = (localEpoch: number) => late([["1.0.0", 0]], [["2.0.0", 100]], localEpoch, 150);
  assert.deepEqual(
    chain(120).map(({ change }) => change),
    ["added"],
    "both came while this client was away",
  );
  assert.deepEqual(
    chain(90).map(({ change }) => change),
    ["removed"],
    "here it is in effect still",
  );
  assert.deepEqual(late(THREE, THREE.slice(1), 150, null), [
    { engine: "xs", version: "1.0.0", validFrom: 0, change: "removed" },
  ]);
});

test("nothing is late on a first install, at an unknown epoch, or for a new engine ahead", () => {
  assert.deepEqual(lateChanges(undefined, manifestOf({ xs: engineOf(THREE) }), 150), []);
  assert.deepEqual(late(THREE, [["9.0.0", 0]], undefined, 150), []);
  const [before, after] = [
    manifestOf({}),
    manifestOf({
      b: engineOf([
        ["2.0.0", 3],
        ["1.0.0", 2],
      ]),
      a: engineOf([["1.0.0", 1]]),
    }),
  ];
  assert.deepEqual(lateChanges(before, after, 0), []);
  assert.deepEqual(
    lateChanges(before, after, 3).map(({ engine, version }) => `${engine}@${version}`),
    ["a@1.0.0", "b@1.0.0", "b@2.0.0"],
  );
});
