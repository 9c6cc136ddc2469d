import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErrorCode } from "../../src/core/errors.ts";
import { canonicalJson } from "../../src/core/json.ts";
import type { Generation } from "../../src/core/model/home.ts";
import { configDocument } from "../../src/core/parse-config.ts";
import {
  encodeGeneration,
  parseConfig,
  parseGeneration,
  parseHold,
  parseLease,
  parseLedgerEntry,
  parseMark,
  parseObservation,
  parsePin,
  parseQuarantine,
  parseSeal,
  parseToldAlarms,
  parseWatcher,
} from "../../src/core/parse-home.ts";
import { bytesOf, generationOf, hashOf, installationOf, refuses, sha256, textOf } from "./support/samples.ts";

const AT = "2026-01-02T03:04:05.678Z";
const RELEASE = { engine: "xs", version: "1.0.0" };
const OWNER = { pid: 7, started: "1000", boot: "5b6c-1", machine: "0f0f", namespace: "pid:4026531836" };

interface Sample {
  readonly parse: (bytes: Uint8Array) => object;
  readonly record: object;
  readonly code?: ErrorCode;
  readonly wrong: readonly object[];
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  seal: {
    parse: parseSeal,
    record: { format: 1, ...RELEASE, platform: "linux-x64", tree: hashOf("t"), bytes: 5, files: 1 },
    wrong: [{ platform: "linux" }, { tree: "x" }, { bytes: -1 }, { engine: ".." }, { version: "1" }, { format: 2 }],
  },
  pin: {
    parse: parsePin,
    record: { format: 1, tenant: "vat 7 / Ω", ...RELEASE, tree: hashOf("t"), at: AT },
    wrong: [
      { tenant: "" },
      { tenant: "a\nb" },
      { at: "yesterday" },
      { at: "2026-13-01T00:00:00Z" },
      { tree: undefined },
    ],
  },
  lease: {
    parse: parseLease,
    record: { format: 1, id: "l-1", ...RELEASE, ...OWNER, tenant: "t", epoch: 5 },
    wrong: [{ id: "../x" }, { pid: 0 }, { pid: "7" }, { started: 5 }, { boot: null }, { epoch: -1 }],
  },
  mark: {
    parse: parseMark,
    record: { format: 1, ...RELEASE, operation: "0af3", owner: OWNER },
    wrong: [{ operation: "" }, { owner: {} }, { owner: undefined }],
  },
  watcher: {
    parse: parseWatcher,
    record: { format: 1, operation: "0af3", at: AT, owner: OWNER },
    wrong: [{ operation: "" }, { owner: {} }, { at: undefined }],
  },
  "told alarms": {
    parse: parseToldAlarms,
    record: {
      format: 1,
      at: AT,
      alarms: [
        { kind: "disk-low", message: "m", mend: "n", since: AT, toldAt: AT, told: 1 },
        { kind: "next-damaged", ...RELEASE, message: "m", mend: "n", since: AT, toldAt: AT, told: 2, toldLeft: 0 },
      ],
    },
    wrong: [{ alarms: undefined }, { alarms: [{ kind: "no-such" }] }, { at: undefined }],
  },
  hold: {
    parse: parseHold,
    record: { format: 1, at: AT, until: AT, untilEpoch: 5, reason: "why" },
    wrong: [{ at: undefined }, { until: "tomorrow" }, { untilEpoch: -1 }, { untilEpoch: "5" }, { reason: 5 }],
  },
  observation: {
    parse: parseObservation,
    record: { format: 1, epoch: 7, at: AT, from: "observe" },
    wrong: [{ epoch: -1 }, { epoch: "7" }, { at: 5 }, { from: undefined }],
  },
  quarantine: {
    parse: parseQuarantine,
    record: { format: 1, tree: hashOf("t"), ...RELEASE, reason: "it said\n2.0.0", at: AT },
    wrong: [{ tree: "" }, { reason: 1 }, { reason: "x".repeat(10_001) }],
  },
  ledger: {
    parse: parseLedgerEntry,
    record: { at: AT, operation: "0af3", verb: "install", from: 0, to: 1, detail: { epoch: 5, list: [{ a: null }] } },
    wrong: [{ verb: "Install" }, { at: "" }, { from: -1 }, { detail: [] }],
  },
  config: {
    parse: parseConfig,
    code: "config-invalid",
    record: {
      format: 1,
      repository: "https://example.org/repo",
      channel: "main",
      mirrors: ["/srv/mirror"],
      keepGenerations: 3,
      keepEpochs: 0,
      keepSuperseded: 1,
      epochMaxAge: 600,
      reserveBytes: 0,
      leadEpochs: 3,
      allowHttp: false,
      platform: "linux-x64-musl",
    },
    wrong: [
      { repository: "" },
      { channel: "A" },
      { mirrors: "x" },
      { keepGenerations: 0 },
      { allowHttp: "yes" },
      { format: undefined },
    ],
  },
};

for (const [name, { parse, record, code = "home-damaged", wrong }] of Object.entries(SAMPLES)) {
  test(`${name}: comes back as it was written, and each member is checked`, () => {
    assert.deepEqual(JSON.parse(JSON.stringify(parse(canonicalJson(record)))), record);
    for (const change of wrong) refuses(code, () => parse(canonicalJson({ ...record, ...change })));
    for (const text of ["", "{", "null", "[]", "{}", '{"format":1,"format":1}'])
      refuses(code, () => parse(bytesOf(text)));
  });
}

