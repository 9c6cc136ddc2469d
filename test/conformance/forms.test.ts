import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, test } from "node:test";
import { SPECIFICATION_POLICY } from "../../src/adapters/tuf/conformance.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { parseJson } from "../../src/core/json.ts";
import { CHANNEL_POLICY, type MetadataPolicy } from "../../src/core/metadata-policy.ts";
import { checkMetadata, type MetadataRole } from "../../src/core/metadata-rules.ts";
import {
  encode,
  type Forge,
  type Json,
  keyIdOf,
  newKeys,
  seal,
  sha256,
  TufSimulator,
} from "../support/tuf-simulator.ts";
import { Scene } from "./support/scene.ts";

const ROLES = ["root", "timestamp", "snapshot", "targets"] as const;
const POLICIES = { "a channel's": CHANNEL_POLICY, "TUF's": SPECIFICATION_POLICY } as const;
const simulator = new TufSimulator();

/** Why `policy` refuses the form of a role's file; undefined where it takes it. */
function refusal(policy: MetadataPolicy, role: MetadataRole, forge: Forge = {}): string | undefined {
  const file = role === "timestamp" ? "timestamp.json" : `1.${role}.json`;
  const { signed } = JSON.parse(new TextDecoder().decode(simulator.metadata(file)));
  const bytes = seal(signed, { signers: simulator.keys[role], ...forge });
  try {
    checkMetadata(role, parseJson(bytes, role), role, (text) => sha256(encode(text)), policy);
    return undefined;
  } catch (error) {
    assert.ok(isEngineryError(error), String(error));
    return error.message;
  }
}

function fileOf(signed: Json): Json {
  return Object.values<Json>(signed["meta"] ?? signed["targets"])[0] ?? {};
}

const BOTH_REFUSE: readonly [string, MetadataRole, Forge, RegExp][] = [
  ...ROLES.map((role): [string, MetadataRole, Forge, RegExp] => [
    "a member twice",
    role,
    { text: (text) => text.replace('"version":1', '"version":1,"version":1') },
    /there twice/,
  ]),
  ...ROLES.map((role): [string, MetadataRole, Forge, RegExp] => [
    "a fraction as version",
    role,
    { text: (text) => text.replace(/"version":1(?=,"expires")/, '"version":1.5') },
    /not a safe integer/,
  ]),
  ...ROLES.map((role): [string, MetadataRole, Forge, RegExp] => [
    "1.0 as version",
    role,
    { text: (text) => text.replace(/"version":1(?=,"expires")/, '"version":1.0') },
    /not a safe integer/,
  ]),
  ...ROLES.map((role): [string, MetadataRole, Forge, RegExp] => [
    "an expiry with a fraction",
    role,
    { edit: (signed) => Object.assign(signed, { expires: "2031-01-01T00:00:00.5Z" }) },
    /expires must be an instant/,
  ]),
  ...ROLES.map((role): [string, MetadataRole, Forge, RegExp] => [
    "one key's signature twice",
    role,
    { envelope: ({ signatures }) => signatures.push({ ...signatures[0] }) },
    /a key that has not signed above/,
  ]),
  [
    "an exponent",
    "timestamp",
    { text: (text) => text.replace('"length":', '"length":1e1,"x":') },
    /not a safe integer/,
  ],
  [
    "a length below 0",
    "targets",
    { edit: (signed) => Object.assign(fileOf(signed), { length: -1 }) },
    /\.length must be/,
  ],
  ...(["timestamp", "snapshot", "targets"] as const).map((role): [string, MetadataRole, Forge, RegExp] => [
    "hashes: {}",
    role,
    { edit: (signed) => Object.assign(fileOf(signed), { hashes: {} }) },
    /\.hashes\.sha256 must be 64/,
  ]),
  ...(["timestamp", "snapshot", "targets"] as const).map((role): [string, MetadataRole, Forge, RegExp] => [
    "md5 beside sha256",
    role,
    { edit: (signed) => Object.assign(fileOf(signed)["hashes"], { md5: "0".repeat(32) }) },
    /alone/,
  ]),
  ["threshold 0", "root", { edit: ({ roles }) => Object.assign(roles.root, { threshold: 0 }) }, /whole number from 1/],
  [
    "a keyid twice in a role",
    "root",
    { edit: ({ roles }) => roles.timestamp.keyids.push(roles.timestamp.keyids[0]) },
    /each once/,
  ],
  [
    "a key under another id",
    "root",
    {
      edit: ({ keys, roles }) => {
        keys["0".repeat(64)] = keys[roles.root.keyids[0]];
        roles.root.keyids.push("0".repeat(64));
      },
    },
    /under the id that its content gives/,
  ],
  [
    "targets called constructor",
    "targets",
    { edit: ({ targets }) => Object.assign(targets, { constructor: {} }) },
    /plain/,
  ],
  ["targets called ../x", "targets", { edit: ({ targets }) => Object.assign(targets, { "../x": {} }) }, /plain/],
];

