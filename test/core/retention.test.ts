import assert from "node:assert/strict";
import { test } from "node:test";
import type { Generation, Lease, Pin } from "../../src/core/model/home.ts";
import type { Retention } from "../../src/core/model/manifest.ts";
import { planPrune, type RetentionFacts, type RetentionPolicy } from "../../src/core/retention.ts";
import { engineOf, generationOf, hashOf, installationOf, manifestOf, type Row } from "./support/samples.ts";

const pin = (version: string, tenant = "t"): Pin => ({
  format: 1,
  tenant,
  engine: "xs",
  version,
  tree: hashOf(`xs ${version}`),
  at: "2026-01-02T03:04:05Z",
});

const lease = (version: string, id = "l"): Lease => ({ format: 1, id, engine: "xs", version, pid: 7 });

const generation = (number: number, versions: readonly string[], change: Partial<Generation> = {}): Generation =>
  generationOf(
    versions.map((version) => installationOf("xs", version)),
    { number, ...change },
  );

const ROWS: readonly Row[] = [
  ["1.0.0", 0],
  ["2.0.0", 100],
  ["3.0.0", 200],
  ["4.0.0", 300],
];
const ALL = ROWS.map(([version]) => version);

const facts = (change: Partial<RetentionFacts> = {}): RetentionFacts => ({
  newest: generation(1, ALL),
  generations: [],
  manifest: manifestOf({ xs: engineOf(ROWS) }),
  pins: [],
  leases: [],
  epoch: 250,
  policy: { keepGenerations: 1, keepEpochs: 0, keepSuperseded: 0 },
  ...change,
});

const removed = (change: Partial<RetentionFacts>): string[] =>
  planPrune(facts(change)).remove.map((one) => one.version);

const kinds = (change: Partial<RetentionFacts>, version: string): unknown[] =>
  planPrune(facts(change))
    .keep.filter(({ installation }) => installation.version === version)
    .flatMap(({ keptBy }) => keptBy.map((reason) => ({ ...reason })));

test("what is in effect and what is pending stay, what is superseded goes", () => {
  assert.deepEqual(removed({}), ["1.0.0", "2.0.0"]);
  assert.deepEqual(kinds({}, "3.0.0"), [{ kind: "deployment", validFrom: 200, state: "in-effect" }]);
  assert.deepEqual(kinds({}, "4.0.0"), [{ kind: "deployment", validFrom: 300, state: "pending" }]);
  assert.deepEqual(removed({ epoch: 200 }), ["1.0.0", "2.0.0"]);
  assert.deepEqual(removed({ epoch: 199 }), ["1.0.0"]);
});

test("an unknown epoch keeps everything scheduled", () => {
  assert.deepEqual(removed({ epoch: undefined }), []);
  assert.deepEqual(kinds({ epoch: undefined }, "2.0.0"), [{ kind: "deployment", validFrom: 100, state: null }]);
  assert.deepEqual(removed({ epoch: undefined, policy: { ...facts().policy, before: 999 } }), []);
  assert.deepEqual(removed({ epoch: undefined, newest: generation(1, [...ALL, "9.0.0"]) }), ["9.0.0"]);
});

test("the window: so many epochs back", () => {
  const keep = (keepEpochs: number) => removed({ policy: { keepGenerations: 1, keepEpochs, keepSuperseded: 0 } });
  assert.deepEqual(keep(50), ["1.0.0", "2.0.0"], "2.0.0 was in effect up to 199");
  assert.deepEqual(keep(51), ["1.0.0"]);
  assert.deepEqual(keep(150), ["1.0.0"]);
  assert.deepEqual(keep(151), []);
  assert.deepEqual(keep(Number.MAX_SAFE_INTEGER), []);
});

test("without a word of operator or publisher everything superseded stays", () => {
  const policy = { keepGenerations: 1 };
  assert.deepEqual(removed({ policy }), []);
  assert.deepEqual(kinds({ policy }, "1.0.0"), [
    { kind: "window", validFrom: 0, lastEpoch: 99, rule: "everything", by: "default" },
  ]);
  assert.deepEqual(kinds({ policy }, "2.0.0"), [
    { kind: "window", validFrom: 100, lastEpoch: 199, rule: "everything", by: "default" },
    { kind: "window", validFrom: 100, lastEpoch: 199, rule: "keepSuperseded", by: "default", limit: 1 },
  ]);
});

const needing = (retention: Retention) => manifestOf({ xs: engineOf(ROWS, { retention }) });

