import assert from "node:assert/strict";
import { test } from "node:test";
import { planRollback } from "../../src/core/rollback.ts";
import type { Work } from "../../src/core/work.ts";
import { ENTRY, engineOf, generationOf, hashOf, installationOf, manifestOf } from "./support/samples.ts";

const [one, two, three] = ["1.0.0", "2.0.0", "3.0.0"].map((version) => installationOf("xs", version));
assert.ok(one !== undefined && two !== undefined && three !== undefined);

const manifest = manifestOf({
  xs: engineOf([
    ["1.0.0", 0],
    ["2.0.0", 100],
    ["3.0.0", 200],
  ]),
});
const to = generationOf([one, two], { number: 4, selections: { hermes: "0.1.1" } });
const newest = generationOf([one, two, three], { number: 7, manifest: { serial: 12, sha256: hashOf("m") } });
const present = () => true;
const known = { work: [], present };

const ran = (epoch: number, engine = "xs"): Work => ({
  at: "2026-01-02T03:04:05.678Z",
  engine,
  version: "3.0.0",
  epoch,
  by: "exec",
});

test("restates installations and selections, holds at the accepted serial, and says what goes", () => {
  assert.deepEqual(planRollback({ newest, to, manifest, observed: 150, ...known }), {
    installations: [one, two],
    selections: { hermes: "0.1.1" },
    restores: 4,
    holdsSerial: 12,
    lostEngines: [{ engine: "xs", version: "3.0.0" }],
    losesBegun: [],
    changedSelections: [{ engine: "hermes", before: null, after: "0.1.1" }],
  });
});

test("an epoch that has begun would lose its engine, in effect or superseded since", () => {
  const loses = (observed: number | undefined) => planRollback({ newest, to, manifest, observed, ...known }).losesBegun;
  assert.deepEqual(loses(199), []);
  assert.deepEqual(loses(200), [{ engine: "xs", version: "3.0.0", validFrom: 200 }]);
  assert.deepEqual(loses(undefined), []);
  const bare = planRollback({ newest, to: generationOf([three]), manifest, observed: 250, ...known });
  assert.deepEqual(
    bare.losesBegun.map(({ version }) => version),
    ["1.0.0", "2.0.0"],
  );
});

test("what is no longer on disk is not restated", () => {
  const plan = planRollback({
    newest,
    to,
    manifest,
    observed: 150,
    work: [],
    present: ({ version }) => version !== "2.0.0",
  });
  assert.deepEqual(plan.installations, [one]);
  assert.deepEqual(plan.losesBegun, [{ engine: "xs", version: "2.0.0", validFrom: 100 }]);
});

test("what was not there before is not lost, and what is not scheduled loses no epoch", () => {
  const other = installationOf("hermes", "0.1.1");
  const plan = planRollback({
    newest: generationOf([one, other]),
    to: generationOf([one, two]),
    manifest,
    observed: 500,
    ...known,
  });
  assert.deepEqual(plan.lostEngines, [{ engine: "hermes", version: "0.1.1" }]);
  assert.deepEqual(plan.losesBegun, []);
});

test("with no observation, what work ran in has begun, and epoch 0 always has", () => {
  const loses = (work: readonly Work[], back = to) =>
    planRollback({ newest, to: back, manifest, work, present }).losesBegun;
  assert.deepEqual(loses([ran(199)]), []);
  assert.deepEqual(loses([ran(250), ran(210)]), [{ engine: "xs", version: "3.0.0", validFrom: 200, ran: 250 }]);
  assert.deepEqual(loses([ran(250, "hermes")]), [], "another engine's work says nothing of this one's epochs");
  assert.deepEqual(loses([], generationOf([two])), [{ engine: "xs", version: "1.0.0", validFrom: 0 }]);
  assert.deepEqual(loses([ran(120)], generationOf([])), [
    { engine: "xs", version: "1.0.0", validFrom: 0 },
    { engine: "xs", version: "2.0.0", validFrom: 100, ran: 120 },
  ]);
});

test("work counts beside an old observation that is lower, and is not read where the epoch is known or decided", () => {
  const loses = (observed: number, work: Iterable<Work>, epoch?: number) =>
    planRollback({ newest, to, manifest, epoch, observed, work, present }).losesBegun;
  assert.deepEqual(loses(150, [ran(250)]), [{ engine: "xs", version: "3.0.0", validFrom: 200, ran: 250 }]);
  const unread: Iterable<Work> = { [Symbol.iterator]: () => assert.fail("was read") };
  assert.deepEqual(loses(200, unread), [{ engine: "xs", version: "3.0.0", validFrom: 200 }]);
  assert.deepEqual(loses(150, unread, 150), [], "what ran ahead of the present epoch was a trial");
});

test("what is restated keeps the entry points and guards that it was given since; other bytes do not", () => {
  const entries = { xs: { ...ENTRY, guard: { files: "tree" as const } }, xsc: { ...ENTRY, path: "bin/xsc" } };
  const gained = { ...one, entries };
  const other = { ...two, tree: hashOf("other bytes"), entries };
  const { installations } = planRollback({ newest: generationOf([gained, other, three]), to, manifest, ...known });
  assert.deepEqual(installations, [gained, two]);
});

test("selections that change are told, those of engines without a schedule alone", () => {
  const selecting = (selections: Readonly<Record<string, string>>) => generationOf([one], { selections });
  const changed = (now: Readonly<Record<string, string>>, then: Readonly<Record<string, string>>) =>
    planRollback({ newest: selecting(now), to: selecting(then), manifest, ...known }).changedSelections;
  assert.deepEqual(changed({ b: "2.0.0", a: "1.0.0", xs: "1.0.0" }, { b: "1.0.0", a: "1.0.0" }), [
    { engine: "b", before: "2.0.0", after: "1.0.0" },
  ]);
  assert.deepEqual(changed({ z: "1.0.0" }, { a: "2.0.0" }), [
    { engine: "a", before: null, after: "2.0.0" },
    { engine: "z", before: "1.0.0", after: null },
  ]);
});
