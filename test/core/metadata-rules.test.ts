import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { EngineryError } from "../../src/core/errors.ts";
import { type JsonValue, parseJson } from "../../src/core/json.ts";
import {
  type CheckedMetadata,
  checkMetadata,
  METADATA_ROLES,
  type MetadataRole,
} from "../../src/core/metadata-rules.ts";
import { encode, type Json, keyIdOf, sha256, TufSimulator } from "../support/tuf-simulator.ts";

const simulator = new TufSimulator();
const SOUND: Record<MetadataRole, JsonValue> = {
  root: parse("1.root.json"),
  timestamp: parse("timestamp.json"),
  snapshot: parse("1.snapshot.json"),
  targets: parse("1.targets.json"),
};

function parse(name: string): JsonValue {
  return parseJson(simulator.metadata(name), name);
}

function check(role: MetadataRole, document: JsonValue): CheckedMetadata {
  return checkMetadata(role, document, `${role}.json`, (text) => sha256(encode(text)));
}

/** Whether it is taken; that it was refused with `trust-format` and one sentence is asserted here. */
function takes(role: MetadataRole, document: JsonValue): boolean {
  try {
    check(role, document);
    return true;
  } catch (error) {
    assert.ok(error instanceof EngineryError, String(error));
    assert.equal(error.code, "trust-format");
    assert.match(error.message, /\.json: .* must be .*, and is .*\.$/s);
    assert.equal(error.context["file"], `${role}.json`);
    return false;
  }
}

function expiring(role: MetadataRole, expires: string): JsonValue {
  return edited(role, ({ signed }) => Object.assign(signed, { expires }));
}

describe("checkMetadata", () => {
  test("answers what a sound file says", () => {
    assert.deepEqual(check("root", SOUND.root), {
      role: "root",
      version: 1,
      expires: "2031-01-01T00:00:00Z",
      files: new Map(),
      versions: new Map(),
    });
    const { files } = check("timestamp", SOUND.timestamp);
    const bytes = simulator.metadata("1.snapshot.json");
    assert.deepEqual([...files], [["snapshot.json", { version: 1, length: bytes.length, sha256: sha256(bytes) }]]);
    assert.deepEqual([...check("targets", SOUND.targets).files.keys()], ["channels/main.json"]);
  });

  test("takes a role's file for that role alone", () => {
    for (const role of METADATA_ROLES) {
      for (const other of METADATA_ROLES) assert.equal(takes(role, SOUND[other]), role === other);
    }
  });

  test("refuses whatever JSON it is given, and throws nothing else", () => {
    fc.assert(
      fc.property(fc.constantFrom(...METADATA_ROLES), fc.jsonValue(), (role, value) => {
        assert.equal(takes(role, value as JsonValue), false);
        const signed = (SOUND[role] as Record<string, JsonValue>)["signed"] ?? null;
        assert.equal(takes(role, { signed: value, signatures: [] } as JsonValue), false);
        takes(role, { signed, signatures: value } as JsonValue);
      }),
    );
  });

  test("any one member replaced is taken or refused, and never another error", () => {
    fc.assert(
      fc.property(fc.constantFrom(...METADATA_ROLES), fc.nat(), fc.jsonValue(), (role, at, value) => {
        const document = structuredClone(SOUND[role]) as JsonValue;
        const places = placesOf(document);
        const place = places[at % places.length];
        if (place !== undefined) place.owner[place.name] = value as JsonValue;
        takes(role, document);
      }),
      { numRuns: 1000 },
    );
  });

  test("takes every second that there is, and no other", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }), (date) => {
        assert.equal(takes("root", expiring("root", `${date.toISOString().slice(0, 19)}Z`)), true);
      }),
    );
    const days = ["2030-02-29", "2100-02-29", "2030-04-31", "2030-00-10", "2030-13-01", "2030-01-00", "2030-01-32"];
    for (const day of days) assert.equal(takes("root", expiring("root", `${day}T00:00:00Z`)), false, day);
    for (const day of ["2028-02-29", "2000-02-29", "2400-02-29"]) {
      assert.equal(takes("root", expiring("root", `${day}T00:00:00Z`)), true, day);
    }
    for (const time of ["24:00:00", "23:60:00", "23:59:60", "1:00:00", "00:00:00.0", "00:00"]) {
      assert.equal(takes("root", expiring("root", `2030-01-01T${time}Z`)), false, time);
    }
  });
});

describe("each rule by itself", () => {
  test("a key under the id that its content gives is still only an ed25519 point in one spelling", () => {
    const key = { keytype: "ed25519", scheme: "ed25519", keyval: { public: "ab".repeat(32) } };
    const others: Json[] = [
      { ...key, keyval: { public: "AB".repeat(32) } },
      { ...key, keyval: { public: "ab".repeat(31) } },
      { ...key, keyval: { public: "xy".repeat(32) } },
      { ...key, keyval: { public: "ab".repeat(32), private: "" } },
      { ...key, keyval: {} },
      { ...key, keytype: "rsa" },
      { ...key, scheme: "ed25519ph" },
      { ...key, comment: "" },
    ];
    const withKey = (id: string, value: Json) =>
      edited("root", ({ signed }) => Object.assign(signed.keys, { [id]: value }));
    assert.equal(takes("root", withKey(keyIdOf(key), key)), true);
    for (const other of others) {
      assert.equal(takes("root", withKey(keyIdOf(other), other)), false);
      assert.equal(takes("root", withKey(keyIdOf(key), other)), false);
    }
  });

  test("roles are those four by name, not by number", () => {
    const renamed = edited("root", ({ signed }) => {
      signed.roles.mirrors = signed.roles.snapshot;
      delete signed.roles.snapshot;
    });
    assert.throws(() => check("root", renamed), /signed\.roles must be about root, timestamp, snapshot, targets/);
  });

  test("a signature names a key and is one of ed25519", () => {
    const signature = { keyid: "0".repeat(64), sig: "0".repeat(128) };
    const withSignature = (value: Json) => edited("timestamp", (document) => document["signatures"].push(value));
    assert.equal(takes("timestamp", withSignature(signature)), true);
    for (const keyid of ["", "x".repeat(64), "A".repeat(64), "0".repeat(63), 1, undefined]) {
      assert.equal(takes("timestamp", withSignature({ ...signature, keyid })), false);
    }
    for (const sig of ["", "x".repeat(128), "A".repeat(128), "0".repeat(130), null, undefined]) {
      assert.equal(takes("timestamp", withSignature({ ...signature, sig })), false);
    }
  });

  test("sha512 may stand beside sha256, if it is one", () => {
    const withHash = (sha512: unknown) =>
      edited("snapshot", ({ signed }) => Object.assign(signed.meta["targets.json"].hashes, { sha512 }));
    assert.equal(takes("snapshot", withHash("a".repeat(128))), true);
    for (const sha512 of ["", "a".repeat(127), "G".repeat(128), null, 1]) {
      assert.equal(takes("snapshot", withHash(sha512)), false);
    }
  });
});

function edited(role: MetadataRole, edit: (document: Json) => void): JsonValue {
  const document = structuredClone(SOUND[role]) as Json;
  edit(document);
  return document as JsonValue;
}

interface Place {
  readonly owner: Record<string, JsonValue>;
  readonly name: string;
}

function placesOf(value: JsonValue): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const owner = value as Record<string, JsonValue>;
  return Object.keys(owner).flatMap((name) => [{ owner, name }, ...placesOf(owner[name] ?? null)]);
}