test("optional members may be left out", () => {
  parseLease(canonicalJson({ format: 1, id: "l-1", ...RELEASE, pid: 7 }));
  parseConfig(canonicalJson({ format: 1, repository: "/srv/repo", channel: "main" }));
  parseLedgerEntry(canonicalJson({ at: AT, operation: "0", verb: "exec" }));
});

test("what belongs to retention stands together, and each key by itself still counts; said twice it must be the same", () => {
  const config = { format: 1, repository: "/srv/repo", channel: "main" };
  const read = (more: object) => parseConfig(canonicalJson({ ...config, ...more }));
  const retention = { keepGenerations: 2, keepEpochs: 0, keepSuperseded: 3, keepLastKnownGood: false };
  assert.deepEqual(read({ retention }), { ...config, ...retention });
  assert.deepEqual(read({ retention: {} }), config);
  assert.deepEqual(read({ retention: { keepEpochs: 5 }, keepSuperseded: 1 }), {
    ...config,
    keepEpochs: 5,
    keepSuperseded: 1,
  });
  assert.deepEqual(read({ retention: { keepEpochs: 5 }, keepEpochs: 5 }), { ...config, keepEpochs: 5 });
  assert.throws(() => read({ retention: { keepEpochs: 5 }, keepEpochs: 6 }), {
    code: "config-invalid",
    message: "config.json says keepEpochs twice: 6, and in retention 5.",
    hint: "Keep retention.keepEpochs, and remove the other.",
  });
  assert.throws(() => read({ retention: { keepEpoch: 5 } }), {
    code: "config-invalid",
    message: 'config.json has the unknown key "retention.keepEpoch".',
    hint: "The nearest known key is retention.keepEpochs.",
  });
  for (const wrong of [[], null, 3, { keepEpochs: -1 }, { keepGenerations: 0 }, { keepLastKnownGood: 1 }])
    refuses("config-invalid", () => read({ retention: wrong }));
  assert.deepEqual(configDocument({ ...config, format: 1, ...retention }), { ...config, retention });
  assert.deepEqual(configDocument({ ...config, format: 1 }), config);
});

test("an unknown key of the config is named, with the nearest known one", () => {
  const config = { format: 1, repository: "/srv/repo", channel: "main", keepGeneration: 3 };
  assert.throws(() => parseConfig(canonicalJson(config)), {
    code: "config-invalid",
    message: 'config.json has the unknown key "keepGeneration".',
    hint: "The nearest known key is keepGenerations.",
  });
});

const GENERATION: Generation = generationOf([installationOf("xs", "1.0.0")], {
  number: 42,
  selections: { hermes: "0.1.1" },
  restores: 41,
  holdsSerial: 7,
  late: [{ engine: "xs", version: "1.0.0", validFrom: 5, change: "added" }],
  reasons: { force: "so be it" },
});

test("a generation comes back as it was written, and inherits nothing", () => {
  for (const generation of [GENERATION, generationOf([])]) {
    const bytes = encodeGeneration(generation, sha256);
    assert.deepEqual(JSON.parse(JSON.stringify(parseGeneration(bytes, sha256))), generation);
    assert.deepEqual(encodeGeneration(parseGeneration(bytes, sha256), sha256), bytes);
  }
  const { selections } = parseGeneration(encodeGeneration(GENERATION, sha256), sha256);
  assert.equal(selections["constructor"], undefined);
});

test("every cut and every flipped bit of a generation is seen", () => {
  const bytes = encodeGeneration(GENERATION, sha256);
  for (let length = 0; length < bytes.length; length += 1) {
    refuses("generation-unreadable", () => parseGeneration(bytes.subarray(0, length), sha256));
  }
  for (let place = 0; place < bytes.length; place += 1) {
    for (const bit of [1, 4, 32]) {
      const flipped = Uint8Array.from(bytes);
      flipped[place] = (bytes[place] ?? 0) ^ bit;
      refuses("generation-unreadable", () => parseGeneration(flipped, sha256));
    }
  }
});

test("a generation's checksum is that of the rest as canonical JSON spells it, however the record is spelled and whatever it quotes", () => {
  const quoting = { ...GENERATION, reasons: { force: '"checksum":"",' }, channel: "checksum" };
  for (const generation of [GENERATION, quoting]) {
    const bytes = encodeGeneration(generation, sha256);
    const members = JSON.parse(textOf(bytes));
    assert.equal(members.checksum, sha256(canonicalJson(generation)));
    assert.equal(textOf(bytes), textOf(canonicalJson(members)));
    for (const spelled of [bytes, bytesOf(JSON.stringify(members, null, 2))]) {
      assert.deepEqual(canonicalJson(parseGeneration(spelled, sha256)), canonicalJson(generation));
    }
  }
});

test("a generation with a right checksum and wrong members is unreadable all the same", () => {
  for (const change of [{ number: 0 }, { cause: "magic" }, { installations: {} }, { channel: ".." }, { format: 2 }]) {
    const bytes = encodeGeneration({ ...GENERATION, ...change } as unknown as Generation, sha256);
    refuses("generation-unreadable", () => parseGeneration(bytes, sha256));
  }
  const bare = textOf(canonicalJson(GENERATION));
  refuses("generation-unreadable", () => parseGeneration(bytesOf(bare), sha256), "checksum");
});
