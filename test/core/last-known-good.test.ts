import assert from "node:assert/strict";
import { test } from "node:test";
import { type KnownGoodFacts, lastKnownGood } from "../../src/core/last-known-good.ts";
import type { Work } from "../../src/core/work.ts";
import { engineOf, generationOf, hashOf, installationOf, manifestOf } from "./support/samples.ts";

const manifest = manifestOf({
  xs: engineOf([
    ["1.0.0", 0],
    ["2.0.0", 100],
    ["3.0.0", 200],
  ]),
  tools: engineOf([], {}, ["1.0.0", "2.0.0", "3.0.0"]),
});
const newest = generationOf(
  ["1.0.0", "2.0.0", "3.0.0"].map((version) => installationOf("xs", version)),
  { selections: { tools: "3.0.0" } },
);

const ran = (version: string, epoch?: number, more: Partial<Work> = {}): Work => ({
  at: "2026-01-01T00:00:00Z",
  engine: "xs",
  version,
  by: "exec",
  ...(epoch === undefined ? {} : { epoch }),
  ...more,
});
const good = (work: readonly Work[], change: Partial<KnownGoodFacts> = {}, engine = "xs") =>
  lastKnownGood({ manifest, newest, epoch: 250, work, quarantined: new Set(), ...change }).get(engine)?.version;

test("with a schedule: what ran at the highest epoch before the deployment in effect", () => {
  assert.equal(good([]), undefined);
  assert.equal(good([ran("1.0.0", 50), ran("2.0.0", 150), ran("3.0.0", 250)]), "2.0.0");
  assert.equal(good([ran("1.0.0", 50), ran("3.0.0", 250)]), "1.0.0", "2.0.0 never ran here");
  assert.equal(good([ran("2.0.0", 150), ran("3.0.0", 250), ran("1.0.0", 50)]), "2.0.0", "a replay changes nothing");
  assert.equal(good([ran("3.0.0", 250)]), undefined);
  assert.equal(good([ran("1.0.0", 50), ran("2.0.0", 199)], { epoch: 199 }), "1.0.0", "2.0.0 is in effect");
  assert.equal(good([ran("1.0.0", 50), ran("2.0.0", 150)], { epoch: undefined }), undefined);
  assert.equal(good([ran("4.0.0", 300), ran("2.0.0", 150)]), "2.0.0", "asked about an epoch ahead");
  assert.equal(good([ran("1.0.0", undefined, { because: "pin" }), ran("9.0.0", undefined)]), undefined);
});

test("what is known bad on this host is not good, by the tree it ran on or the one that is installed", () => {
  const work = [ran("1.0.0", 50), ran("2.0.0", 150)];
  assert.equal(good(work, { quarantined: new Set([hashOf("xs 2.0.0")]) }), "1.0.0");
  const other = [ran("1.0.0", 50), ran("0.9.0", 60, { tree: hashOf("gone") })];
  assert.equal(good(other, { quarantined: new Set([hashOf("gone")]) }), "1.0.0");
});

test("without a schedule: what ran last because it was selected, other than what is selected now", () => {
  const tools = (version: string, more: Partial<Work> = {}) =>
    ran(version, undefined, { engine: "tools", because: "selected", ...more });
  assert.equal(good([tools("1.0.0"), tools("2.0.0"), tools("3.0.0")], {}, "tools"), "2.0.0");
  assert.equal(good([tools("2.0.0"), tools("1.0.0")], {}, "tools"), "1.0.0");
  assert.equal(good([tools("1.0.0"), tools("2.0.0", { because: "pin" })], {}, "tools"), "1.0.0");
  assert.equal(good([tools("1.0.0"), tools("2.0.0", { because: "explicit" })], {}, "tools"), "1.0.0");
  const byLease: Work = { at: "2026-01-01T00:00:00Z", engine: "tools", version: "2.0.0", by: "ran" };
  assert.equal(good([tools("1.0.0"), byLease], {}, "tools"), "2.0.0");
  assert.equal(good([tools("1.0.0"), { ...byLease, tenant: "t" }], {}, "tools"), "1.0.0", "a tenant's may be pinned");
  assert.equal(good([tools("1.0.0")], { newest: generationOf([]) }, "tools"), undefined, "nothing is selected");
});
