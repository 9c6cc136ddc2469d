import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Generation, Lease, Pin } from "../../src/core/model/home.ts";
import { planPrune, type RetentionFacts } from "../../src/core/retention.ts";
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

test("O6 one version below the one in effect is kept by policy", () => {
  const policy = { keepGenerations: 1, keepEpochs: 0, keepSuperseded: 1 };
  assert.deepEqual(removed({ policy }), ["1.0.0"]);
  assert.deepEqual(kinds({ policy }, "2.0.0"), [{ kind: "window", validFrom: 100, lastEpoch: 199 }]);
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

test("ten thousand random homes: the plan equals a naive oracle, and no reason is empty", () => {
  fc.assert(
    fc.property(homes, (home) => {
      const { restate, remove, keep, retire } = planPrune(home);
      const expected = oracle(home);
      const names = (list: readonly { readonly version: string }[]) => list.map(({ version }) => version).sort();
      assert.deepEqual(names(remove), expected.remove);
      assert.deepEqual(names(keep.map(({ installation }) => installation)), expected.keep);
      assert.deepEqual(names(restate), expected.restate);
      assert.deepEqual(retire, expected.retire);
      assert.ok(keep.every(({ keptBy }) => keptBy.length > 0));
    }),
    { numRuns: 10_000 },
  );
});

const VERSIONS = ["1.0.0", "2.0.0", "3.0.0", "4.0.0", "5.0.0"];
const someVersions = fc.subarray(VERSIONS);
const homes: fc.Arbitrary<RetentionFacts> = fc
  .record({
    deployed: someVersions,
    gaps: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 5, maxLength: 5 }),
    stated: fc.array(someVersions, { minLength: 1, maxLength: 5 }),
    pinned: fc.subarray(VERSIONS, { maxLength: 1 }),
    leased: fc.array(fc.tuple(fc.constantFrom(...VERSIONS), fc.constantFrom("alive", "gone", "foreign")), {
      maxLength: 2,
    }),
    selected: fc.subarray(VERSIONS, { maxLength: 1 }),
    epoch: fc.option(fc.nat({ max: 30 }), { nil: undefined }),
    keepGenerations: fc.integer({ min: 0, max: 5 }),
    keepEpochs: fc.nat({ max: 20 }),
    keepSuperseded: fc.nat({ max: 3 }),
    before: fc.option(fc.nat({ max: 30 }), { nil: undefined }),
  })
  .map(({ deployed, gaps, stated, pinned, leased, selected, epoch, ...policy }) => {
    const rows = deployed.map((version, place): Row => [version, sum(gaps.slice(0, place + 1)) - 1]);
    const [selection] = selected;
    const selections = selection === undefined ? {} : { xs: selection };
    const all = stated.map((versions, place) => generation(place + 1, versions, { selections }));
    const newest = all.at(-1) ?? generation(1, []);
    return {
      newest,
      generations: all.slice(0, -1).reverse(),
      manifest: manifestOf({ xs: engineOf(rows.toReversed()) }),
      pins: pinned.map((version) => pin(version)),
      leases: leased.map(([version, state]) => ({ lease: lease(version), state })),
      epoch,
      policy,
    };
  });

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Asks of each version and each epoch on its own. */
function oracle({ newest, generations, manifest, pins, leases, epoch, policy }: RetentionFacts) {
  const deployments = manifest.engines["xs"]?.deployments ?? [];
  const at = (when: number) =>
    deployments
      .filter(({ validFrom }) => validFrom <= when)
      .reduce<string | undefined>(
        (best, one) => (best === undefined || one.version > best ? one.version : best),
        undefined,
      );
  const names = ({ installations }: Generation) => installations.map(({ version }) => version);
  const claimed = (version: string) =>
    [...pins].some((one) => one.version === version) ||
    leases.some((one) => one.lease.version === version && one.state !== "gone");
  const scheduled = (version: string) => {
    const deployment = deployments.find((one) => one.version === version);
    if (deployment === undefined) return false;
    if (epoch === undefined || deployment.validFrom > epoch || at(epoch) === version) return true;
    const from = policy.before ?? Math.max(epoch - policy.keepEpochs, 0);
    const epochs = Array.from({ length: 60 }, (_, when) => when).filter(
      (when) => when >= from && when <= Math.max(epoch, from),
    );
    if (epochs.some((when) => at(when) === version)) return true;
    const begun = deployments
      .filter(({ validFrom }) => validFrom <= epoch)
      .map((one) => one.version)
      .sort()
      .reverse();
    return policy.before === undefined && begun.slice(1, 1 + policy.keepSuperseded).includes(version);
  };
  const restate = names(newest).filter(
    (version) => claimed(version) || scheduled(version) || newest.selections["xs"] === version,
  );
  const older = generations.toSorted((a, b) => b.number - a.number);
  const back = older.slice(0, Math.max(policy.keepGenerations, 1) - 1);
  const all = [...new Set([newest, ...generations].flatMap(names))].sort();
  const keep = all.filter(
    (version) => restate.includes(version) || claimed(version) || back.some((one) => names(one).includes(version)),
  );
  const gone = older
    .filter((one) => !back.includes(one))
    .map(({ number }) => number)
    .sort();
  return {
    restate: restate.sort(),
    keep,
    remove: all.filter((version) => !keep.includes(version)),
    retire: restate.length < newest.installations.length ? [...gone, newest.number] : gone,
  };
}
