import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineryError, type ErrorCode } from "../../src/core/errors.ts";
import { TrustClient } from "../support/trust-client.ts";
import {
  encode,
  type Forge,
  type Json,
  keyIdOf,
  newKeys,
  ROLES,
  type Role,
  TufSimulator,
} from "../support/tuf-simulator.ts";

// The numbers are those of the list of inputs that were to be refused.

/** Publishes one forged file, all else in order, and expects a settled client to refuse it and a new one too. */
async function refuses(role: Role, forge: Forge, code: ErrorCode, message: RegExp, options = {}): Promise<void> {
  const simulator = new TufSimulator(options);
  const client = await TrustClient.settled(simulator);
  publishForged(simulator, role, forge);
  await client.refuses(code, message);
  await (await TrustClient.begin(simulator)).refuses(code, message);
}

function publishForged(simulator: TufSimulator, role: Role, forge: Forge): void {
  if (role === "root") simulator.publishRoot(forge);
  simulator.publish(role === "root" ? {} : { [role]: forge });
}

for (const role of ROLES) {
  test(`93 unsigned ${role}`, async () => {
    await refuses(role, { signers: [] }, "trust-signature", new RegExp(`${role} was signed by 0/1 keys`));
    const dropped: Forge = { envelope: (document) => Reflect.deleteProperty(document, "signatures") };
    await refuses(role, dropped, "trust-format", /signatures must be a list, and is absent/);
  });

  test(`93 ${role} with the signatures of other keys, or of other bytes`, async () => {
    await refuses(role, { signers: newKeys(2) }, "trust-signature", /0\/1 keys/);
    const edited: Forge = { envelope: ({ signed }) => Object.assign(signed, { expires: "2039-01-01T00:00:00Z" }) };
    await refuses(role, edited, "trust-signature", /0\/1 keys/);
  });

  test(`94 ${role} under its threshold`, async () => {
    const simulator = new TufSimulator();
    simulator.keys[role] = newKeys(3);
    simulator.thresholds[role] = 2;
    // the step to these keys is in order
    simulator.publishRoot();
    simulator.publish();
    const client = await TrustClient.settled(simulator);
    const [first, second] = simulator.keys[role];
    assert.ok(first && second);
    publishForged(simulator, role, { signers: [first] });
    await client.refuses("trust-signature", /1\/2 keys/);
    publishForged(simulator, role, { signers: [first, ...newKeys(1)] });
    await client.refuses("trust-signature", /1\/2 keys/);
  });

  test(`95 ${role} with one signature twice`, async () => {
    const forge: Forge = { envelope: ({ signatures }) => signatures.push({ ...signatures[0] }) };
    await refuses(role, forge, "trust-format", /signatures\[1\]\.keyid must be of a key that has not signed above/);
  });

  test(`99 ${role} that says it is something else`, async () => {
    const other = role === "root" ? "targets" : "root";
    const forge: Forge = { edit: (signed) => Object.assign(signed, { _type: other }) };
    await refuses(role, forge, "trust-format", new RegExp(`signed\\._type must be "${role}", and is "${other}"`));
  });

  test(`120 ${role} with a version that is no whole number from 1`, async () => {
    for (const version of ["1.5", "-1", "0", "1e3", '"7"', "9007199254740992", "null", "true", "[7]", "-0"]) {
      const forge: Forge = { text: (text) => text.replace(/"version":\d+/, `"version":${version}`) };
      await refuses(role, forge, "trust-format", /version must be a whole number|is not strict JSON/);
    }
  });

  test(`expiry of ${role} in a form that is read in two ways`, async () => {
    for (const expires of ["2039-01-01", "2039-01-01T00:00:00", "2039-01-01T00:00:00+01:00", "2039-02-29T00:00:00Z"]) {
      const forge: Forge = { edit: (signed) => Object.assign(signed, { expires }) };
      await refuses(role, forge, "trust-format", /signed\.expires must be an instant like/);
    }
  });

  test(`specification version of ${role}`, async () => {
    for (const spec of ["2.0.0", "1", "1.x", "1.0.0.0", "", 1, undefined]) {
      const forge: Forge = { edit: (signed) => Object.assign(signed, { spec_version: spec }) };
      await refuses(role, forge, "trust-format", /signed\.spec_version must be 1\.x|not strict JSON/);
    }
  });

  test(`${role} that two readers may read differently`, async () => {
    const texts: Record<string, (text: string) => string> = {
      "a member twice": (text) => text.replace('"spec_version"', '"version":9,"spec_version"'),
      "a member twice, spelled differently": (text) =>
        text.replace('"spec_version"', '"ver\\u0073ion":9,"spec_version"'),
      "the envelope twice": (text) => text.replace(/^\{/, '{"signed":{},'),
      "a byte order mark": (text) => `\uFEFF${text}`,
      "something after its end": (text) => `${text}{}`,
      "a member called __proto__": (text) => text.replace('"spec_version"', '"__proto__":{},"spec_version"'),
      "a torn end": (text) => text.slice(0, -1),
      nothing: () => "",
      "too deep": (text) => text.replace('"spec_version"', `"x":${"[".repeat(40)}${"]".repeat(40)},"spec_version"`),
    };
    for (const change of Object.values(texts)) {
      await refuses(role, { text: change }, "trust-format", /is not strict JSON/);
    }
  });

  test(`${role} larger than it may be`, async () => {
    const forge: Forge = { text: (text) => text.replace(/^\{/, `{"x":"${"y".repeat(1_000_000)}",`) };
    await refuses(role, forge, "trust-format", /is larger than the \d+ bytes that are allowed/);
  });
}

test("96 one key id twice in a role", async () => {
  for (const role of ROLES) {
    const forge: Forge = {
      edit: ({ roles }) => {
        roles[role].keyids.push(roles[role].keyids[0]);
        roles[role].threshold = 2;
      },
    };
    await refuses("root", forge, "trust-format", new RegExp(`signed\\.roles\\.${role}\\.keyids must be each once`));
  }
});

test("97 one key under two ids counts once, if at all", async () => {
  const aliases: ((key: Record<string, unknown>) => unknown)[] = [
    (key) => ({ ...key, comment: "the same" }),
    (key) => ({ ...key, keyval: { public: String((key["keyval"] as { public: string }).public).toUpperCase() } }),
    (key) => ({ ...key, keyid_hash_algorithms: ["sha256"] }),
  ];
  for (const alias of aliases) {
    const forge: Forge = {
      edit: ({ keys, roles }) => {
        const [keyid = ""] = roles.root.keyids;
        const other = alias(keys[keyid]);
        const id = keyIdOf(other as Json);
        assert.notEqual(id, keyid);
        keys[id] = other;
        roles.root.keyids.push(id);
        roles.root.threshold = 2;
      },
    };
    await refuses("root", forge, "trust-format", /signed\.keys\[.*must be/);
  }
});

test("97 a key under an id of somebody's choice", async () => {
  const forge: Forge = {
    edit: ({ keys, roles }) => {
      const [keyid = ""] = roles.timestamp.keyids;
      keys["0".repeat(64)] = keys[keyid];
      roles.timestamp.keyids = ["0".repeat(64)];
    },
  };
  await refuses("root", forge, "trust-format", /must be under the id that its content gives/);
});

test("what metadata says is not handed to the terminal", async () => {
  const odd = "\u009b31m\u007f\u202e\u001b";
  const edits: ((signed: Parameters<NonNullable<Forge["edit"]>>[0]) => void)[] = [
    (signed) => Object.assign(signed, { expires: odd }),
    ({ keys }) => Object.assign(keys, { [odd]: {} }),
    ({ roles }) => Object.assign(roles, { [odd]: {} }),
  ];
  for (const edit of edits) {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    publishForged(simulator, "root", { edit });
    const error = await client.refuses("trust-format", /must be/);
    assert.match(error.message, /^[^\p{C}]*$/u);
  }
});

test("98 thresholds that ask for nobody, or for more than there are", async () => {
  for (const role of ROLES) {
    for (const threshold of [0, -1, 0.5, 2, "1", null, undefined]) {
      const forge: Forge = { edit: ({ roles }) => Object.assign(roles[role], { threshold }) };
      await refuses("root", forge, "trust-format", /threshold must be|not strict JSON/);
    }
  }
});

test("keys of other kinds, and roles of keys that are not there", async () => {
  const [stranger] = newKeys(1);
  const edits: ((signed: Parameters<NonNullable<Forge["edit"]>>[0]) => void)[] = [
    ({ keys }) => Object.assign(Object.values<object>(keys)[0] ?? {}, { keytype: "rsa" }),
    ({ keys }) => Object.assign(Object.values<object>(keys)[0] ?? {}, { scheme: "ecdsa-sha2-nistp256" }),
    ({ keys }) => Object.assign(Object.values<object>(keys)[0] ?? {}, { keyval: {} }),
    ({ keys }) => Object.assign(keys, { x: null }),
    ({ roles }) => roles.snapshot.keyids.push(stranger?.keyid),
    ({ roles }) => roles.snapshot.keyids.push("constructor"),
    ({ roles }) => Object.assign(roles.snapshot, { keyids: "all" }),
    (signed) => Object.assign(signed, { consistent_snapshot: false }),
    (signed) => Object.assign(signed, { keys: [] }),
  ];
  for (const edit of edits) await refuses("root", { edit }, "trust-format", /^2\.root\.json: signed\..* must be/);
});

test("100 a version that is not the one of the file's name", async () => {
  for (const role of ["root", "snapshot", "targets"] as const) {
    const simulator = new TufSimulator();
    simulator.publishRoot();
    simulator.publish();
    const client = await TrustClient.settled(simulator);
    publishForged(simulator, role, { edit: (signed) => Object.assign(signed, { version: 2 }) });
    await client.refuses(
      "trust-rollback",
      new RegExp(`3\\.${role}\\.json at .* holds version 2 of ${role}, and not 3`),
    );
    simulator.versions[role] -= 1;
    publishForged(simulator, role, { edit: (signed) => Object.assign(signed, { version: 4 }) });
    await client.refuses("trust-format", new RegExp(`holds version 4 of ${role}, and not 3`));
  }
});

// 101 to 104, expired metadata of each role: test/adapters/trust.test.ts, "the clock is the caller's"

test("105 an older timestamp", async () => {
  const simulator = new TufSimulator();
  const old = simulator.metadata("timestamp.json");
  simulator.publishTimestamp();
  const client = await TrustClient.settled(simulator);
  simulator.files.set("metadata/timestamp.json", old);
  await client.refuses("trust-rollback", /New timestamp version 1 is less than current version 2/);
});

test("106 a newer timestamp of an older snapshot", async () => {
  const simulator = new TufSimulator();
  simulator.publish();
  const client = await TrustClient.settled(simulator);
  simulator.versions.snapshot = 1;
  simulator.publishTimestamp();
  await client.refuses("trust-rollback", /New snapshot version 1 is less than current version 2/);
});

test("107 a newer snapshot of older targets", async () => {
  const simulator = new TufSimulator();
  simulator.publish();
  const client = await TrustClient.settled(simulator);
  simulator.versions.targets = 1;
  simulator.publishSnapshot();
  await client.refuses("trust-rollback", /New version 1 of targets\.json is less than current version 2/);
});

test("107 also where what was seen before has expired meanwhile", async () => {
  const simulator = new TufSimulator();
  simulator.publish();
  const client = await TrustClient.settled(simulator);
  simulator.advance(100);
  simulator.versions.targets = 1;
  simulator.publishSnapshot();
  await client.refuses("trust-rollback", /New version 1 of targets\.json/);
  simulator.versions.snapshot = 1;
  simulator.publishTimestamp();
  await client.refuses("trust-rollback", /New snapshot version 1/);
});

test("108 a root that skips a version", async () => {
  const simulator = new TufSimulator();
  const client = await TrustClient.settled(simulator);
  simulator.publishRoot();
  simulator.files.set("metadata/2.root.json", simulator.publishRoot());
  await client.refuses("trust-format", /2\.root\.json at .* holds version 3 of root, and not 2/);
});

test("108 a root that stays at its version", async () => {
  const simulator = new TufSimulator();
  const client = await TrustClient.settled(simulator);
  simulator.files.set("metadata/2.root.json", simulator.metadata("1.root.json"));
  await client.refuses("trust-rollback", /2\.root\.json at .* holds version 1 of root, and not 2/);
});

test("109 a root without enough of the old keys, or of its own", async () => {
  const simulator = new TufSimulator({ rootKeys: 3, rootThreshold: 2 });
  const client = await TrustClient.settled(simulator);
  const old = simulator.keys.root;
  simulator.keys.root = newKeys(3);
  const own = simulator.keys.root;
  const cases: [number, number, RegExp][] = [
    [0, 3, /2\.root\.json has too few signatures by the keys of the root before it: root was signed by 0\/2 keys/],
    [1, 3, /the root before it: root was signed by 1\/2 keys/],
    [3, 0, /2\.root\.json has too few signatures by the keys of itself: root was signed by 0\/2 keys/],
    [3, 1, /itself: root was signed by 1\/2 keys/],
  ];
  for (const [olds, owns, message] of cases) {
    simulator.versions.root = 1;
    simulator.publishRoot({ signers: [...old.slice(0, olds), ...own.slice(0, owns)] });
    simulator.publish();
    await client.refuses("trust-signature", message);
  }
  simulator.versions.root = 1;
  simulator.publishRoot({ signers: [...old.slice(0, 2), ...own.slice(0, 2)] });
  await client.refresh();
});

test("110 a root that was refused is not kept, nor what comes with it", async () => {
  const simulator = new TufSimulator();
  const client = await TrustClient.settled(simulator);
  const attacker = new TufSimulator();
  attacker.publishRoot();
  attacker.publish();
  const before = new Map(simulator.files);
  for (const [path, bytes] of attacker.files) {
    if (path !== "metadata/1.root.json") simulator.files.set(path, bytes);
  }
  await client.refuses("trust-signature", /2\.root\.json/);
  simulator.files.clear();
  for (const [path, bytes] of before) simulator.files.set(path, bytes);
  await client.refresh();
  assert.equal(client.version("root"), 1);
});

test("111 a snapshot that no longer names targets, or names more", async () => {
  const metas = [{}, undefined, [], { "targets.json": undefined, "x.json": { version: 1 } }];
  for (const meta of metas) {
    const forge: Forge = { edit: (signed) => Object.assign(signed, { meta }) };
    await refuses("snapshot", forge, "trust-format", /signed\.meta must be/);
    await refuses("timestamp", forge, "trust-format", /signed\.meta must be/);
  }
  const more: Forge = { edit: ({ meta }) => Object.assign(meta, { "role1.json": meta["targets.json"] }) };
  await refuses("snapshot", more, "trust-format", /signed\.meta must be about targets\.json alone/);
});

test("112 113 114 delegations, in whatever order and to whomever", async () => {
  const [key] = newKeys(1);
  const role = { name: "r", keyids: [key?.keyid], threshold: 1, terminating: true, paths: ["channels/*"] };
  const delegations = [
    { keys: {}, roles: [] },
    { keys: { [key?.keyid ?? ""]: key?.json }, roles: [role, { ...role, name: "targets" }] },
    { keys: {}, succinct_roles: { bit_length: 8, name_prefix: "x", keyids: [], threshold: 1 } },
    null,
  ];
  for (const value of delegations) {
    const forge: Forge = { edit: (signed) => Object.assign(signed, { delegations: value }) };
    await refuses("targets", forge, "trust-format", /signed\.delegations must be absent/);
  }
});

test("115 a role whose name is a path, or no role of TUF", async () => {
  for (const name of ["../x", "x", "mirrors", "constructor"]) {
    const forge: Forge = { edit: ({ roles }) => Object.assign(roles, { [name]: roles.targets }) };
    await refuses("root", forge, "trust-format", /signed\.roles must be about root, timestamp, snapshot, targets/);
  }
  const less: Forge = { edit: ({ roles }) => Reflect.deleteProperty(roles, "snapshot") };
  await refuses("root", less, "trust-format", /signed\.roles must be about/);
});

test("116 119 targets with paths that lead elsewhere", async () => {
  const paths = [
    "/etc/passwd",
    "../../x",
    "a/../b",
    "a//b",
    "./a",
    "a\\b",
    "C:/x",
    "",
    "a/",
    "constructor",
    "toString",
  ];
  for (const path of [...paths, "a b", "a\u0000b", "x".repeat(600), "https://x.test/", "a?b", "a%2fb"]) {
    const forge: Forge = {
      edit: ({ targets }) => Object.assign(targets, { [path]: { length: 1, hashes: { sha256: "0".repeat(64) } } }),
    };
    await refuses("targets", forge, "trust-format", /a path in signed\.targets must be a plain one/);
  }
});

test("117 a timestamp without an end", async () => {
  const simulator = new TufSimulator();
  let served = 0;
  const endless = simulator.fetcher();
  const client = await TrustClient.begin(simulator, {
    async open(location) {
      if (!location.endsWith("timestamp.json")) return await endless.open(location);
      return {
        start: 0,
        chunks: (async function* () {
          for (; ; served += 1) yield encode(" ".repeat(1024));
        })(),
      };
    },
  });
  await client.refuses("trust-format", /timestamp\.json is larger than the 16384 bytes/);
  assert.equal(served, 16);
});

test("118 files that are named without a hash that counts", async () => {
  const md5 = "d41d8cd98f00b204e9800998ecf8427e";
  const hashes = [{}, undefined, { md5 }, { sha256: "" }, { sha256: md5 }, { sha256: "A".repeat(64) }, { sha256: 1 }];
  const places: [Role, (signed: Parameters<NonNullable<Forge["edit"]>>[0]) => object][] = [
    ["timestamp", ({ meta }) => meta["snapshot.json"]],
    ["snapshot", ({ meta }) => meta["targets.json"]],
    ["targets", ({ targets }) => targets["channels/main.json"]],
  ];
  for (const [role, place] of places) {
    for (const value of [...hashes, { sha256: "0".repeat(64), md5 }]) {
      const forge: Forge = { edit: (signed) => Object.assign(place(signed), { hashes: value }) };
      await refuses(role, forge, "trust-format", /hashes(\.sha256)? must be/);
    }
    for (const length of [undefined, -1, 1.5, "7", null]) {
      const forge: Forge = { edit: (signed) => Object.assign(place(signed), { length }) };
      await refuses(role, forge, "trust-format", /length must be a whole number from 0|not strict JSON/);
    }
  }
});

test("a snapshot, targets or manifest with other bytes than were signed for", async () => {
  const cases = [
    ["metadata/2.snapshot.json", "snapshot"],
    ["metadata/2.targets.json", "targets"],
    ["targets/channels/HASH.main.json", "manifest of main"],
  ] as const;
  for (const [path, what] of cases) {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    const file = path.replace("HASH", simulator.setManifest(encode('{"a":1}')));
    simulator.publish();
    const sound = simulator.files.get(file) ?? encode("");
    const change = (from: string, to: string) =>
      simulator.files.set(file, encode(new TextDecoder().decode(sound).replace(from, to)));
    change("1", "2");
    const other = await client.refresh().then(
      () => assert.fail("was taken"),
      (error: EngineryError) => error,
    );
    assert.match(
      `${other.code} ${other.message}`,
      new RegExp(`^(hash-mismatch|trust-format|trust-rollback) .*${what}`),
    );
    change("{", "{ ");
    await client.refuses("length-mismatch", new RegExp(what));
    change("}", "");
    await client.refuses(what === "manifest of main" ? "length-mismatch" : "trust-format", new RegExp(what));
    simulator.files.set(file, sound);
    await client.refresh();
  }
});

test("mix and match: parts of two publications, each signed", async () => {
  const simulator = new TufSimulator();
  const client = await TrustClient.settled(simulator);
  const first = new Map(simulator.files);
  simulator.setManifest(encode("second"));
  simulator.publish();
  const second = new Map(simulator.files);
  for (const name of ["snapshot", "targets"]) {
    simulator.files.set(`metadata/2.${name}.json`, first.get(`metadata/1.${name}.json`) ?? encode(""));
    await client.refuses("trust-rollback", new RegExp(`holds version 1 of ${name}, and not 2`));
    simulator.files.set(`metadata/2.${name}.json`, second.get(`metadata/2.${name}.json`) ?? encode(""));
  }
  // the same version signed twice, with other content
  simulator.versions.snapshot -= 1;
  simulator.days.snapshot = 50;
  const timestamp = simulator.metadata("timestamp.json");
  simulator.publishSnapshot();
  simulator.files.set("metadata/timestamp.json", timestamp);
  await client.refuses("hash-mismatch", /snapshot \(version 2\) is not the one that was signed for/);
});

test("a snapshot that was signed anew under its version: the known one is not what is signed for now", async () => {
  const simulator = new TufSimulator();
  const client = await TrustClient.settled(simulator);
  // tuf-js keeps the snapshot that it has where the version is the same, and looks at no hash then
  simulator.versions.snapshot -= 1;
  simulator.days.snapshot = 50;
  simulator.publishSnapshot();
  await client.refuses("trust-format", /snapshot\.json \(version 1\) is not what timestamp\.json says it is/);
});

test("a manifest that is signed as larger than any may be is not asked for", async () => {
  const simulator = new TufSimulator();
  const client = await TrustClient.settled(simulator);
  simulator.publish({
    targets: {
      edit: ({ targets }) => Object.assign(targets["channels/main.json"], { length: 32 * 1024 * 1024 + 1 }),
    },
  });
  simulator.requests.length = 0;
  await client.refuses("trust-format", /signed as 33554433 bytes, which is too many/);
  assert.ok(simulator.requests.every((path) => path.startsWith("metadata/")));
});

test("freeze: an old timestamp served for ever is refused when its time is over", async () => {
  const simulator = new TufSimulator();
  const client = await TrustClient.settled(simulator);
  const frozen = new Map(simulator.files);
  simulator.advance(20);
  simulator.publish();
  simulator.files.clear();
  for (const [path, bytes] of frozen) simulator.files.set(path, bytes);
  await client.refresh();
  simulator.advance(10);
  await client.refuses("trust-expired", /^The timestamp expired at 2030-01-31T00:00:00Z/);
});

test("a home's own set that was torn or changed is refused aloud, never silently fetched anew", async () => {
  for (const file of ["root.json", "1.root.json", "timestamp.json", "snapshot.json", "targets.json"]) {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    const sound = client.known.get(file) ?? encode("");
    const flipped = encode(new TextDecoder().decode(sound).replace(/"sig":"./, '"sig":"x'));
    for (const bytes of [encode(""), sound.subarray(0, sound.length / 2), flipped]) {
      client.known = new Map(client.known).set(file, bytes);
      await client.refuses("trust-format", /^The trust set that this home believes is damaged: /);
    }
  }
});

test("a home's own set whose timestamp is gone is refused: it remembers what was seen", async () => {
  const client = await TrustClient.settled(new TufSimulator());
  const known = new Map(client.known);
  known.delete("timestamp.json");
  await client.refuses("trust-format", /timestamp\.json is not there, and snapshot\.json is/, { known });
});

test("every refusal says what to do", async () => {
  const simulator = new TufSimulator();
  const client = await TrustClient.settled(simulator);
  simulator.publishTimestamp({ signers: [] });
  const error = await client.refuses("trust-signature", /version 2/);
  assert.ok(error instanceof EngineryError && error.hint.length > 0);
  assert.deepEqual(error.context, { role: "timestamp", seen: 1, offered: 2, base: `${simulator.base}/` });
});
