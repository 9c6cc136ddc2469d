import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isEngineryError } from "../../src/core/errors.ts";
import type { Generation, Installation } from "../../src/core/model/home.ts";
import type { Engine, Manifest } from "../../src/core/model/manifest.ts";
import { resolve } from "../../src/core/resolve.ts";
import { type PinnedRelease, type ResolverQuestion, resolverOf } from "../../src/core/resolver.ts";

const VERSIONS = ["1.0.0", "2.0.0", "3.0.0", "4.0.0"] as const;
const TREES = ["a".repeat(64), "b".repeat(64)] as const;
const ENGINES = ["xs", "js", "gone"] as const;
const version = fc.constantFrom(...VERSIONS);
const tree = fc.constantFrom(TREES[0], TREES[0], TREES[0], TREES[1]);
const epoch = fc.nat({ max: 9 });

const deployments = fc
  .uniqueArray(fc.record({ version, validFrom: epoch }), { selector: (one) => one.validFrom, maxLength: 4 })
  .map((some) => some.filter((one, at) => some.findIndex((other) => other.version === one.version) === at));

const engine: fc.Arbitrary<Engine> = fc.record({ deployments, without: fc.option(version) }).map((made) => ({
  rules: { maxFuture: null, maxDeployments: null, alterPending: "deny" },
  deployments: made.deployments,
  releases: Object.fromEntries(
    VERSIONS.filter((one) => one !== made.without).map((one) => [one, { platforms: { any: platformRelease() } }]),
  ),
}));

function platformRelease() {
  const document = { sha256: TREES[0], bytes: 1 };
  return {
    archive: { ...document, format: "tar.zst", root: "" } as const,
    pieces: document,
    tree: { ...document, digest: TREES[0], files: 1, unpackedBytes: 1 },
    entries: {},
  };
}

const installation = fc
  .record({ engine: fc.constantFrom(...ENGINES), version, tree, names: fc.subarray(["xs", "js", "tool"]) })
  .map(
    ({ names, ...release }): Installation => ({
      ...release,
      platform: "any",
      bytes: 1,
      files: 1,
      entries: Object.fromEntries(names.map((name) => [name, { path: `bin/${name}`, kind: "executable" }])),
    }),
  );

const facts = fc
  .record({
    engines: fc.record({ xs: engine, js: engine }),
    installations: fc.uniqueArray(installation, { selector: (one) => `${one.engine}@${one.version}`, maxLength: 10 }),
    selections: fc.dictionary(fc.constantFrom(...ENGINES), version, { maxKeys: 2 }),
  })
  .map(({ engines, installations, selections }) => {
    const manifest: Manifest = {
      format: 1,
      channel: "demo",
      serial: 1,
      previous: null,
      publishedEpoch: null,
      unit: "epoch",
      engines,
    };
    const generation: Generation = {
      format: 1,
      number: 1,
      operation: "0".repeat(32),
      cause: "install",
      at: "2027-01-01T00:00:00Z",
      channel: "demo",
      trustSet: 1,
      manifest: { serial: 1, sha256: TREES[0] },
      installations,
      selections,
    };
    return { generation, manifest };
  });

/** One object for each release that a pin may name, as the resolver wants it. */
const PINNED: readonly PinnedRelease[] = VERSIONS.flatMap((one) => TREES.map((two) => ({ version: one, tree: two })));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const question: fc.Arbitrary<ResolverQuestion> = fc.record({
  engine: fc.constantFrom(...ENGINES, "unknown", "constructor"),
  epoch: maybe(epoch),
  pinned: fc.option(fc.constantFrom(...PINNED), { nil: undefined, freq: 1 }),
  tenant: maybe(fc.constant("vat-1")),
  version: fc.option(fc.oneof(version, fc.constant("9.9.9")), { nil: undefined, freq: 1 }),
  entry: maybe(fc.constantFrom("xs", "js", "tool", "none")),
});

function outcome(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    assert.ok(isEngineryError(error), String(error));
    return { code: error.code, message: error.message, hint: error.hint };
  }
}

test("a resolver answers every question as `resolve` does, the second time too", () => {
  fc.assert(
    fc.property(facts, fc.array(question, { minLength: 1, maxLength: 30 }), (held, questions) => {
      const resolver = resolverOf(held, ({ epoch: _, ...resolution }) => resolution);
      for (const asked of [...questions, ...questions]) {
        const { pinned, ...rest } = asked;
        const pin = pinned === undefined ? undefined : { ...pinned, tenant: rest.tenant ?? "" };
        const expected = outcome(() => {
          const { epoch: _, ...resolution } = resolve({ ...held, ...rest, pin });
          return resolution;
        });
        assert.deepEqual(
          outcome(() => resolver(asked)),
          expected,
        );
      }
    }),
    { numRuns: 400 },
  );
});

test("answers are made once, and what is not there is not kept", () => {
  let made = 0;
  const held = fc.sample(facts, 1)[0];
  assert.ok(held);
  const installations = VERSIONS.map((one) => ({
    engine: "gone",
    version: one,
    platform: "any",
    tree: TREES[0],
    bytes: 1,
    files: 1,
    entries: { gone: { path: "bin/gone", kind: "executable" as const } },
  }));
  const generation = { ...held.generation, installations, selections: { gone: "2.0.0" } };
  const resolver = resolverOf({ ...held, generation }, (resolution) => {
    made += 1;
    return resolution.version;
  });
  for (let round = 0; round < 3; round++) {
    assert.equal(resolver({ engine: "gone" }), "2.0.0");
    assert.equal(resolver({ engine: "gone", version: "3.0.0" }), "3.0.0");
    assert.equal(resolver({ engine: "gone", pinned: PINNED[0] }), "1.0.0");
    assert.throws(() => resolver({ engine: "gone", version: "9.9.9" }), { code: "unknown-version" });
  }
  assert.equal(made, 3);
});
