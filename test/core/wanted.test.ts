import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pin } from "../../src/core/model/home.ts";
import { platformKey, platformRelease } from "../../src/core/platform.ts";
import { type WantedFacts, wantedReleases } from "../../src/core/wanted.ts";
import { engineOf, hashOf, installationOf, manifestOf, type Row, refuses, releaseOf } from "./support/samples.ts";

const ROWS: readonly Row[] = [
  ["1.0.0", 0],
  ["2.0.0", 100],
  ["3.0.0", 200],
];

const MANIFEST = manifestOf({
  xs: engineOf(ROWS, {}, ["9.0.0"]),
  hermes: engineOf([], {}, ["0.1.1", "0.2.1"]),
});

const ask = (change: Partial<WantedFacts> = {}) =>
  wantedReleases({
    manifest: MANIFEST,
    platform: "linux-x64",
    names: [],
    installed: [],
    pins: [],
    selections: {},
    quarantined: new Set(),
    ...change,
  });

const wanted = (change: Partial<WantedFacts> = {}): string[] =>
  ask(change).want.map(({ engine, version }) => `${engine}@${version}`);

const refused = (change: Partial<WantedFacts>): string[] =>
  ask(change).refused.map(({ engine, version, code }) => `${engine}@${version} ${code}`);

const pinTo = (version: string, tree = hashOf(`xs ${version}`)): Pin => ({
  format: 1,
  tenant: "t",
  engine: "xs",
  version,
  tree,
  at: "2026-01-02T03:04:05Z",
});

const SCHEDULED = ["xs@1.0.0", "xs@2.0.0", "xs@3.0.0"];

test("without names: the schedule, what is selected, what is pinned", () => {
  assert.deepEqual(wanted(), SCHEDULED);
  assert.deepEqual(wanted({ selections: { hermes: "0.2.1" } }), ["hermes@0.2.1", ...SCHEDULED]);
  assert.deepEqual(wanted({ pins: [pinTo("9.0.0"), pinTo("1.0.0")] }), [...SCHEDULED, "xs@9.0.0"]);
});

test("within the lead time only, where there is one and the epoch is known", () => {
  assert.deepEqual(wanted({ epoch: 50, leadEpochs: 49 }), ["xs@1.0.0"]);
  assert.deepEqual(wanted({ epoch: 50, leadEpochs: 50 }), ["xs@1.0.0", "xs@2.0.0"]);
  assert.deepEqual(wanted({ leadEpochs: 0 }), SCHEDULED);
});

test("required is what is in effect or due", () => {
  const required = (change: Partial<WantedFacts>) =>
    ask(change)
      .want.filter((one) => one.required)
      .map(({ version }) => version);
  assert.deepEqual(required({ epoch: 100 }), ["2.0.0"]);
  assert.deepEqual(required({ epoch: 100, leadEpochs: 99 }), ["2.0.0"]);
  assert.deepEqual(required({ epoch: 100, leadEpochs: 100 }), ["2.0.0", "3.0.0"]);
  assert.deepEqual(required({}), []);
  assert.deepEqual(required({ manifest: manifestOf({ xs: engineOf([["1.0.0", 0]]) }) }), ["1.0.0"]);
  assert.deepEqual(required({ epoch: 100, names: [{ engine: "xs", version: "9.0.0" }] }), []);
});

test("by name: an engine's deployments, or the exact release", () => {
  assert.deepEqual(wanted({ names: [{ engine: "xs" }] }), SCHEDULED);
  assert.deepEqual(wanted({ names: [{ engine: "hermes", version: "0.1.1" }] }), ["hermes@0.1.1"]);
  assert.deepEqual(wanted({ names: [{ engine: "xs", version: "9.0.0" }, { engine: "xs" }], pins: [pinTo("9.0.0")] }), [
    ...SCHEDULED,
    "xs@9.0.0",
  ]);
  refuses("unknown-engine", () => ask({ names: [{ engine: "constructor" }] }));
  refuses("unknown-version", () => ask({ names: [{ engine: "xs", version: "5.0.0" }] }), "xs@5.0.0");
  refuses("unknown-version", () => ask({ names: [{ engine: "hermes" }] }), "hermes");
});

