import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isEngineryError } from "../../src/core/errors.ts";
import type { Deployment } from "../../src/core/model/manifest.ts";
import { resolve } from "../../src/core/resolve.ts";
import { alwaysInEffect, inEffect, nextAfter, stateOf, statesOf } from "../../src/core/schedule.ts";
import { deploymentsOf, engineOf, generationOf, installationOf, manifestOf } from "./support/samples.ts";

/** Epochs near one another and far apart, in any order, each once. */
const epochs = fc.oneof(
  fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 8 }),
  fc.uniqueArray(fc.maxSafeNat(), { maxLength: 8 }),
);

/** Any order; versions rise with the epochs, as `checkSchedule` demands. */
const schedules = epochs.chain((validFroms) => {
  const rising = validFroms
    .toSorted((a, b) => a - b)
    .map((validFrom, place) => ({ version: `1.${place}.0`, validFrom }));
  return fc.shuffledSubarray(rising, { minLength: rising.length });
});

/** The rule as it is written, with no thought of speed. */
function oracle(
  deployments: readonly Deployment[],
  epoch: number,
): { now: string | undefined; next: string | undefined } {
  const sorted = deployments.toSorted((a, b) => a.validFrom - b.validFrom);
  return {
    now: sorted.filter(({ validFrom }) => validFrom <= epoch).at(-1)?.version,
    next: sorted.filter(({ validFrom }) => validFrom > epoch).at(0)?.version,
  };
}

test("ten thousand random schedules: in effect, next and resolve equal a naive oracle", () => {
  const questions = fc.tuple(schedules, fc.oneof(fc.nat({ max: 32 }), fc.maxSafeNat()));
  fc.assert(
    fc.property(questions, ([deployments, epoch]) => {
      const { now, next } = oracle(deployments, epoch);
      assert.equal(inEffect(deployments, epoch)?.version, now);
      assert.equal(nextAfter(deployments, epoch)?.version, next);
      assert.equal(resolved(deployments, epoch), now ?? "nothing-in-effect");
    }),
    { numRuns: 10_000 },
  );
});

function resolved(deployments: readonly Deployment[], epoch: number): string {
  if (deployments.length === 0) return "nothing-in-effect";
  const rows = deployments.map(({ version, validFrom }) => [version, validFrom] as const);
  const generation = generationOf(deployments.map(({ version }) => installationOf("xs", version)));
  try {
    return resolve({ generation, manifest: manifestOf({ xs: engineOf(rows) }), engine: "xs", epoch }).version;
  } catch (error) {
    return isEngineryError(error) ? error.code : String(error);
  }
}

test("O1 deployments in any order: active and next at e-1, e, e+1 equal the rules", () => {
  fc.assert(
    fc.property(schedules, (deployments) => {
      for (const { validFrom } of deployments) {
        for (const epoch of [validFrom - 1, validFrom, validFrom + 1].filter((one) => one >= 0)) {
          const { now, next } = oracle(deployments, epoch);
          assert.equal(inEffect(deployments, epoch)?.version, now);
          assert.equal(nextAfter(deployments, epoch)?.version, next);
        }
      }
    }),
    { numRuns: 1000 },
  );
  const rows = deploymentsOf([
    ["3.0.0", 200],
    ["1.0.0", 0],
    ["2.0.0", 100],
  ]);
  assert.equal(inEffect(rows, 99)?.version, "1.0.0");
  assert.equal(inEffect(rows, 100)?.version, "2.0.0");
  assert.equal(inEffect(rows, 101)?.version, "2.0.0");
  assert.equal(nextAfter(rows, 99)?.version, "2.0.0");
  assert.equal(nextAfter(rows, 100)?.version, "3.0.0");
  assert.equal(nextAfter(rows, 200), undefined);
});

test("the state of a release beside the others", () => {
  const engine = engineOf(
    [
      ["1.0.0", 0],
      ["2.0.0", 100],
      ["3.0.0", 200],
    ],
    {},
    ["9.0.0"],
  );
  const at = (epoch: number | undefined) => ["1.0.0", "2.0.0", "3.0.0", "9.0.0"].map((v) => stateOf(engine, v, epoch));
  assert.deepEqual(at(99), ["in-effect", "pending", "pending", "unscheduled"]);
  assert.deepEqual(at(100), ["superseded", "in-effect", "pending", "unscheduled"]);
  assert.deepEqual(at(500), ["superseded", "superseded", "in-effect", "unscheduled"]);
  assert.deepEqual(at(undefined), [null, null, null, "unscheduled"]);
  assert.deepEqual([...statesOf(engine.deployments, 100).values()], ["superseded", "in-effect", "pending"]);
});

test("one deployment from 0 on answers for every epoch, known or not", () => {
  assert.equal(alwaysInEffect(deploymentsOf([["1.0.0", 0]]))?.version, "1.0.0");
  assert.equal(alwaysInEffect(deploymentsOf([["1.0.0", 1]])), undefined);
  assert.equal(
    alwaysInEffect(
      deploymentsOf([
        ["1.0.0", 0],
        ["2.0.0", 9],
      ]),
    ),
    undefined,
  );
  assert.equal(stateOf(engineOf([["1.0.0", 0]]), "1.0.0", undefined), "in-effect");
});