describe("whatever the policy", () => {
  for (const [what, role, forge, message] of BOTH_REFUSE) {
    for (const [whose, policy] of Object.entries(POLICIES)) {
      test(`${whose} refuses ${what} in ${role}`, () => {
        assert.equal(refusal(policy, role), undefined);
        assert.match(refusal(policy, role, forge) ?? "(taken)", message);
      });
    }
  }
});

const CHANNEL_ALONE_REFUSES: readonly [string, MetadataRole, Forge][] = [
  ["plain snapshots", "root", { edit: (signed) => Object.assign(signed, { consistent_snapshot: false }) }],
  ["more signatures wanted than keys", "root", { edit: ({ roles }) => Object.assign(roles.root, { threshold: 2 }) }],
  ["an ECDSA key", "root", { edit: (signed) => addKey(signed, keyJson(ecdsa(), "pem")) }],
  ["an RSA key", "root", { edit: (signed) => addKey(signed, rsaJson()) }],
  ["delegations", "targets", { edit: (signed) => Object.assign(signed, { delegations: { keys: {}, roles: [] } }) }],
  ["more than targets", "snapshot", { edit: ({ meta }) => Object.assign(meta, { "more.json": { version: 1 } }) }],
  ["a version alone", "timestamp", { edit: ({ meta }) => Object.assign(meta, { "snapshot.json": { version: 1 } }) }],
  [
    "sha512 alone",
    "targets",
    { edit: (signed) => Object.assign(fileOf(signed), { hashes: { sha512: "0".repeat(128) } }) },
  ],
  [
    "an empty signature",
    "timestamp",
    { envelope: ({ signatures }) => Object.assign(signatures[0] ?? {}, { sig: "" }) },
  ],
];

describe("the channel's policy is what operators get", () => {
  for (const [what, role, forge] of CHANNEL_ALONE_REFUSES) {
    test(`it refuses ${what} in ${role}, which TUF allows`, () => {
      assert.notEqual(refusal(CHANNEL_POLICY, role, forge), undefined);
      assert.equal(refusal(SPECIFICATION_POLICY, role, forge), undefined);
    });
  }

  test("it is the one that rules have by themselves", () => {
    const { signed } = JSON.parse(new TextDecoder().decode(simulator.metadata("1.root.json")));
    const bytes = seal({ ...signed, consistent_snapshot: false }, { signers: simulator.keys.root });
    assert.throws(() => checkMetadata("root", parseJson(bytes, "root"), "root", (text) => sha256(encode(text))));
  });
});

describe("one key in two spellings, each under its true id, counts once", () => {
  const elliptic = ecdsa();
  const [plain] = newKeys(1);
  const spellings: readonly [string, Json, Json][] = [
    ["a member more", plain?.json ?? {}, { ...plain?.json, "x-note": 1 }],
    ["PEM and hex", keyJson(elliptic, "pem"), keyJson(elliptic, "uncompressed")],
    ["hex of one coordinate and of two", keyJson(elliptic, "compressed"), keyJson(elliptic, "uncompressed")],
    [
      "two names of its type",
      keyJson(elliptic, "pem"),
      { ...keyJson(elliptic, "pem"), keytype: "ecdsa-sha2-nistp256" },
    ],
    ["PEM with another end of line", keyJson(elliptic, "pem"), withPem(elliptic, (pem) => `${pem}\n`)],
  ];
  for (const [what, one, other] of spellings) {
    test(what, () => {
      const forge: Forge = {
        edit: (signed) => {
          addKey(signed, one);
          addKey(signed, other);
        },
      };
      assert.match(refusal(SPECIFICATION_POLICY, "root", forge) ?? "(taken)", /of different keys/);
      const alone: Forge = { edit: (signed) => addKey(signed, one) };
      assert.equal(refusal(SPECIFICATION_POLICY, "root", alone), undefined);
    });
  }
});

