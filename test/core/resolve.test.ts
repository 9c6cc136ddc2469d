import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pin } from "../../src/core/model/home.ts";
import { explain, type Question, resolve } from "../../src/core/resolve.ts";
import {
  ENTRY,
  engineOf,
  generationOf,
  hashOf,
  installationOf,
  manifestOf,
  type Row,
  refuses,
} from "./support/samples.ts";

const ROWS: readonly Row[] = [
  ["1.0.0", 10],
  ["2.0.0", 100],
  ["3.0.0", 200],
];

const MANIFEST = manifestOf({ xs: engineOf(ROWS, {}, ["9.0.0"]), hermes: engineOf([], {}, ["0.1.1", "0.2.1"]) });

const INSTALLED = [
  installationOf("xs", "1.0.0"),
  installationOf("xs", "2.0.0"),
  installationOf("hermes", "0.1.1", { tree: hashOf("xs 0.1.1"), entries: { hermes: ENTRY, hbc: ENTRY } }),
];

const ask = (change: Partial<Question>): Question => ({
  generation: generationOf(INSTALLED),
  manifest: MANIFEST,
  engine: "xs",
  ...change,
});

const pinTo = (version: string, tree = hashOf(`xs ${version}`)): Pin => ({
  format: 1,
  tenant: "vat7",
  engine: "xs",
  version,
  tree,
  at: "2026-01-02T03:04:05Z",
});

test("by the schedule, with the identity of what is installed", () => {
  assert.deepEqual(resolve(ask({ epoch: 100 })), {
    engine: "xs",
    version: "2.0.0",
    tree: hashOf("xs 2.0.0"),
    entry: "xs",
    entryPoint: ENTRY,
    epoch: 100,
    because: "schedule",
  });
  assert.equal(resolve(ask({ epoch: 99 })).version, "1.0.0");
});

test("before the first deployment nothing is in effect", () => {
  refuses("nothing-in-effect", () => resolve(ask({ epoch: 9 })), "xs", "epoch 9");
});

test("in effect and not installed: an error with the command, never another version", () => {
  assert.throws(() => resolve(ask({ epoch: 200 })), {
    code: "release-not-installed",
    hint: "Install it: `enginery install xs@3.0.0`.",
  });
});

test("an unknown epoch is an error where the answer depends on it, and only there", () => {
  refuses("epoch-unknown", () => resolve(ask({})), "xs");
  const manifest = manifestOf({ xs: engineOf([["2.0.0", 0]]) });
  assert.deepEqual(resolve(ask({ manifest })).epoch, null);
  assert.equal(resolve(ask({ manifest })).version, "2.0.0");
  refuses("epoch-unknown", () => resolve(ask({ manifest: manifestOf({ xs: engineOf([["2.0.0", 1]]) }) })));
});

test("a pin goes before the schedule, and needs no epoch", () => {
  for (const epoch of [undefined, 5, 150]) {
    const { version, because, epoch: dependsOn } = resolve(ask({ pin: pinTo("1.0.0"), tenant: "vat7", epoch }));
    assert.deepEqual([version, because, dependsOn], ["1.0.0", "pin", null]);
  }
});

test("a pin to what is not installed, or has other bytes, is an error", () => {
  refuses("release-not-installed", () => resolve(ask({ pin: pinTo("3.0.0"), epoch: 150 })), "xs@3.0.0", "pinned");
  refuses("release-conflict", () => resolve(ask({ pin: pinTo("1.0.0", hashOf("other")) })), "the pin");
});

test("an explicit version goes before all, but not against the tenant's pin", () => {
  assert.equal(resolve(ask({ version: "1.0.0", epoch: 150 })).because, "explicit");
  assert.equal(resolve(ask({ version: "1.0.0", pin: pinTo("1.0.0") })).version, "1.0.0");
  refuses(
    "pin-mismatch",
    () => resolve(ask({ version: "2.0.0", pin: pinTo("1.0.0"), tenant: "vat7" })),
    "vat7",
    "1.0.0",
  );
  refuses("unknown-version", () => resolve(ask({ version: "5.0.0" })), "xs@5.0.0");
  refuses("release-not-installed", () => resolve(ask({ version: "9.0.0" })), "xs@9.0.0");
});

