import assert from "node:assert/strict";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import { ownJson } from "../../src/core/json.ts";
import { encodeGeneration, parseGeneration } from "../../src/core/parse-home.ts";
import { encodeManifest, parseManifest } from "../../src/core/parse-manifest.ts";
import {
  bytesOf,
  engineOf,
  generationOf,
  hashOf,
  installationOf,
  manifestOf,
  releaseOf,
  sha256,
  textOf,
} from "./support/samples.ts";

// What is read the short way is what the long way reads, and what the long way refuses is refused.

const GUARDED = {
  path: "bin/xs",
  kind: "executable",
  probe: { args: ["--version"], expect: "xs", with: "xs" },
  guard: { files: "tree", inputs: [{ after: "-r", offset: 0, bytes: ["00ff"] }] },
} as const;
const release = releaseOf("a", { withdrawn: "bad" }, ["linux-x64", "any"]);
const build = { ...releaseOf("b").platforms["linux-x64"], entries: { xs: GUARDED } } as never;
const MANIFEST = textOf(
  encodeManifest(
    manifestOf(
      {
        xs: engineOf([["1.0.0", 0]], { releases: { "1.0.0": release }, retention: { keepEpochs: 3 } }),
        hermes: { ...engineOf([], {}, ["0.1.1"]), releases: { "0.1.1": { platforms: { any: build } } } },
      },
      { previous: hashOf("before"), publishedEpoch: 7 },
    ),
  ),
);
const GENERATION = generationOf(
  [installationOf("xs", "1.0.0"), installationOf("xs", "2.0.0", { entries: { xs: GUARDED } })],
  {
    selections: { other: "1.0.0" },
    holdsSerial: 4,
    reasons: { force: "why" },
  },
);

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  1,
  -1,
  1.5,
  2 ** 53,
  1e300,
  "",
  "x",
  "é",
  "1.0.0",
  "a\nb",
  "\u2028",
  [],
  [1.5],
  {},
  { a: 1 },
  { a: 1.5 },
  { toString: 1 },
  { constructor: "x" },
  { prototype: {} },
];

/** The document with one place of it after the other replaced, left out, and given one member more. */
function* alike(document: unknown, put: (value: unknown) => unknown): Generator<unknown, void> {
  if (typeof document !== "object" || document === null) return;
  const copy = (): Record<string, unknown> | unknown[] =>
    Array.isArray(document) ? [...document] : { ...(document as Record<string, unknown>) };
  for (const [name, inner] of Object.entries(document)) {
    const putInner = (value: unknown) => put(Object.assign(copy(), { [name]: value }));
    for (const value of VALUES) yield putInner(value);
    const without = copy() as Record<string, unknown>;
    if (!Array.isArray(without)) delete without[name];
    yield put(without);
    yield* alike(inner, putInner);
  }
  for (const value of VALUES) yield put(Object.assign(copy(), { more: value }));
}

function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (!isEngineryError(error, "document-invalid") && !isEngineryError(error, "generation-unreadable")) throw error;
    return error.code;
  }
}

test("a manifest that is read the short way is what the long way reads, however it is changed", () => {
  let sound = 0;
  const agree = (text: string) => {
    const short = outcome(() => parseManifest(bytesOf(text)));
    // an escape is for the long way
    assert.deepEqual(
      short,
      outcome(() => parseManifest(bytesOf(text.replace('"serial"', '"seri\\u0061l"')))),
      text,
    );
    if (typeof short === "object") sound += 1;
  };
  for (const document of alike(JSON.parse(MANIFEST), (value) => value)) agree(JSON.stringify(document));
  for (const [from, to] of [
    ['"format":1', '"format":1,"format":1'],
    ['"format":1', '"format":1.0'],
    ['"format":1', '"format":1e0'],
    ['"publishedEpoch":7', '"publishedEpoch":-0'],
    ['"publishedEpoch":7', '"publishedEpoch":9007199254740993'],
    ['"channel":"main"', '"channel":"m\\u0061in"'],
    ['"withdrawn":"bad"', '"withdrawn":"\\ud800"'],
    ['"withdrawn":"bad"', '"withdrawn":"b\\/d"'],
    ['"keepEpochs":3', '"keepEpochs":3,"__proto__":{"keepSuperseded":1}'],
    ['"engines":{', '"engines":{"__proto__":{},'],
    ['"engines":{', '"engines":{"constructor":{},'],
    ['"engines":{', `"more":${"[".repeat(70)}${"]".repeat(70)},"engines":{`],
    ['"files":"tree"', `"files":"tree","more":${"[".repeat(60)}${"]".repeat(60)}`],
    ['"files":"tree"', '"files":"tree","more":{"a":1.5}'],
    ['"files":"tree"', '"files":"tree","__proto__":1'],
    ["}", "},"],
    ["}", ""],
  ] as const) {
    assert.ok(MANIFEST.includes(from));
    agree(MANIFEST.replace(from, to));
  }
  assert.ok(ownJson(bytesOf(MANIFEST)) !== undefined && sound > 20, `${sound}`);
});

test("a generation that is read the short way is what the long way reads, however it is changed", () => {
  let sound = 0;
  for (const document of alike(GENERATION, (value) => value)) {
    const short = encodeGenerationLoosely(document);
    const long = bytesOf(JSON.stringify(JSON.parse(short), null, 1));
    const found = outcome(() => parseGeneration(bytesOf(short), sha256));
    assert.deepEqual(
      found,
      outcome(() => parseGeneration(long, sha256)),
      short,
    );
    if (typeof found === "object") sound += 1;
  }
  assert.ok(sound > 20, `${sound}`);
});

/** As `encodeGeneration`, of what need be none. */
function encodeGenerationLoosely(document: unknown): string {
  const text = JSON.stringify(sorted(document));
  return text.replace('"format"', `"checksum":"${sha256(bytesOf(text))}","format"`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted((value as Record<string, unknown>)[name])]));
}

test("what this writes is read the short way", () => {
  assert.ok(ownJson(encodeGeneration(GENERATION, sha256)) !== undefined);
});