test("what is no key of a known kind is refused", () => {
  const elliptic = ecdsa();
  for (const key of [
    { ...keyJson(elliptic, "pem"), scheme: "ecdsa-sha2-nistp384" },
    { ...keyJson(elliptic, "pem"), keytype: "rsa", scheme: "rsassa-pss-sha256" },
    { ...keyJson(elliptic, "pem"), scheme: "rsa-pkcs1v15-sha256" },
    { ...keyJson(elliptic, "pem"), keyval: { public: "04ff" } },
    { ...keyJson(elliptic, "pem"), keyval: { public: 7 } },
    rsaJson(1024),
  ]) {
    const forge: Forge = { edit: (signed) => addKey(signed, key) };
    assert.match(refusal(SPECIFICATION_POLICY, "root", forge) ?? "(taken)", /a key of a known type/);
  }
});

test("the client keeps what it had when a file of each role breaks its form, and goes on when it is mended", async () => {
  for (const role of ["timestamp", "snapshot", "targets"] as const) {
    const repository = new TufSimulator();
    using scene = Scene.begun(repository);
    await scene.refresh();
    repository.publish({ [role]: { text: (text: string) => text.replace('"_type"', '"_type":"x","_type"') } });
    await scene.refuses(scene.refresh(), "trust-format", /there twice/);
    const { "timestamp.json": timestamp, "snapshot.json": snapshot, "targets.json": targets } = scene.versions();
    // TUF keeps each step that it took
    assert.deepEqual(
      [timestamp, snapshot, targets],
      { timestamp: [1, 1, 1], snapshot: [2, 1, 1], targets: [2, 2, 1] }[role],
    );
    repository.publish();
    await scene.refresh();
    assert.deepEqual(Object.values(scene.versions()), [1, 3, 3, 3]);
  }
});

function ecdsa(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
}

function keyJson(key: KeyObject, spelling: "pem" | "compressed" | "uncompressed"): Json {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  const hex = `04${Buffer.from(x, "base64url").toString("hex")}${Buffer.from(y, "base64url").toString("hex")}`;
  if (spelling === "pem") return withPem(key, (pem) => pem);
  const point = spelling === "uncompressed" ? hex : compressed(hex);
  return { keytype: "ecdsa", scheme: "ecdsa-sha2-nistp256", keyval: { public: point } };
}

function compressed(hex: string): string {
  const half = (hex.length - 2) / 2;
  const odd = Number.parseInt(hex.at(-1) ?? "0", 16) % 2;
  return `0${2 + odd}${hex.slice(2, 2 + half)}`;
}

function withPem(key: KeyObject, edit: (pem: string) => string): Json {
  const pem = edit(key.export({ format: "pem", type: "spki" }).toString());
  return { keytype: "ecdsa", scheme: "ecdsa-sha2-nistp256", keyval: { public: pem } };
}

function rsaJson(modulusLength = 2048): Json {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength });
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  return { keytype: "rsa", scheme: "rsassa-pss-sha256", keyval: { public: pem } };
}

/** Canonical JSON keeps line ends as they are, unlike the simulator's enough-for-plain-texts one. */
function addKey({ keys, roles }: Json, key: Json): void {
  const keyid = trueId(key);
  keys[keyid] = key;
  roles.root.keyids.push(keyid);
}

function trueId(key: Json): string {
  const text = String(key["keyval"].public);
  if (!text.includes("\n")) return keyIdOf(key);
  const { keytype, scheme } = key;
  return sha256(encode(`{"keytype":"${keytype}","keyval":{"public":"${text}"},"scheme":"${scheme}"}`));
}
