import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Manifest } from "../../src/core/model/manifest.ts";
import { answer, enginery, jsonOf, sound, told } from "./support/command.ts";
import { contentOf } from "./support/folders.ts";
import { flipBit, keyFiles, readMetadata, resigned, sha256, writeMetadata } from "./support/forge.ts";
import type { Begun } from "./support/publisher.ts";
import { Toy } from "./support/toy.ts";

const FOLDERS = { archive: "archives", tree: "trees", pieces: "pieces" } as const;
/** What may differ after a refusal: disposable at any time. */
const DISPOSABLE = /^(cache|staging)(\/|$)/;

describe("what a repository may not do to a home", () => {
  const messages = new Map<string, string>();
  let toy: Toy;
  let begun: Begun;
  /** Follows the channel at its first serial. */
  let home: string;

  before(async () => {
    toy = await Toy.start();
    begun = await toy.publisher.init("--threshold", "2", "--keys", "3");
    await toy.publish("1.0.0", 0);
    await toy.publisher.sign("--epoch", "50");
    home = await toy.install(begun.root.path);
  });
  after(async () => await toy.stop());

  /** `upgrade` of a copy of the home is refused with these, says something of its own, and changes nothing. */
  async function refused(what: string, served: string, status: number, code: RegExp, of = home): Promise<void> {
    toy.serve(served);
    const copy = toy.copy(of);
    const before = lasting(copy);
    const ran = await enginery(["upgrade", "--json"], { home: copy });
    assert.equal(ran.status, status, `${what}: ${told(ran)}`);
    const { error } = jsonOf<{ error: { code: string; message: string; hint: string } }>(ran);
    assert.match(error.code, code, told(ran));
    assert.ok(error.hint.length > 0);
    assert.equal(messages.get(error.message), undefined, `${what} says what another says: ${error.message}`);
    messages.set(error.message, what);
    assert.deepEqual(lasting(copy), before, `${what}: the home is as before`);
  }

  /** A home that has seen what the publisher says now. */
  async function upgraded(): Promise<string> {
    toy.serve(toy.publisher.repository);
    const copy = toy.copy(home);
    await answer(["upgrade"], { home: copy });
    return copy;
  }

  it("an expired timestamp stops upgrade, and nothing that runs", async () => {
    const expiring = toy.copy();
    const expires = new Date(Date.now() + 3000).toISOString().replace(/\.\d+Z$/, "Z");
    await sound(["repo", "refresh-timestamp", expiring, "--keys-dir", toy.publisher.keys, "--expires", expires]);
    await wait(3500);
    await refused("an expired timestamp", expiring, 4, /^trust-expired$/);
    await sound(["which", "toy", "--epoch", "60"], { home });
    await sound(["exec", "toy", "--epoch", "60"], { home });
    await sound(["verify"], { home });
  });

  it("2 of 3: with one signature nothing is visible, with two the root is rotated", async () => {
    const { repository, keys } = toy.publisher;
    const [one = "", two = "", three = ""] = begun.keys
      .filter(({ roles }) => roles.includes("root"))
      .map(({ path }) => path);
    await toy.publish("2.0.0", 100);
    await sound(["repo", "rotate-root", repository, "--keys-dir", keys, "--new-keys", "1", "--remove-key", three]);
    const half = await enginery(["repo", "sign", repository, "--key", one, "--epoch", "60", "--json"]);
    assert.equal(half.status, 10, told(half));
    assert.ok(jsonOf<{ missing: unknown[] }>(half).missing.length > 0, "it says who is missing");
    assert.ok(!existsSync(join(repository, "metadata", "2.root.json")), "nothing is visible");
    toy.serve(repository);
    assert.equal((await enginery(["check"], { home })).status, 0, "a client sees nothing new");
    const both = await answer<{ visible: boolean }>([
      ...["repo", "sign", repository, "--key", two, "--keys-dir", keys, "--epoch", "60"],
    ]);
    assert.equal(both.visible, true);
    const { trust } = await answer<{ trust: { rootVersion: number } }>(["status"], { home: await upgraded() });
    assert.equal(trust.rootVersion, 2);
  });

  it("a root with too few signatures is not believed", async () => {
    const forged = toy.copy();
    const root = readMetadata(forged, "2.root.json");
    writeMetadata(forged, "2.root.json", { ...root, signatures: root.signatures.slice(0, 1) });
    await refused("an under-signed root", forged, 4, /^trust-signature$/);
  });

  it("what is older than what was seen is not believed", async () => {
    const ahead = await upgraded();
    const oldTimestamp = toy.copy();
    changeTimestamp(oldTimestamp, (signed) => {
      signed.version -= 1;
    });
    await refused("a timestamp from before", oldTimestamp, 4, /^trust-rollback$/, ahead);
    const oldSnapshot = toy.copy();
    changeTimestamp(oldSnapshot, (signed) => {
      signed.version += 1;
      const bytes = readFileSync(join(oldSnapshot, "metadata", "1.snapshot.json"));
      signed["meta"] = { "snapshot.json": { version: 1, length: bytes.length, hashes: { sha256: sha256(bytes) } } };
    });
    await refused("a snapshot from before, under a new timestamp", oldSnapshot, 4, /^trust-rollback$/, ahead);
  });

  it("one flipped bit in the manifest", async () => {
    const forged = toy.copy();
    flipBit(join(forged, "targets", "channels"), new RegExp(`^${newestContent(forged).manifest}\\.`));
    await refused("a flipped bit in the manifest", forged, 5, /^hash-mismatch$/);
  });

  for (const what of ["archive", "tree", "pieces"] as const) {
    it(`one flipped bit in the ${what}: that release alone is not installed`, async () => {
      const forged = toy.copy();
      flipBit(join(forged, FOLDERS[what]), new RegExp(`^${newestContent(forged)[what]}\\.`));
      toy.serve(forged);
      const copy = toy.copy(home);
      const engines = contentOf(join(copy, "engines"));
      const ran = await enginery(["upgrade", "--json"], { home: copy });
      assert.equal(ran.status, 5, told(ran));
      const { failed } = jsonOf<{ failed: { version: string; code: string; message: string }[] }>(ran);
      assert.deepEqual(
        failed.map(({ version, code }) => [version, code]),
        [["2.0.0", "hash-mismatch"]],
      );
      const { message = "" } = failed[0] ?? {};
      assert.equal(messages.get(message), undefined, `it says what another says: ${message}`);
      messages.set(message, what);
      assert.deepEqual(contentOf(join(copy, "engines")), engines);
      toy.serve(toy.publisher.repository);
      await sound(["upgrade"], { home: copy });
      assert.match((await sound(["exec", "toy", "--epoch", "100"], { home: copy })).stdout, /toy 2\.0\.0/);
    });
  }

  it("a fresh install refuses a root that is not the one promised, and makes nothing", async () => {
    toy.serve(toy.publisher.repository);
    const fresh = join(toy.work, "fresh");
    const words = ["install", "--from", toy.server.url, "--channel", "toys"];
    const wrong = await enginery([...words, "--root-sha256", "ab".repeat(32), "--json"], { home: fresh });
    assert.equal(wrong.status, 4, told(wrong));
    assert.equal(jsonOf<{ error: { code: string } }>(wrong).error.code, "trust-root");
    assert.ok(!existsSync(fresh));
    await sound([...words, "--root-sha256", begun.root.sha256], { home: fresh });
  });

  function changeTimestamp(repository: string, change: Parameters<typeof resigned>[2]): void {
    const timestamp = readMetadata(repository, "timestamp.json");
    writeMetadata(repository, "timestamp.json", resigned(timestamp, keyFiles(toy.publisher.keys), change));
  }
});

function lasting(home: string): ReadonlyMap<string, string> {
  return new Map([...contentOf(home)].filter(([path]) => !DISPOSABLE.test(path)));
}

/** Hashes that name what belongs to release 2.0.0. */
function newestContent(repository: string): Record<"manifest" | "archive" | "tree" | "pieces", string> {
  const plain = readFileSync(join(repository, "targets", "channels", "toys.json"));
  const { archive, tree, pieces } = Object.values(
    (JSON.parse(plain.toString("utf8")) as Manifest).engines["toy"]?.releases["2.0.0"]?.platforms ?? {},
  )[0] ?? { archive: { sha256: "" }, tree: { sha256: "" }, pieces: { sha256: "" } };
  return { manifest: sha256(plain), archive: archive.sha256, tree: tree.sha256, pieces: pieces.sha256 };
}
