import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { createTrustKeeper } from "../../src/adapters/tuf/keeper.ts";
import { EngineryError } from "../../src/core/errors.ts";
import type { Fetcher } from "../../src/ports/fetcher.ts";
import { TrustClient } from "../support/trust-client.ts";
import { DAY_MS, encode, newKeys, ROLES, TufSimulator } from "../support/tuf-simulator.ts";

describe("refresh", () => {
  test("answers the whole set and the manifest that was signed", async () => {
    const simulator = new TufSimulator({ manifest: encode("the manifest") });
    const client = await TrustClient.begin(simulator);
    const { set, manifest, manifestSha256, expired, refused } = await client.refresh();
    const files = ["1.root.json", "root.json", "snapshot.json", "targets.json", "timestamp.json"];
    assert.deepEqual([...set.keys()].sort(), files);
    assert.deepEqual(set.get("timestamp.json"), Buffer.from(simulator.metadata("timestamp.json")));
    assert.equal(new TextDecoder().decode(manifest), "the manifest");
    assert.equal(manifestSha256, nodeDigester.sha256(manifest));
    assert.deepEqual([expired, refused], [[], []]);
    assert.deepEqual(client.keeper.check(set, "main", manifest), []);
  });

  test("with nothing new fetches the timestamp, the manifest and no other file", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    simulator.requests.length = 0;
    const before = client.known;
    await client.refresh();
    assert.deepEqual(client.known, before);
    const asked = simulator.requests.map((path) => path.replace(/[0-9a-f]{64}/, "HASH"));
    assert.deepEqual(asked, ["metadata/2.root.json", "metadata/timestamp.json", "targets/channels/HASH.main.json"]);
  });

  test("takes what was published meanwhile", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    for (const text of ["second", "third"]) {
      simulator.setManifest(encode(text));
      simulator.publish();
    }
    assert.equal(new TextDecoder().decode((await client.refresh()).manifest), "third");
    assert.deepEqual(
      ROLES.map((role) => client.version(role)),
      [1, 3, 3, 3],
    );
  });

  test("keeps the root that it began with under its version too", async () => {
    const client = await TrustClient.begin(new TufSimulator());
    client.known = new Map([...client.known].filter(([file]) => file === "root.json"));
    const { set } = await client.refresh();
    assert.deepEqual(set.get("1.root.json"), set.get("root.json"));
  });

  test("leaves what it was given as it was", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    const known = new Map(client.known);
    simulator.publishRoot();
    simulator.publish();
    await client.refresh({ known });
    assert.equal(known.has("2.root.json"), false);
    assert.notDeepEqual(client.known.get("timestamp.json"), known.get("timestamp.json"));
  });

  test("works over loopback HTTP as it does in memory", async () => {
    const simulator = new TufSimulator();
    await using server = await simulator.serve();
    const client = await TrustClient.begin(simulator, httpFetcher);
    const { manifest } = await client.refresh({ bases: [server.base] });
    assert.deepEqual(client.keeper.check(client.known, "main", manifest), []);
  });

  test("a channel that is not there is unknown", async () => {
    const client = await TrustClient.begin(new TufSimulator());
    for (const channel of ["other", "constructor", "../main", "__proto__"]) {
      await client.refuses("unknown-channel", /no channel/, { channel });
    }
  });

  test("a repository that is not there is missing, and one without a base is refused", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.begin(simulator);
    await client.refuses("source-refused", /no repository/, { bases: [] });
    simulator.files.clear();
    await client.refuses("missing", /timestamp\.json/);
  });

  test("an equal timestamp version with other bytes is not taken", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    const before = client.known;
    simulator.versions.timestamp -= 1;
    simulator.days.timestamp = 300;
    simulator.publishTimestamp();
    await client.refresh();
    assert.deepEqual(client.known.get("timestamp.json"), before.get("timestamp.json"));
  });
});

