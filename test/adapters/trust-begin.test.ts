import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { createTrustKeeper } from "../../src/adapters/tuf/keeper.ts";
import { EngineryError } from "../../src/core/errors.ts";
import type { TrustSet } from "../../src/ports/trust.ts";
import { TrustClient } from "../support/trust-client.ts";
import { encode, newKeys, sha256, TufSimulator } from "../support/tuf-simulator.ts";

function begin(simulator: TufSimulator, root: { bytes: Uint8Array } | { sha256: string }, bases = [simulator.base]) {
  return createTrustKeeper(simulator.fetcher(), nodeDigester).begin({ bases, root });
}

async function refused(promise: Promise<TrustSet>, code: string, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => assert.fail("was taken"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof EngineryError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
}

describe("begin with a file", () => {
  test("believes that root, whatever its version, and asks the network for nothing", async () => {
    const simulator = new TufSimulator();
    const bytes = simulator.publishRoot();
    const set = await begin(simulator, { bytes });
    assert.deepEqual([...set.keys()].sort(), ["2.root.json", "root.json"]);
    assert.deepEqual(simulator.requests, []);
    const { keeper } = await TrustClient.begin(simulator);
    assert.deepEqual(keeper.rootOf(set), { version: 2, sha256: sha256(bytes) });
    assert.deepEqual(keeper.expiries(set), { root: "2031-01-01T00:00:00Z" });
  });

  const garbage: Record<string, Uint8Array> = {
    "an empty file": encode(""),
    "no JSON": encode("hello"),
    "JSON of another kind": encode("{}"),
    "not UTF-8": Uint8Array.of(0x7b, 0xff),
    "too large": encode(`"${"x".repeat(512_000)}"`),
  };
  for (const [name, bytes] of Object.entries(garbage)) {
    test(`${name} is no root`, async () => {
      await refused(begin(new TufSimulator(), { bytes }), "trust-root", /^The file given as trusted root is none: /);
    });
  }

  test("other metadata, an unsigned root and an edited one are none", async () => {
    const simulator = new TufSimulator();
    await refused(begin(simulator, { bytes: simulator.metadata("timestamp.json") }), "trust-root", /_type/);
    await refused(begin(simulator, { bytes: simulator.publishRoot({ signers: [] }) }), "trust-root", /0\/1 keys/);
    const edited = new TextDecoder().decode(simulator.metadata("1.root.json")).replace("2031", "2041");
    await refused(begin(simulator, { bytes: encode(edited) }), "trust-root", /0\/1 keys/);
  });
});

describe("begin with a fingerprint", () => {
  test("of any version of the root, walked from 1", async () => {
    const simulator = new TufSimulator({ rootKeys: 3, rootThreshold: 2 });
    simulator.keys.root = newKeys(2);
    simulator.publishRoot();
    simulator.publishRoot();
    for (const version of [1, 2, 3]) {
      simulator.requests.length = 0;
      const bytes = simulator.metadata(`${version}.root.json`);
      const set = await begin(simulator, { sha256: sha256(bytes) });
      assert.deepEqual(set.get("root.json"), Buffer.from(bytes));
      assert.equal(set.size, version + 1);
      // what comes after the fingerprint is for the refresh to believe
      assert.equal(simulator.requests.length, version);
    }
    const upper = sha256(simulator.metadata("2.root.json")).toUpperCase();
    assert.equal((await begin(simulator, { sha256: upper })).size, 3);
  });

  test("a refresh goes on from it", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.begin(simulator);
    client.known = await begin(simulator, { sha256: sha256(simulator.publishRoot()) });
    simulator.publishRoot();
    await client.refresh();
    assert.deepEqual([...client.known.keys()].filter((file) => file.endsWith("root.json")).sort(), [
      "1.root.json",
      "2.root.json",
      "3.root.json",
      "root.json",
    ]);
  });

  test("that no version has is refused, and says how many were seen", async () => {
    const simulator = new TufSimulator();
    simulator.publishRoot();
    await refused(begin(simulator, { sha256: "0".repeat(64) }), "trust-root", /^None of the 2 versions/);
  });

  test("a version that its predecessor did not sign breaks the walk", async () => {
    const simulator = new TufSimulator();
    simulator.keys.root = newKeys(1);
    const bytes = simulator.publishRoot({ signers: simulator.keys.root });
    await refused(begin(simulator, { sha256: sha256(bytes) }), "trust-signature", /2\.root\.json .*the root before it/);
  });

  test("a version that did not sign itself breaks the walk", async () => {
    const simulator = new TufSimulator();
    const old = simulator.keys.root;
    simulator.keys.root = newKeys(1);
    const bytes = simulator.publishRoot({ signers: old });
    await refused(begin(simulator, { sha256: sha256(bytes) }), "trust-signature", /2\.root\.json .*itself/);
  });

  test("another publisher's repository under the same address is refused", async () => {
    const [expected, found] = [new TufSimulator(), new TufSimulator()];
    await refused(begin(found, { sha256: sha256(expected.metadata("1.root.json")) }), "trust-root", /fingerprint/);
  });

  test("a repository without a root is missing, the next base is asked", async () => {
    const simulator = new TufSimulator();
    const root = { sha256: sha256(simulator.metadata("1.root.json")) };
    assert.equal((await begin(simulator, root, ["https://mirror.test", simulator.base])).size, 2);
    simulator.files.delete("metadata/1.root.json");
    await refused(begin(simulator, root), "missing", /1\.root\.json/);
  });
});

test("a set without a root has no fingerprint", async () => {
  const { keeper } = await TrustClient.begin(new TufSimulator());
  assert.throws(() => keeper.rootOf(new Map()), { code: "trust-format" });
});
