import assert from "node:assert/strict";
import { test } from "node:test";
import { planRollback } from "../../src/core/rollback.ts";
import { engineOf, generationOf, hashOf, installationOf, manifestOf } from "./support/samples.ts";

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

test("restates installations and selections, holds at the accepted serial, and says what goes", () => {
  assert.deepEqual(planRollback({ newest, to, manifest, epoch: 150, present }), {
    installations: [one, two],
    selections: { hermes: "0.1.1" },
    restores: 4,
    holdsSerial: 12,
    lostEngines: [{ engine: "xs", version: "3.0.0" }],
    losesBegun: [],
  });
});

test("an epoch that has begun would lose its engine, in effect or superseded since", () => {
  const loses = (epoch: number | undefined) => planRollback({ newest, to, manifest, epoch, present }).losesBegun;
  assert.deepEqual(loses(199), []);
  assert.deepEqual(loses(200), [{ engine: "xs", version: "3.0.0", validFrom: 200 }]);
  assert.deepEqual(loses(undefined), []);
  const bare = planRollback({ newest, to: generationOf([three]), manifest, epoch: 250, present });
  assert.deepEqual(
    bare.losesBegun.map(({ version }) => version),
    ["1.0.0", "2.0.0"],
  );
});

test("what is no longer on disk is not restated", () => {
  const plan = planRollback({ newest, to, manifest, epoch: 150, present: ({ version }) => version !== "2.0.0" });
  assert.deepEqual(plan.installations, [one]);
  assert.deepEqual(plan.losesBegun, [{ engine: "xs", version: "2.0.0", validFrom: 100 }]);
});

test("what was not there before is not lost, and what is not scheduled loses no epoch", () => {
  const other = installationOf("hermes", "0.1.1");
  const plan = planRollback({
    newest: generationOf([one, other]),
    to: generationOf([one, two]),
    manifest,
    epoch: 500,
    present,
  });
  assert.deepEqual(plan.lostEngines, [{ engine: "hermes", version: "0.1.1" }]);
  assert.deepEqual(plan.losesBegun, []);
});
