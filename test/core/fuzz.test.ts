import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cometbftReading } from "../../src/core/cometbft-status.ts";
import { epochOfJson, epochOfText } from "../../src/core/epoch-reading.ts";
import { parseEpochSource } from "../../src/core/epoch-source.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { canonicalJson, parseJson } from "../../src/core/json.ts";
import { rpcReply } from "../../src/core/json-rpc.ts";
import {
  encodeGeneration,
  parseConfig,
  parseGeneration,
  parseLease,
  parseLedgerEntry,
  parseMark,
  parseObservation,
  parsePin,
  parseQuarantine,
  parseSeal,
} from "../../src/core/parse-home.ts";
import { encodeManifest, parseManifest } from "../../src/core/parse-manifest.ts";
import { parsePieces, parseTree } from "../../src/core/parse-tree.ts";
import { checkSchedule } from "../../src/core/schedule.ts";
import { checkTransition, lateChanges } from "../../src/core/transition.ts";
import { tally } from "../safety/support/tally.ts";
import {
  bytesOf,
  engineOf,
  generationOf,
  hashOf,
  installationOf,
  manifestOf,
  sha256,
  textOf,
} from "./support/samples.ts";

/** How many times as many cases: more in the safety suite. */
const FACTOR = Number(process.env["FUZZ_FACTOR"] ?? 1);
const RELEASE = { format: 1, engine: "xs", version: "1.0.0", tree: hashOf("t") };
const OWNER = { pid: 7, started: "1", boot: "b", machine: "m", namespace: "pid:1" };
const AT = "2026-01-02T03:04:05Z";
const MANIFEST = manifestOf(
  {
    xs: engineOf([
      ["1.0.0", 0],
      ["2.0.0", 9],
    ]),
  },
  { previous: hashOf("p") },
);

/** Whatever a manifest is, it is refused with our own errors or can be judged. */
function readManifest(bytes: Uint8Array): void {
  const manifest = parseManifest(bytes);
  lateChanges(MANIFEST, manifest, 5);
  checkSchedule(manifest);
  checkTransition(MANIFEST, { ...manifest, channel: "main", serial: 2 }, 0);
}

const PARSERS: Readonly<Record<string, readonly [parse: (bytes: Uint8Array) => unknown, sound: Uint8Array]>> = {
  json: [(bytes) => parseJson(bytes, "It"), bytesOf('{"a":[1,-2,"\\ud83d\\ude00",{"b":null}],"c":{"d":true}}')],
  manifest: [readManifest, encodeManifest(MANIFEST)],
  tree: [
    parseTree,
    canonicalJson({ format: 1, files: [{ path: "a/b", bytes: 3, sha256: hashOf("f"), executable: true }] }),
  ],
  pieces: [
    parsePieces,
    canonicalJson({ format: 1, archive: hashOf("a"), bytes: 9, pieceBytes: 65536, pieces: [hashOf("p")] }),
  ],
  generation: [
    (bytes) => parseGeneration(bytes, sha256),
    encodeGeneration(generationOf([installationOf("xs", "1.0.0")]), sha256),
  ],
  "generation whose checksum is right": [
    (bytes) => parseGeneration(bytes, () => ""),
    canonicalJson({ ...generationOf([installationOf("xs", "1.0.0")]), checksum: "" }),
  ],
  config: [parseConfig, canonicalJson({ format: 1, repository: "/srv", channel: "main", mirrors: ["/x"] })],
  seal: [parseSeal, canonicalJson({ ...RELEASE, platform: "any", bytes: 1, files: 1 })],
  pin: [parsePin, canonicalJson({ ...RELEASE, tenant: "t", at: AT })],
  lease: [parseLease, canonicalJson({ format: 1, id: "l", engine: "xs", version: "1.0.0", ...OWNER, epoch: 5 })],
  mark: [parseMark, canonicalJson({ format: 1, engine: "xs", version: "1.0.0", operation: "o", owner: OWNER })],
  observation: [parseObservation, canonicalJson({ format: 1, epoch: 5, at: AT, from: "observe" })],
  quarantine: [parseQuarantine, canonicalJson({ ...RELEASE, reason: "r", at: AT })],
  "epoch source": [(bytes) => parseEpochSource(textOf(bytes)), bytesOf("cometbft:https://n.example/KEY?every=600")],
  "epoch as text": [(bytes) => epochOfText("file:/h", bytes, "ended"), bytesOf("4711\n")],
  "epoch in JSON": [(bytes) => epochOfJson("file:/h", bytes, ["a", "0"]), bytesOf('{"a":[4711,1.5e-3]}')],
  "node's reply": [(bytes) => rpcReply("node", bytes)?.result(), bytesOf('{"jsonrpc":"2.0","id":1,"result":{"a":1}}')],
  "node's status": [
    (bytes) => cometbftReading({ name: "node", every: 1, allowCatchingUp: false }, bytes),
    bytesOf('{"jsonrpc":"2.0","result":{"sync_info":{"latest_block_height":"7","catching_up":false}}}'),
  ],
  ledger: [parseLedgerEntry, canonicalJson({ at: AT, operation: "o", verb: "exec", detail: { a: 1 } })],
};

function survives(parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    parse(bytes);
  } catch (error) {
    assert.ok(isEngineryError(error), `${String(error)} for ${textOf(bytes)}`);
    assert.notEqual(error.code, "internal", error.message);
    assert.match(error.message, /^[^\p{C}]*$/u);
  }
}

/** Bytes put over, into or out of a sound document. */
const byteEdits = fc.tuple(fc.nat(), fc.nat({ max: 4 }), fc.uint8Array({ maxLength: 6 }));

/** Pieces of JSON that parsers trip over. */
const SNIPPETS = [
  "null",
  "{}",
  "[]",
  "-0",
  "1e9",
  '"__proto__":1,',
  '"constructor"',
  '"\\ud800"',
  '"\\u0000"',
  "9007199254740993",
];
const textEdits = fc.tuple(fc.nat(), fc.constantFrom(...SNIPPETS));

for (const [name, [parse, sound]] of Object.entries(PARSERS)) {
  test(`${name}: whatever the bytes, only our own errors leave`, (context) => {
    tally(context, { cases: 2500 * FACTOR });
    if (name !== "manifest") assert.doesNotThrow(() => parse(sound));
    const random = fc.uint8Array({ maxLength: 64 });
    fc.assert(
      fc.property(random, (bytes) => survives(parse, bytes)),
      { numRuns: 500 * FACTOR },
    );
    fc.assert(
      fc.property(fc.json(), (text) => survives(parse, bytesOf(text))),
      { numRuns: 500 * FACTOR },
    );
    fc.assert(
      fc.property(byteEdits, ([at, cut, put]) => {
        const place = at % sound.length;
        survives(parse, Uint8Array.from([...sound.subarray(0, place), ...put, ...sound.subarray(place + cut)]));
      }),
      { numRuns: 1000 * FACTOR },
    );
    // one value of the document replaced: well-formed JSON that says something else
    const values = [...textOf(sound).matchAll(/(?<=[:,[])(?:"[^"]*"|-?\d+|true|false|null)(?=[,\]}])/g)];
    fc.assert(
      fc.property(textEdits, ([at, snippet]) => {
        const value = values[at % values.length];
        if (value === undefined) return;
        const text = textOf(sound);
        survives(parse, bytesOf(text.slice(0, value.index) + snippet + text.slice(value.index + value[0].length)));
      }),
      { numRuns: 500 * FACTOR },
    );
  });
}
