import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TrustSet } from "../../src/ports/trust.ts";
import { TrustClient } from "../support/trust-client.ts";
import { encode, type Json, newKeys, sha256, TufSimulator } from "../support/tuf-simulator.ts";

/** A client that has walked two roots, and the manifest it accepted. */
async function settled() {
  const simulator = new TufSimulator({ rootKeys: 2, rootThreshold: 2 });
  const client = await TrustClient.begin(simulator);
  const oldKeys = simulator.keys.root;
  simulator.keys.root = newKeys(1);
  simulator.thresholds.root = 1;
  simulator.publishRoot();
  const { manifest, set } = await client.refresh();
  const check = (changed: TrustSet, bytes = manifest, channel = "main") =>
    client.keeper.check(changed, channel, bytes).map(({ file, code }) => `${file} ${code}`);
  return { simulator, client, manifest, oldKeys, set, check };
}

function flip(bytes: Uint8Array | undefined, at: (text: string) => number): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const index = at(text);
  assert.ok(index >= 0);
  const digit = text[index] === "0" ? "1" : "0";
  return encode(text.slice(0, index) + digit + text.slice(index + 1));
}

const inSignature = (text: string) => text.indexOf('"sig":"') + 10;

describe("check", () => {
  test("finds nothing wrong with what was committed, long after it expired", async () => {
    const { simulator, check, set } = await settled();
    simulator.advance(5000);
    assert.deepEqual(check(set), []);
  });

  for (const file of ["1.root.json", "timestamp.json", "snapshot.json", "targets.json"]) {
    test(`names ${file} where one digit of its signature flipped`, async () => {
      const { check, set } = await settled();
      assert.deepEqual(check(new Map(set).set(file, flip(set.get(file), inSignature))), [`${file} trust-signature`]);
    });

    test(`names ${file} where one digit of its version flipped`, async () => {
      const { check, set } = await settled();
      const changed = flip(set.get(file), (text) => text.indexOf('"expires":"') + 12);
      assert.match(check(new Map(set).set(file, changed))[0] ?? "", new RegExp(`^${file} trust-`));
    });

    test(`names ${file} where it was cut short or emptied`, async () => {
      const { check, set } = await settled();
      for (const bytes of [encode(""), (set.get(file) ?? encode("")).subarray(0, 100)]) {
        assert.ok(check(new Map(set).set(file, bytes)).includes(`${file} trust-format`));
      }
    });
  }

  test("names what is missing", async () => {
    const { check, set } = await settled();
    for (const file of ["root.json", "timestamp.json", "snapshot.json", "targets.json"]) {
      const less = new Map(set);
      less.delete(file);
      assert.ok(check(less).includes(`${file} trust-format`), file);
    }
  });

  test("a root in root.json that is not the newest of the chain, a gap, and a newer one beside it", async () => {
    const { check, set, simulator } = await settled();
    const first = set.get("1.root.json") ?? encode("");
    const third = simulator.publishRoot();
    const fourth = simulator.publishRoot();
    assert.deepEqual(check(new Map(set).set("root.json", first)), ["2.root.json trust-format"]);
    const gap = new Map(set).set("root.json", fourth).set("4.root.json", fourth);
    assert.deepEqual(check(gap), ["3.root.json trust-format"]);
    assert.deepEqual(check(new Map(set).set("2.root.json", third)), ["2.root.json trust-format"]);
  });

  test("names what belongs to no set", async () => {
    const { check, set } = await settled();
    for (const file of ["mirrors.json", "1.snapshot.json", "../root.json", "0.root.json"]) {
      assert.deepEqual(check(new Map(set).set(file, encode("{}"))), [`${file} trust-format`]);
    }
  });

  test("files that are sound each, of different publications, do not make a set", async () => {
    const { check, client, set, simulator } = await settled();
    simulator.publish();
    const { set: later, manifest } = await client.refresh();
    for (const file of ["snapshot.json", "targets.json"]) {
      const mixed = new Map(later).set(file, set.get(file) ?? encode(""));
      assert.deepEqual(check(mixed, manifest), [`${file} trust-format`]);
    }
  });

  test("a file that is not as long, as new or what the one before it says", async () => {
    const edits: ((meta: Json) => object)[] = [
      (meta) => Object.assign(meta, { length: meta["length"] + 1 }),
      (meta) => Object.assign(meta, { version: meta["version"] + 1 }),
      (meta) => Object.assign(meta["hashes"], { sha256: "0".repeat(64) }),
    ];
    for (const [role, named] of [
      ["timestamp", "snapshot.json"],
      ["snapshot", "targets.json"],
    ] as const) {
      for (const edit of edits) {
        const { check, set, simulator } = await settled();
        simulator.publish({ [role]: { edit: ({ meta }: Json) => edit(meta[named]) } });
        const forged = new Map(set)
          .set("timestamp.json", simulator.metadata("timestamp.json"))
          .set("snapshot.json", simulator.metadata("2.snapshot.json"))
          .set("targets.json", simulator.metadata("2.targets.json"));
        assert.deepEqual(check(forged), [`${named} trust-format`]);
      }
    }
  });

  test("a root that was signed twice under one version is one of the two", async () => {
    const { check, oldKeys, set, simulator } = await settled();
    simulator.versions.root = 1;
    simulator.days.root = 300;
    const other = simulator.publishRoot({ signers: [...oldKeys, ...simulator.keys.root] });
    assert.equal(check(new Map(set).set("root.json", other))[0], "2.root.json trust-format");
  });

  test("another manifest, and another channel", async () => {
    const { check, manifest, set } = await settled();
    assert.deepEqual(check(set, encode(`${new TextDecoder().decode(manifest)} `)), [
      "channels/main.json trust-signature",
    ]);
    assert.deepEqual(check(set, manifest, "other"), ["channels/other.json trust-channel"]);
  });
});

test("expiries and fingerprint are those of the set", async () => {
  const { client, set, simulator } = await settled();
  assert.deepEqual(client.keeper.expiries(set), {
    root: "2031-01-01T00:00:00Z",
    timestamp: "2030-01-31T00:00:00Z",
    snapshot: "2030-03-02T00:00:00Z",
    targets: "2031-01-01T00:00:00Z",
  });
  assert.deepEqual(client.keeper.rootOf(set), { version: 2, sha256: sha256(simulator.metadata("2.root.json")) });
});