test("of the publisher's need and the operator's the greater wins, and each reason says whose it is", () => {
  const operator = (keepEpochs?: number, keepSuperseded = 0) => ({ keepGenerations: 1, keepEpochs, keepSuperseded });
  const gone = (retention: Retention, policy: RetentionPolicy) => removed({ manifest: needing(retention), policy });
  assert.deepEqual(gone({ keepEpochs: 51 }, operator(0)), ["1.0.0"], "the publisher needs more");
  assert.deepEqual(gone({ keepEpochs: 0 }, operator(51)), ["1.0.0"], "the operator needs more");
  assert.deepEqual(gone({ keepEpochs: 51 }, operator()), ["1.0.0"], "the operator says nothing");
  assert.deepEqual(gone({ keepEpochs: 50 }, operator()), ["1.0.0", "2.0.0"]);
  assert.deepEqual(gone({ keepSuperseded: 1 }, operator(0)), ["1.0.0"]);
  assert.deepEqual(gone({ keepSuperseded: 1 }, operator()), [], "how far back nobody says");
  assert.deepEqual(
    kinds({ manifest: needing({ keepEpochs: 200, keepSuperseded: 1 }), policy: operator(60, 2) }, "2.0.0"),
    [
      { kind: "window", validFrom: 100, lastEpoch: 199, rule: "keepEpochs", by: "operator", limit: 60 },
      { kind: "window", validFrom: 100, lastEpoch: 199, rule: "keepSuperseded", by: "operator", limit: 2 },
      { kind: "window", validFrom: 100, lastEpoch: 199, rule: "keepEpochs", by: "publisher", limit: 200 },
      { kind: "window", validFrom: 100, lastEpoch: 199, rule: "keepSuperseded", by: "publisher", limit: 1 },
    ],
  );
});

test("what --before would let go of and the publisher needs is told, unless that is overruled", () => {
  const plan = (policy: Partial<RetentionPolicy>, change: Partial<RetentionFacts> = {}) => {
    const given = facts({
      manifest: needing({ keepEpochs: 100 }),
      ...change,
      policy: { keepGenerations: 1, ...policy },
    });
    const { publisherOnly, remove } = planPrune(given);
    return [publisherOnly, remove].map((list) => list.map(({ version }) => version));
  };
  assert.deepEqual(plan({ before: 200 }), [["2.0.0"], ["1.0.0"]]);
  assert.deepEqual(plan({ before: 100 }), [[], ["1.0.0"]]);
  assert.deepEqual(plan({ before: 200, overrulesPublisher: true }), [[], ["1.0.0", "2.0.0"]]);
  assert.deepEqual(plan({ before: 200 }, { pins: [pin("2.0.0")] }), [[], ["1.0.0"]], "it stays all the same");
  assert.deepEqual(plan({ before: 200 }, { epoch: undefined }), [[], []]);
  assert.deepEqual(plan({ before: 200 }, { newest: generation(1, ["3.0.0"]) }), [[], []], "it is not here");
});

test("the last known good stays where the window would let it go, and only where the newest generation names it", () => {
  const lastKnownGood = new Map([["xs", { version: "1.0.0", at: "2026-01-01T00:00:00Z", epoch: 99 }]]);
  const policy = { ...facts().policy, keepLastKnownGood: true };
  assert.deepEqual(removed({ lastKnownGood, policy }), ["2.0.0"]);
  assert.deepEqual(kinds({ lastKnownGood, policy }, "1.0.0"), [
    { kind: "last-known-good", ranAt: "2026-01-01T00:00:00Z", epoch: 99 },
  ]);
  assert.deepEqual(removed({ lastKnownGood }), ["1.0.0", "2.0.0"], "where the config says so it does not");
  assert.deepEqual(removed({ lastKnownGood, policy: { ...policy, before: 300 } }), ["2.0.0"]);
  const older = [generation(1, ["1.0.0"])];
  assert.deepEqual(removed({ lastKnownGood, policy, newest: generation(2, ["3.0.0"]), generations: older }), ["1.0.0"]);
});

test("O6 one version below the one in effect is kept by policy", () => {
  const policy = { keepGenerations: 1, keepEpochs: 0, keepSuperseded: 1 };
  assert.deepEqual(removed({ policy }), ["1.0.0"]);
  assert.deepEqual(kinds({ policy }, "2.0.0"), [
    { kind: "window", validFrom: 100, lastEpoch: 199, rule: "keepSuperseded", by: "operator", limit: 1 },
  ]);
});

