import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson } from "../../src/core/json.ts";
import { encodeManifest, parseManifest } from "../../src/core/parse-manifest.ts";
import { bytesOf, engineOf, hashOf, manifestOf, refuses, releaseOf, textOf } from "./support/samples.ts";

const SOUND = manifestOf(
  {
    xs: engineOf([["1.0.0", 0]], { releases: { "1.0.0": releaseOf("a", { withdrawn: "bad" }, ["linux-x64", "any"]) } }),
    hermes: engineOf([], {}, ["0.1.1"]),
  },
  { previous: hashOf("before"), publishedEpoch: 7, serial: 3, unit: "session" },
);

/** The sound manifest with one place of it replaced; undefined removes it. */
function replaced(path: string, value: unknown): Uint8Array {
  const document: unknown = JSON.parse(textOf(encodeManifest(SOUND)));
  const steps = path.split("/");
  const last = steps.pop() ?? "";
  const place = steps.reduce((at, step) => (at as Record<string, unknown>)[step], document) as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return bytesOf(JSON.stringify(document));
}

const BUILD = "engines/xs/releases/1.0.0/platforms/linux-x64";

test("a manifest comes back as it was written, and its bytes are one", () => {
  const bytes = encodeManifest(SOUND);
  assert.deepEqual(JSON.parse(JSON.stringify(parseManifest(bytes))), SOUND);
  assert.deepEqual(encodeManifest(parseManifest(bytes)), bytes);
});

test("how much history operators need may be said, in part or not at all", () => {
  for (const retention of [{ keepEpochs: 21 }, { keepSuperseded: 0 }, { keepEpochs: 0, keepSuperseded: 2 }, {}]) {
    assert.deepEqual(
      { ...parseManifest(replaced("engines/xs/retention", retention)).engines["xs"]?.retention },
      retention,
    );
  }
  assert.equal(parseManifest(encodeManifest(SOUND)).engines["xs"]?.retention, undefined);
});

test("members that are not known yet are left out", () => {
  const manifest = parseManifest(replaced("deltas", { any: ["thing"] }));
  assert.deepEqual(encodeManifest(manifest), encodeManifest(SOUND));
  assert.deepEqual(encodeManifest(parseManifest(replaced(`${BUILD}/archive/deltas`, 1))), encodeManifest(SOUND));
});

test("its maps inherit nothing", () => {
  const { engines } = parseManifest(encodeManifest(SOUND));
  for (const name of ["constructor", "toString", "__proto__"]) {
    assert.equal(engines[name], undefined);
    assert.equal(engines["xs"]?.releases[name], undefined);
    assert.equal(engines["xs"]?.releases["1.0.0"]?.platforms[name], undefined);
    assert.equal(engines["xs"]?.releases["1.0.0"]?.platforms["any"]?.entries[name], undefined);
  }
});

