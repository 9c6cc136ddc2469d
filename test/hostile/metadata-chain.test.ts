import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { EngineryError, type ErrorCode } from "../../src/core/errors.ts";
import type { Deployment, Manifest } from "../../src/core/model/manifest.ts";
import { encodeManifest } from "../../src/core/parse-manifest.ts";
import { type AcceptRequest, acceptManifest } from "../../src/ops/accept-manifest.ts";
import type { Fetcher } from "../../src/ports/fetcher.ts";
import { encode, sha256 } from "../support/tuf-simulator.ts";

const HASH = "ab".repeat(32);
const RELEASE = {
  platforms: {
    any: {
      archive: { sha256: HASH, bytes: 1, format: "tar.zst", root: "" },
      pieces: { sha256: HASH, bytes: 1 },
      tree: { sha256: HASH, bytes: 1, digest: HASH, files: 1, unpackedBytes: 1 },
      entries: { toy: { path: "toy", kind: "executable" } },
    },
  },
} as const;

/** A publisher: each manifest names the one before, all are served by their hash. */
class Publisher {
  readonly files = new Map<string, Uint8Array>();
  readonly requests: string[] = [];
  readonly chain: { readonly manifest: Manifest; readonly bytes: Uint8Array; readonly hash: string }[] = [];

  publish(deployments: readonly Deployment[], publishedEpoch: number | null, more: Partial<Manifest> = {}) {
    const last = this.chain.at(-1);
    const manifest: Manifest = {
      format: 1,
      channel: "main",
      serial: (last?.manifest.serial ?? 0) + 1,
      previous: last?.hash ?? null,
      publishedEpoch,
      unit: "epoch",
      engines: {
        toy: {
          rules: { maxFuture: null, maxDeployments: null, alterPending: "allow" },
          deployments,
          releases: Object.fromEntries(deployments.map(({ version }) => [version, RELEASE])),
        },
      },
      ...more,
    };
    const bytes = encodeManifest(manifest);
    const published = { manifest, bytes, hash: sha256(bytes) };
    this.chain.push(published);
    this.files.set(`https://repository.test/manifests/${published.hash}.json`, bytes);
    return published;
  }

  /** Serials 1 to 6: a version each, for every tenth epoch, each published five epochs ahead. */
  static ofSix(): Publisher {
    const publisher = new Publisher();
    const deployments: Deployment[] = [];
    for (let serial = 1; serial <= 6; serial += 1) {
      deployments.push({ version: `${serial}.0.0`, validFrom: serial * 10 });
      publisher.publish([...deployments], serial * 10 - 5);
    }
    return publisher;
  }

  at(serial: number) {
    const found = this.chain[serial - 1];
    assert.ok(found);
    return found;
  }

  path(serial: number, base = "https://repository.test"): string {
    return `${base}/manifests/${this.at(serial).hash}.json`;
  }

  readonly fetcher: Fetcher = {
    open: async (location, options) => {
      this.requests.push(location);
      if (location.startsWith("https://down.test/")) throw new EngineryError("network", "It is down.");
      const bytes = this.files.get(location);
      if (bytes === undefined) throw new EngineryError("missing", `${location} is not there.`);
      if (bytes.length > (options?.maxBytes ?? 0)) throw new EngineryError("length-mismatch", "Too many bytes.");
      return {
        start: 0,
        chunks: (async function* () {
          yield bytes.subarray(0, 10);
          yield bytes.subarray(10);
        })(),
      };
    },
  };

  accept(accepted: number | undefined, offered: number, more: Partial<AcceptRequest> = {}) {
    return acceptManifest(
      { digester: nodeDigester },
      {
        home: undefined,
        fetcher: this.fetcher,
        bases: ["https://repository.test"],
        channel: "main",
        offered: this.at(offered).bytes,
        accepted: accepted === undefined ? undefined : { bytes: this.at(accepted).bytes },
        localEpoch: undefined,
        ...more,
      },
    );
  }