describe("the clock is the caller's", () => {
  // every role's end is the first of all once
  for (const role of ROLES) {
    test(`an expired ${role} is refused at its very instant and not a second before`, async () => {
      const simulator = new TufSimulator();
      for (const other of ROLES) simulator.days[other] = other === role ? 10 : 400;
      simulator.publishRoot();
      simulator.publish();
      const client = await TrustClient.begin(simulator);
      const end = simulator.now + 10 * DAY_MS;
      await client.refuses("trust-expired", new RegExp(`^The ${role} expired at 2030-01-11T00:00:00Z`), { now: end });
      await client.refresh({ now: end - 1000 });
      // known now: what was taken in time is refused when its time is over
      await client.refuses("trust-expired", new RegExp(`^The ${role} expired`), { now: end });
      await client.refresh({ now: end - 1000 });
    });
  }

  test("a clock far behind or ahead of the machine's counts alone", async () => {
    for (const year of [1990, 2090]) {
      const simulator = new TufSimulator();
      simulator.now = Date.UTC(year, 5, 1);
      simulator.publishRoot();
      simulator.publish();
      const client = await TrustClient.begin(simulator);
      await client.refresh();
      await client.refuses("trust-expired", /timestamp expired/, { now: simulator.now + 31 * DAY_MS });
    }
  });

  test("an expired root on the way to a fresh one is walked", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    simulator.advance(500);
    await client.refuses("trust-expired", /^The root expired at 2031-01-01T00:00:00Z, and it is 2031-05-16T00:00:00Z/);
    simulator.publishRoot();
    simulator.publish();
    await client.refresh();
    assert.equal(client.version("root"), 2);
  });

  test("an expired timestamp is refused before anything that it names is asked for", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.begin(simulator);
    simulator.advance(31);
    await client.refuses("trust-expired", /timestamp/);
    assert.deepEqual(simulator.requests, ["metadata/2.root.json", "metadata/timestamp.json"]);
  });

  test("allowExpired takes timestamp and snapshot, and says so", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.begin(simulator);
    simulator.advance(30);
    const end = simulator.now;
    assert.deepEqual((await client.refresh({ allowExpired: true, now: end - 1 })).expired, []);
    assert.deepEqual((await client.refresh({ allowExpired: true, now: end })).expired, ["timestamp"]);
    simulator.advance(10);
    assert.deepEqual((await client.refresh({ allowExpired: true })).expired, ["timestamp"]);
    simulator.advance(40);
    assert.deepEqual((await client.refresh({ allowExpired: true })).expired, ["timestamp", "snapshot"]);
    await client.refuses("trust-expired", /timestamp/);
  });

  for (const role of ["root", "targets"] as const) {
    test(`allowExpired does not take an expired ${role}`, async () => {
      const simulator = new TufSimulator();
      simulator.days[role] = 10;
      simulator.publishRoot();
      simulator.publish();
      const client = await TrustClient.begin(simulator);
      simulator.advance(100);
      const error = await client.refuses("trust-expired", new RegExp(`^The ${role} expired`), { allowExpired: true });
      assert.match(error.hint, /timestamp and snapshot alone/);
    });
  }

  test("allowExpired still refuses what is older than was seen", async () => {
    const simulator = new TufSimulator();
    const old = simulator.metadata("timestamp.json");
    simulator.publish();
    const client = await TrustClient.settled(simulator);
    simulator.files.set("metadata/timestamp.json", old);
    await client.refuses("trust-rollback", /version 1/, { allowExpired: true, now: simulator.now + 90 * DAY_MS });
  });
});

describe("change of the root", () => {
  test("2 of 3: accepted with two of the old and two of the new keys", async () => {
    const simulator = new TufSimulator({ rootKeys: 3, rootThreshold: 2 });
    const client = await TrustClient.settled(simulator);
    const [first, second] = simulator.keys.root;
    assert.ok(first && second);
    simulator.keys.root = newKeys(3);
    simulator.publishRoot({ signers: [first, second, ...simulator.keys.root.slice(0, 2)] });
    simulator.publish();
    await client.refresh();
    assert.equal(client.version("root"), 2);
    assert.deepEqual([...client.known.keys()].filter((file) => file.endsWith(".root.json")).sort(), [
      "1.root.json",
      "2.root.json",
    ]);
  });

  test("a root whose every key changed twice is walked step by step", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    for (let step = 0; step < 2; step += 1) {
      for (const role of ROLES) simulator.keys[role] = newKeys(2);
      for (const role of ROLES) simulator.thresholds[role] = 2;
      simulator.publishRoot();
    }
    simulator.publish();
    const { manifest } = await client.refresh();
    assert.equal(client.version("root"), 3);
    assert.deepEqual(client.keeper.check(client.known, "main", manifest), []);
  });

  test("a whole chain of 256 is walked, one more is refused", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    for (let step = 0; step < 256; step += 1) simulator.publishRoot();
    simulator.publish();
    const { known } = client;
    await client.refresh();
    assert.equal(client.version("root"), 257);
    simulator.publishRoot();
    await client.refuses("trust-root", /more than 256 times since version 1/, { known });
  });

  test("fast-forward recovery: new keys for timestamp and snapshot let their versions begin anew", async () => {
    const simulator = new TufSimulator();
    simulator.versions.timestamp = simulator.versions.snapshot = 1_000_000;
    simulator.publish();
    const client = await TrustClient.settled(simulator);
    assert.equal(client.version("snapshot"), 1_000_001);
    simulator.versions.timestamp = simulator.versions.snapshot = 1;
    simulator.publish();
    await client.refuses("trust-rollback", /New timestamp version 2 is less than current version 1000001/);
    simulator.keys.timestamp = newKeys(1);
    simulator.keys.snapshot = newKeys(1);
    simulator.publishRoot();
    simulator.publish();
    await client.refresh();
    assert.deepEqual(
      ROLES.map((role) => client.version(role)),
      [2, 3, 3, 4],
    );
  });
});