const HASH = hashOf("x");
const WRONG: readonly (readonly [path: string, ...values: unknown[]])[] = [
  ["format", 2, "1", undefined],
  ["channel", "", "A", "../x", undefined],
  ["serial", -1, "1", undefined],
  ["previous", "", HASH.toUpperCase(), HASH.slice(1), undefined],
  ["publishedEpoch", -1, "7", undefined],
  ["unit", "", "\u001b", "x".repeat(40)],
  ["engines", [], null, 1],
  ["engines/constructor", engineOf([])],
  ["engines/prototype", engineOf([])],
  ["engines/CON", engineOf([])],
  ["engines/a b", engineOf([])],
  ["engines/xs/rules/alterPending", "maybe", true],
  ["engines/xs/rules/maxFuture", -1, "2", undefined],
  ["engines/xs/retention", null, [], 1, { keepEpochs: -1 }, { keepEpochs: null }, { keepSuperseded: "1" }],
  ["engines/xs/deployments", {}, [{ version: "1.0.0" }], [{ version: "v1.0.0", validFrom: 1 }], [null]],
  ["engines/xs/deployments/0/validFrom", -1, "0", null],
  ["engines/xs/releases/1.0", releaseOf("a")],
  ["engines/xs/releases/v1.0.0", releaseOf("a")],
  ["engines/xs/releases/1.0.0+b", releaseOf("a")],
  ["engines/xs/releases/1.0.0/withdrawn", true, null],
  ["engines/xs/releases/1.0.0/platforms/linux", {}],
  ["engines/xs/releases/1.0.0/platforms/..", {}],
  [`${BUILD}/archive/sha256`, "", "0", HASH.toUpperCase()],
  [`${BUILD}/archive/bytes`, 0, -5],
  [`${BUILD}/archive/format`, "zip", "tar", undefined],
  [`${BUILD}/archive/root`, "package", "../", "/", "a//", "C:/", undefined],
  [`${BUILD}/archive/source`, "npm:x", "npm:x@latest", "https://x/y", "npm:../x@1.0.0", "npm:X@1.0.0", 1],
  [`${BUILD}/pieces`, undefined, {}, HASH],
  [`${BUILD}/tree/digest`, undefined, "x"],
  [`${BUILD}/tree/files`, undefined, -1],
  [`${BUILD}/entries`, undefined, []],
  [`${BUILD}/entries/__x`, { path: "a", kind: "executable" }],
  [`${BUILD}/entries/xs/path`, "", "../a", "/a", "a/../../b", "con", "SEAL.json"],
  [`${BUILD}/entries/xs/kind`, "script", undefined],
  [
    `${BUILD}/entries/xs/probe`,
    {},
    { args: [1], expect: "" },
    { args: [], expect: "(" },
    { args: ["a\0"], expect: "" },
  ],
  [`${BUILD}/entries/xs/guard`, null, [], "tree", { files: "all" }, { files: true }, { inputs: [] }, { inputs: {} }],
  [
    `${BUILD}/entries/xs/guard`,
    { inputs: [{ after: "r", offset: 0, bytes: ["00"] }] },
    { inputs: [{ after: "-r", offset: -1, bytes: ["00"] }] },
    { inputs: [{ after: "-r", offset: 0, bytes: [] }] },
    { inputs: [{ after: "-r", offset: 0, bytes: ["0"] }] },
    { inputs: [{ after: "-r", offset: 0, bytes: "00" }] },
    { unknown: "x" },
  ],
];

test("each member is checked, and the message names it", () => {
  for (const [path, ...values] of WRONG) {
    for (const value of values) refuses("document-invalid", () => parseManifest(replaced(path, value)), "The manifest");
  }
  refuses(
    "document-invalid",
    () => parseManifest(replaced(`${BUILD}/archive/format`, "zip")),
    "archive.format",
    "tar.zst",
  );
});

test("each form that is allowed is taken", () => {
  const allowed: readonly (readonly [path: string, value: unknown])[] = [
    [`${BUILD}/archive/root`, "package/"],
    [`${BUILD}/archive/root`, "a/b/"],
    [`${BUILD}/archive/source`, "npm:@bytecodealliance/wizer-linux-x64@9.0.0"],
    [`${BUILD}/archive/source`, "npm:hermes-engine@0.1.1"],
    [`${BUILD}/entries/xs/probe`, { args: ["-v"], expect: "^xs 1" }],
    ["previous", null],
    ["publishedEpoch", null],
    ["engines", {}],
  ];
  for (const [path, value] of allowed) assert.ok(parseManifest(replaced(path, value)), path);
});

test("a member of a guard that is not known yet is not passed over: its name stays", () => {
  const path = `${BUILD}/entries/xs/guard`;
  const guardOf = (value: unknown) => {
    const { engines } = parseManifest(replaced(path, value));
    return engines["xs"]?.releases["1.0.0"]?.platforms["linux-x64"]?.entries["xs"]?.guard;
  };
  const known = { files: "tree", inputs: [{ after: "-r", offset: 12, bytes: ["00", "0d03"] }] };
  assert.deepEqual(guardOf(known), known);
  assert.deepEqual(guardOf({ ...known, seccomp: {}, cgroup: 1 }), { ...known, unknown: ["cgroup", "seccomp"] });
  assert.deepEqual(guardOf({ unknown: ["a"], b: 1 }), { unknown: ["a", "b"] }, "as a record says it again");
  assert.deepEqual(guardOf({}), {});
});

test("what is not strict JSON is no manifest", () => {
  const text = textOf(encodeManifest(SOUND));
  refuses("document-invalid", () => parseManifest(bytesOf(`${text} x`)));
  refuses("document-invalid", () => parseManifest(bytesOf(text.replace('"serial":3', '"serial":3,"serial":3'))));
  for (const value of [null, [], 1, "x", {}]) refuses("document-invalid", () => parseManifest(canonicalJson(value)));
});