test("--before takes the place of the window", () => {
  const policy = { keepGenerations: 1, keepEpochs: 1000, keepSuperseded: 9 };
  assert.deepEqual(removed({ policy: { ...policy, before: 100 } }), ["1.0.0"]);
  assert.deepEqual(removed({ policy: { ...policy, before: 99 } }), []);
  assert.deepEqual(
    removed({ policy: { ...policy, before: 9999 } }),
    ["1.0.0", "2.0.0"],
    "never what is in effect or ahead",
  );
});

test("pins, leases of the living and of strangers, and selections keep", () => {
  assert.deepEqual(removed({ pins: [pin("1.0.0")] }), ["2.0.0"]);
  assert.deepEqual(kinds({ pins: [pin("1.0.0", "a"), pin("1.0.0", "b")] }, "1.0.0"), [
    { kind: "pin", tenant: "a" },
    { kind: "pin", tenant: "b" },
  ]);
  const leases = [
    { lease: lease("1.0.0"), state: "foreign" },
    { lease: lease("2.0.0"), state: "gone" },
  ] as const;
  assert.deepEqual(removed({ leases }), ["2.0.0"]);
  assert.deepEqual(removed({ leases: [{ lease: lease("2.0.0"), state: "alive" }] }), ["1.0.0"]);
  assert.deepEqual(removed({ newest: generation(1, ["1.0.0"], { selections: { xs: "1.0.0" } }) }), []);
});

test("what was installed by name stays where that is asked for, unless the schedule has outgrown it", () => {
  const newest = generation(3, ["0.9.0", "1.0.0", "3.0.0", "3.5.0", "9.0.0"]);
  const manifest = manifestOf({ xs: engineOf(ROWS, {}, ["0.9.0", "3.5.0", "9.0.0"]) });
  const policy = { ...facts().policy, keepUnscheduled: true };
  assert.deepEqual(removed({ newest, manifest }), ["0.9.0", "1.0.0", "3.5.0", "9.0.0"]);
  assert.deepEqual(removed({ newest, manifest, policy }), ["0.9.0", "1.0.0"]);
  assert.deepEqual(kinds({ newest, manifest, policy }, "9.0.0"), [{ kind: "generation", number: 3 }]);
  assert.deepEqual(removed({ newest, manifest: manifestOf({ xs: engineOf([]) }), policy }), []);
  assert.deepEqual(removed({ newest, manifest: manifestOf({}), policy }), [], "the engine has left the channel");
});

test("generations to go back to keep what they name; the others are retired", () => {
  const generations = [generation(3, ["1.0.0"]), generation(2, ["2.0.0"]), generation(1, ["9.0.0"])];
  const plan = (keepGenerations: number) => {
    const policy = { keepGenerations, keepEpochs: 0, keepSuperseded: 0 };
    const { remove, retire, restate } = planPrune(facts({ newest: generation(4, ["3.0.0"]), generations, policy }));
    return [remove.map(({ version }) => version).sort(), retire, restate.length];
  };
  assert.deepEqual(plan(4), [[], [], 1]);
  assert.deepEqual(plan(3), [["9.0.0"], [1], 1]);
  assert.deepEqual(plan(2), [["2.0.0", "9.0.0"], [1, 2], 1]);
  assert.deepEqual(plan(1), [["1.0.0", "2.0.0", "9.0.0"], [1, 2, 3], 1]);
  assert.deepEqual(plan(0), plan(1));
});

test("what is only carried along is stated no more, and removed when the generations that name it are", () => {
  const policy = { keepGenerations: 2, keepEpochs: 0, keepSuperseded: 0 };
  const first = planPrune(
    facts({ newest: generation(5, ["1.0.0", "3.0.0"]), generations: [generation(4, ["1.0.0"])], policy }),
  );
  assert.deepEqual(first.remove, []);
  assert.deepEqual(
    first.restate.map(({ version }) => version),
    ["3.0.0"],
  );
  assert.deepEqual(first.retire, [5], "the generation that is committed takes its place");
  const second = planPrune(
    facts({
      newest: generation(7, ["3.0.0"]),
      generations: [generation(6, ["3.0.0"]), generation(4, ["1.0.0"])],
      policy,
    }),
  );
  assert.deepEqual(
    second.remove.map(({ version }) => version),
    ["1.0.0"],
  );
  assert.deepEqual(second.retire, [4]);
});