test("without a schedule what was selected counts, and nothing else", () => {
  const selected = generationOf(INSTALLED, { selections: { hermes: "0.1.1", xs: "1.0.0" } });
  const { because, entry } = resolve(ask({ engine: "hermes", generation: selected }));
  assert.deepEqual([because, entry], ["selected", "hermes"]);
  assert.equal(resolve(ask({ generation: selected, epoch: 150 })).version, "2.0.0", "the schedule goes before");
  refuses("nothing-in-effect", () => resolve(ask({ engine: "hermes" })), "hermes");
  const gone = generationOf(INSTALLED, { selections: { hermes: "0.2.1" } });
  refuses("release-not-installed", () => resolve(ask({ engine: "hermes", generation: gone })), "hermes@0.2.1");
});

test("an unknown engine, whatever it is called", () => {
  for (const engine of ["xsnap", "constructor", "toString", "__proto__"]) {
    refuses("unknown-engine", () => resolve(ask({ engine, epoch: 1 })));
    assert.ok(
      explain(ask({ engine, epoch: 1 }))
        .at(-1)
        ?.includes(engine),
    );
  }
});

test("an engine that has left the channel answers for its pins and explicit versions still", () => {
  const manifest = manifestOf({});
  assert.equal(resolve(ask({ manifest, pin: pinTo("1.0.0") })).because, "pin");
  assert.equal(resolve(ask({ manifest, version: "2.0.0" })).because, "explicit");
  refuses("nothing-in-effect", () => resolve(ask({ manifest, epoch: 150 })));
  const nothing = generationOf([]);
  refuses("release-not-installed", () => resolve(ask({ manifest, generation: nothing, pin: pinTo("1.0.0") })));
  refuses("unknown-engine", () => resolve(ask({ manifest, generation: nothing })));
});

test("same label, other bytes: never run", () => {
  const generation = generationOf([installationOf("xs", "2.0.0", { tree: hashOf("other") })]);
  refuses("release-conflict", () => resolve(ask({ generation, epoch: 100 })), "xs@2.0.0");
  refuses("release-conflict", () => resolve(ask({ generation, version: "2.0.0" })));
});

test("the entry point: the one asked for, the only one, the one named as the engine", () => {
  const hermes = (entry?: string) => resolve(ask({ engine: "hermes", version: "0.1.1", entry })).entry;
  assert.equal(hermes("hbc"), "hbc");
  assert.equal(hermes(), "hermes");
  for (const entry of ["nope", "constructor", "toString"]) refuses("unknown-entry", () => hermes(entry));
  const of = (entries: Record<string, typeof ENTRY>) =>
    resolve(ask({ generation: generationOf([installationOf("xs", "2.0.0", { entries })]), epoch: 100 })).entry;
  assert.equal(of({ worker: ENTRY }), "worker");
  refuses("unknown-entry", () => of({ a: ENTRY, b: ENTRY }), "xs@2.0.0");
  refuses("unknown-entry", () => of({}));
});

test("--why tells each step, and what stopped it last", () => {
  const told = explain(ask({ epoch: 150, tenant: "vat7" })).join("\n");
  for (const words of [
    "vat7",
    "no pin",
    "2.0.0 from epoch 100",
    "3.0.0 follows at 200",
    hashOf("xs 2.0.0"),
    "bin/xs",
  ]) {
    assert.ok(told.includes(words), `"${words}" is not in: ${told}`);
  }
  assert.match(explain(ask({ epoch: 250 })).at(-1) ?? "", /not installed/);
  assert.match(explain(ask({})).at(-1) ?? "", /unknown/);
  assert.match(explain(ask({ pin: pinTo("1.0.0"), tenant: "vat7" })).join(), /is pinned to xs@1.0.0/);
  assert.match(explain(ask({ version: "1.0.0" })).join(), /was asked for/);
  assert.match(explain(ask({ engine: "hermes" })).join(), /no schedule/);
});