test("what is installed is wanted still, and said to be there", () => {
  const { want } = ask({ installed: [installationOf("xs", "2.0.0")] });
  assert.deepEqual(
    want.map(({ version, installed }) => [version, installed]),
    [
      ["1.0.0", false],
      ["2.0.0", true],
      ["3.0.0", false],
    ],
  );
});

test("withdrawn and quarantined releases are not laid out, and stay where they are", () => {
  const releases = { "1.0.0": releaseOf("xs 1.0.0", { withdrawn: "it\u001b[31m loses blocks" }) };
  const manifest = manifestOf({ xs: engineOf([["1.0.0", 0]], { releases }) });
  assert.deepEqual(refused({ manifest }), ["xs@1.0.0 release-withdrawn"]);
  assert.match(ask({ manifest }).refused[0]?.message ?? "", /\\u\{1b\}/);
  assert.deepEqual(wanted({ manifest, installed: [installationOf("xs", "1.0.0")] }), ["xs@1.0.0"]);
  const quarantined = new Set([hashOf("xs 2.0.0")]);
  assert.deepEqual(refused({ quarantined }), ["xs@2.0.0 release-quarantined"]);
  assert.deepEqual(wanted({ quarantined, installed: [installationOf("xs", "2.0.0")] }), SCHEDULED);
});

test("a refused release says whether it is required", () => {
  const quarantined = new Set([hashOf("xs 2.0.0"), hashOf("xs 3.0.0")]);
  assert.deepEqual(
    ask({ quarantined, epoch: 100 }).refused.map(({ required }) => required),
    [true, false],
  );
});

test("the same version with other bytes is a conflict", () => {
  const installed = [installationOf("xs", "1.0.0", { tree: hashOf("other") })];
  assert.deepEqual(refused({ installed }), ["xs@1.0.0 release-conflict"]);
  assert.deepEqual(refused({ pins: [pinTo("2.0.0", hashOf("other"))] }), ["xs@2.0.0 release-conflict"]);
});

test("a pinned release that has left the channel stays, and is missed where it is not here", () => {
  assert.deepEqual(refused({ pins: [pinTo("8.0.0")] }), ["xs@8.0.0 unknown-version"]);
  assert.deepEqual(refused({ pins: [pinTo("8.0.0")], installed: [installationOf("xs", "8.0.0")] }), []);
});

test("no build for the platform", () => {
  assert.deepEqual(refused({ platform: "win32-x64", names: [{ engine: "xs", version: "1.0.0" }] }), [
    "xs@1.0.0 platform-missing",
  ]);
});

test("the build: for this very platform, else for any; never another libc's", () => {
  const release = releaseOf("a", {}, ["linux-x64", "any"]);
  assert.equal(platformKey(release, "linux-x64"), "linux-x64");
  assert.equal(platformKey(release, "linux-x64-musl"), "any");
  assert.equal(platformKey(releaseOf("a"), "linux-x64-musl"), undefined);
  assert.equal(platformKey(releaseOf("a", {}, ["linux-x64-musl"]), "linux-x64"), undefined);
  assert.equal(platformRelease(releaseOf("a"), "constructor"), undefined);
  assert.equal(platformRelease(release, "win32-x64"), release.platforms["any"]);
  const manifest = manifestOf({ xs: engineOf([], { releases: { "1.0.0": releaseOf("a", {}, ["any"]) } }) });
  assert.equal(ask({ manifest, names: [{ engine: "xs", version: "1.0.0" }] }).want[0]?.platform, "any");
});

test("what the manifest before had superseded and is not here was pruned, and is not wanted again", () => {
  const known = { known: MANIFEST, epoch: 150 };
  assert.deepEqual(wanted(known), ["xs@2.0.0", "xs@3.0.0"]);
  assert.deepEqual(wanted({ ...known, installed: [installationOf("xs", "1.0.0")] }), SCHEDULED);
  assert.deepEqual(wanted({ ...known, names: [{ engine: "xs" }] }), SCHEDULED);
  const before = manifestOf({ xs: engineOf([["1.0.0", 0]]) });
  assert.deepEqual(wanted({ known: before, epoch: 250 }), SCHEDULED, "2.0.0 is news, superseded as it is");
  assert.deepEqual(wanted({ known: MANIFEST }), SCHEDULED);
  assert.deepEqual(wanted({ known: { ...MANIFEST, publishedEpoch: 150 } }), ["xs@2.0.0", "xs@3.0.0"]);
});