describe("mirrors", () => {
  const other = "https://mirror.test";

  test("the next base is asked where one is out of reach, and the first is named", async () => {
    const client = await TrustClient.begin(new TufSimulator());
    const { refused } = await client.refresh({ bases: [other, "https://repository.test"] });
    assert.deepEqual(
      refused?.map(({ base, code }) => [base, code]),
      [[`${other}/`, "network"]],
    );
  });

  test("where all fail, a lie counts more than an outage", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.begin(simulator);
    simulator.publishTimestamp({ signers: newKeys(1) });
    for (const bases of [
      [other, simulator.base],
      [simulator.base, other],
    ]) {
      const error = await client.refuses("trust-signature", /timestamp/, { bases });
      assert.equal(error.context["base"], `${simulator.base}/`);
    }
  });

  test("where all fail, a lie counts more than a channel that is not there, and that more than an outage", async () => {
    const simulator = new TufSimulator();
    const liar = new TufSimulator({ base: other });
    const client = await TrustClient.begin(simulator, either(simulator.fetcher(), liar.fetcher(), other));
    const bases = [simulator.base, other, "https://down.test"];
    for (const order of [bases, bases.toReversed()]) {
      await client.refuses("trust-signature", /timestamp/, { bases: order, channel: "absent" });
    }
    for (const order of [bases.toSpliced(1, 1), bases.toSpliced(1, 1).toReversed()]) {
      await client.refuses("unknown-channel", /absent/, { bases: order, channel: "absent" });
    }
  });

  test("a mirror that lies does not stop an honest one", async () => {
    const [honest, liar] = [new TufSimulator(), new TufSimulator({ base: other })];
    const fetcher = either(honest.fetcher(), liar.fetcher(), other);
    const client = await TrustClient.begin(honest, fetcher);
    const { refused } = await client.refresh({ bases: [other, honest.base] });
    assert.deepEqual(
      refused?.map(({ base, code }) => [base, code]),
      [[`${other}/`, "trust-signature"]],
    );
  });

  test("of a mirror that was refused nothing stays", async () => {
    const honest = new TufSimulator();
    const liar = new TufSimulator({ base: other });
    const client = await TrustClient.begin(honest, either(honest.fetcher(), liar.fetcher(), other));
    // the liar serves a root that is sound, and then metadata that is not
    honest.publishRoot();
    for (const file of ["1.root.json", "2.root.json"]) liar.files.set(`metadata/${file}`, honest.metadata(file));
    honest.files.delete("metadata/2.root.json");
    await client.refresh({ bases: [other, honest.base] });
    assert.equal(client.version("root"), 1);
  });
});

describe("a refresh that dies", () => {
  test("at any of its downloads leaves what was believed, and the next one works", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.settled(simulator);
    simulator.publishRoot();
    simulator.publish();
    const downloads = ["2.root", "3.root", "timestamp", "snapshot", "targets", "manifest"].length;
    for (let dies = 1; dies <= downloads; dies += 1) {
      const fetcher = simulator.fetcher((path, count) => {
        if (count === dies) throw new EngineryError("network", `The line broke at ${path}.`);
      });
      const { known } = client;
      const error = await failure(
        createTrustKeeper(fetcher, nodeDigester).refresh({
          known,
          bases: [simulator.base],
          channel: "main",
          now: simulator.now,
          allowExpired: false,
        }),
      );
      assert.equal(error.code, "network", error.message);
      assert.match(error.message, /The line broke/);
      assert.equal(known.has("2.root.json"), false);
    }
    await client.refresh();
    assert.equal(client.version("root"), 2);
  });

  test("of an error that is not ours is a bug of ours, and no lie of the repository", async () => {
    const simulator = new TufSimulator();
    const client = await TrustClient.begin(
      simulator,
      simulator.fetcher(() => Reflect.get(Object(undefined), "x").y),
    );
    await client.refuses("internal", /The download of 2\.root\.json failed: Cannot read/);
  });

  test("needs no disk: nothing is written, and a folder for temporary files that is not there does not matter", async () => {
    const empty = mkdtempSync(join(tmpdir(), "enginery-trust-"));
    const [folder, before] = [process.cwd(), process.env["TMPDIR"]];
    try {
      process.chdir(empty);
      process.env["TMPDIR"] = "/nonexistent/folder";
      const simulator = new TufSimulator();
      const client = await TrustClient.settled(simulator);
      simulator.publishRoot();
      simulator.publish();
      await client.refresh();
      assert.deepEqual(readdirSync(empty), []);
    } finally {
      process.chdir(folder);
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
      rmSync(empty, { recursive: true });
    }
  });
});

/** The plainest of HTTP clients. */
const httpFetcher: Fetcher = {
  async open(location) {
    const response = await fetch(location);
    if (!response.ok) throw new EngineryError("missing", `${location} is not there.`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return {
      start: 0,
      chunks: (async function* () {
        yield bytes;
      })(),
    };
  },
};

function either(one: Fetcher, other: Fetcher, otherBase: string): Fetcher {
  return { open: (location, options) => (location.startsWith(otherBase) ? other : one).open(location, options) };
}

async function failure(promise: Promise<unknown>): Promise<EngineryError> {
  const error = await promise.then(
    () => assert.fail("did not fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof EngineryError, String(error));
  return error;
}