  async refuses(accepted: number | undefined, offered: number, code: ErrorCode, message: RegExp, more = {}) {
    const error = await this.accept(accepted, offered, more).then(
      () => assert.fail(`was taken, and not refused with ${code}`),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof EngineryError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  }
}

describe("the chain of manifests", () => {
  test("a first install takes the newest and fetches none before it", async () => {
    const publisher = Publisher.ofSix();
    const { manifest, chain, late } = await publisher.accept(undefined, 6);
    assert.deepEqual(encodeManifest(manifest), publisher.at(6).bytes);
    assert.deepEqual([chain, late, publisher.requests], [[{ serial: 6, sha256: publisher.at(6).hash }], [], []]);
  });

  test("a first install still refuses a schedule that breaks its own rules", async () => {
    const publisher = new Publisher();
    publisher.publish([], 0);
    await publisher.refuses(undefined, 1, "schedule-empty", /toy has neither/);
  });

  test("the same manifest again is nothing new", async () => {
    const publisher = Publisher.ofSix();
    const { chain, late } = await publisher.accept(6, 6);
    assert.deepEqual([chain, late, publisher.requests], [[], [], []]);
  });

  test("a client that was away for five serials walks them, each at its own epoch", async () => {
    const publisher = Publisher.ofSix();
    const { chain, late } = await publisher.accept(1, 6, { localEpoch: 9 });
    assert.deepEqual(
      chain.map(({ serial }) => serial),
      [2, 3, 4, 5, 6],
    );
    assert.deepEqual(
      publisher.requests,
      [5, 4, 3, 2].map((serial) => publisher.path(serial)),
    );
    assert.deepEqual(late, []);
  });

  test("what began here meanwhile is listed as late, and accepted", async () => {
    const { late } = await Publisher.ofSix().accept(1, 6, { localEpoch: 35 });
    assert.deepEqual(late, [
      { engine: "toy", version: "2.0.0", validFrom: 20, change: "added" },
      { engine: "toy", version: "3.0.0", validFrom: 30, change: "added" },
    ]);
  });

  test("manifests that the home still has are not fetched", async () => {
    const publisher = Publisher.ofSix();
    const kept = new Map([3, 4].map((serial) => [publisher.at(serial).hash, publisher.at(serial).bytes]));
    const home = { manifests: { read: (hash: string) => kept.get(hash) } } as unknown as AcceptRequest["home"];
    await publisher.accept(1, 6, { home });
    assert.deepEqual(publisher.requests, [publisher.path(5), publisher.path(2)]);
  });

  test("each step is judged at the epoch of its own publication, not at that of the newest", async () => {
    const [one, three] = [
      { version: "1.0.0", validFrom: 10 },
      { version: "3.0.0", validFrom: 40 },
    ];
    for (const epoch of [12, 21]) {
      const publisher = new Publisher();
      publisher.publish([one, { version: "2.0.0", validFrom: 20 }], 5);
      publisher.publish([one, { version: "2.0.0", validFrom: 30 }], epoch);
      publisher.publish([one, { version: "2.0.0", validFrom: 30 }, three], 22);
      if (epoch === 12) assert.equal((await publisher.accept(1, 3)).chain.length, 2);
      else await publisher.refuses(1, 3, "schedule-in-effect", /toy@2\.0\.0/);
    }
  });

  test("a middle with a byte changed, gone, or in another's place", async () => {
    const publisher = Publisher.ofSix();
    const sound = publisher.at(3).bytes;
    for (const bytes of [encode(new TextDecoder().decode(sound).replace("epoch", "epocH")), encode(""), undefined]) {
      if (bytes === undefined) publisher.files.delete(publisher.path(3));
      else publisher.files.set(publisher.path(3), bytes);
      await publisher.refuses(1, 6, "trust-chain", new RegExp(`manifest ${publisher.at(3).hash}`));
    }
    publisher.files.set(publisher.path(3), publisher.at(4).bytes);
    await publisher.refuses(1, 6, "trust-chain", /or not as it was/);
    // beyond what was accepted nobody asks
    await publisher.accept(3, 6);
    await publisher.accept(4, 6);
  });

  test("a middle of many megabytes is not read to its end", async () => {
    const publisher = Publisher.ofSix();
    publisher.files.set(publisher.path(3), new Uint8Array(33 * 1024 * 1024));
    await publisher.refuses(1, 6, "trust-chain", /or not as it was/);
  });

  test("a mirror has what the first base lacks, has wrong or cannot give", async () => {
    const mirror = "https://mirror.test";
    const publisher = Publisher.ofSix();
    for (let serial = 2; serial <= 5; serial += 1) {
      publisher.files.set(publisher.path(serial, mirror), publisher.at(serial).bytes);
    }
    publisher.files.delete(publisher.path(2));
    publisher.files.set(publisher.path(3), encode("{}"));
    await publisher.accept(1, 6, { bases: ["https://repository.test", "https://down.test", mirror] });
    // where one is down it may be the one that has it: that is worth another try
    await publisher.refuses(1, 6, "network", /down/, { bases: ["https://repository.test", "https://down.test"] });
  });

  test("another channel's manifest", async () => {
    const publisher = Publisher.ofSix();
    await publisher.refuses(1, 6, "trust-channel", /for the channel main, and not other/, { channel: "other" });
    await publisher.refuses(undefined, 6, "trust-channel", /for the channel main/, { channel: "other" });
  });

  test("another channel's manifest in the middle", async () => {
    const publisher = new Publisher();
    const deployments = [{ version: "1.0.0", validFrom: 10 }];
    publisher.publish(deployments, 1);
    publisher.publish(deployments, 2, { channel: "other" });
    publisher.publish(deployments, 3);
    await publisher.refuses(1, 3, "trust-channel", /other/);
  });

  test("a serial that goes down, or stays with other content", async () => {
    const publisher = Publisher.ofSix();
    await publisher.refuses(6, 5, "trust-rollback", /serial 5 after 6/);
    publisher.publish([{ version: "1.0.0", validFrom: 10 }], 55, { serial: 6 });
    await publisher.refuses(6, 7, "trust-rollback", /another manifest of the serial 6/);
  });

  test("a serial that goes down and up again in the middle", async () => {
    const publisher = new Publisher();
    const deployments = [{ version: "1.0.0", validFrom: 10 }];
    for (const serial of [1, 9, 5, 10]) publisher.publish(deployments, serial, { serial });
    await publisher.refuses(1, 4, "trust-rollback", /serial 5, and 9/);
  });

  test("a chain that does not lead to the accepted manifest", async () => {
    const [publisher, other] = [Publisher.ofSix(), new Publisher()];
    other.publish([{ version: "1.0.0", validFrom: 11 }], 5);
    const accepted = { bytes: other.at(1).bytes };
    await publisher.refuses(undefined, 6, "trust-chain", /Serial 1 says that it is the first/, { accepted });
    const third = { bytes: encodeManifest({ ...publisher.at(3).manifest, unit: "session" }) };
    publisher.requests.length = 0;
    await publisher.refuses(undefined, 6, "trust-chain", /reaches serial 3 and has not met/, { accepted: third });
    assert.deepEqual(publisher.requests.at(-1), publisher.path(3));
    const fresh = new Publisher();
    fresh.publish([{ version: "1.0.0", validFrom: 10 }], 5, { serial: 7 });
    await fresh.refuses(undefined, 1, "trust-chain", /Serial 7 says that it is the first/, { accepted });
  });

  test("a middle that is no manifest, though its hash is right", async () => {
    const publisher = new Publisher();
    const deployments = [{ version: "1.0.0", validFrom: 10 }];
    publisher.publish(deployments, 1);
    const garbage = encode('{"format":2}');
    publisher.files.set(`https://repository.test/manifests/${sha256(garbage)}.json`, garbage);
    publisher.publish(deployments, 3, { serial: 3, previous: sha256(garbage) });
    await publisher.refuses(1, 2, "trust-chain", /The one before serial 3 is unusable/);
  });

  test("more manifests than a client may be behind", async () => {
    const publisher = new Publisher();
    const deployments = [{ version: "1.0.0", validFrom: 10 }];
    for (let serial = 1; serial <= 10_002; serial += 1) publisher.publish(deployments, 1);
    assert.equal((await publisher.accept(1, 10_001)).chain.length, 10_000);
    await publisher.refuses(1, 10_002, "trust-chain", /more than 10000 manifests long/);
  });

  test("an offer that is no manifest", async () => {
    await Publisher.ofSix().refuses(1, 6, "document-invalid", /manifest/, { offered: encode("{}") });
  });
});
