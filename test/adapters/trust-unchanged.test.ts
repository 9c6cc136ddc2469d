import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EngineryError } from "../../src/core/errors.ts";
import { TrustClient } from "../support/trust-client.ts";
import { DAY_MS, TufSimulator } from "../support/tuf-simulator.ts";

function nameOf(path: string): string {
  return path.replace(/[0-9a-f]{64}/, "HASH");
}

describe("where nothing has changed", () => {
  test("the set that was given is answered itself, after a look for a next root and at the timestamp", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    const { known } = client;
    const { manifest } = await client.refresh();
    simulator.requests.length = 0;
    const refreshed = await client.refresh({ held: manifest });
    assert.equal(refreshed.set, known);
    assert.deepEqual(refreshed.manifest, manifest);
    assert.deepEqual(simulator.requests, ["metadata/2.root.json", "metadata/timestamp.json"]);
  });

  test("a manifest at hand that is another than the signed one is fetched", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    const { manifest } = await client.refresh();
    const other = Uint8Array.from(manifest);
    other[0] = 0x20;
    for (const held of [other, manifest.subarray(1), new Uint8Array()]) {
      assert.deepEqual((await client.refresh({ held })).manifest, manifest);
    }
  });

  test("the clock counts all the same, for each role, to the instant", async () => {
    const roles = ["timestamp", "snapshot", "targets"] as const;
    for (const role of roles) {
      const simulator = new TufSimulator();
      for (const each of roles) simulator.days[each] = 100;
      simulator.days[role] = 10;
      simulator.publish();
      const client = await TrustClient.settled(simulator);
      const end = simulator.now + 10 * DAY_MS;
      assert.equal((await client.refresh({ now: end - 1 })).set, client.known);
      await client.refuses("trust-expired", new RegExp(role), { now: end });
    }
  });

  test("a known set with any byte of it changed is refused, also right after the sound one was taken", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    const sound = client.known;
    for (const file of ["root.json", "timestamp.json", "snapshot.json", "targets.json"]) {
      const bytes = Uint8Array.from(sound.get(file) ?? new Uint8Array());
      const at = new TextDecoder("latin1").decode(bytes).indexOf('"expires":"2') + '"expires":"'.length;
      bytes[at] = 0x39;
      await client.refresh({ known: sound });
      const refused = client.refresh({ known: new Map([...sound, [file, bytes]]) });
      await assert.rejects(refused, (error) => error instanceof EngineryError && /^trust-/.test(error.code), file);
    }
  });
});

test("where something has changed each file is fetched once", async () => {
  const simulator = new TufSimulator();
  const client = await TrustClient.settled(simulator);
  simulator.publish();
  simulator.requests.length = 0;
  await client.refresh();
  assert.deepEqual(simulator.requests.map(nameOf).sort(), [
    "metadata/2.root.json",
    "metadata/2.snapshot.json",
    "metadata/2.targets.json",
    "metadata/timestamp.json",
    "targets/channels/HASH.main.json",
  ]);
});
