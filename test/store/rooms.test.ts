import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import type { Pin } from "../../src/core/model/home.ts";
import { forEveryKillPoint } from "../sim/killing-file-system.ts";
import { AT, bytesOf, disk, newHome, OPERATION, reopen, scratch, treeOf } from "./support/scratch.ts";

const TREE = "a".repeat(64);
const pinOf = (tenant: string, version = "1.0.0", engine = "xsnap"): Pin => ({
  format: 1,
  tenant,
  engine,
  version,
  tree: TREE,
  at: AT,
});

test("a manifest is kept under the hash of its bytes, and damage is never read", () => {
  using place = scratch();
  const { manifests } = newHome(place.home);
  const sha256 = manifests.keep(bytesOf("{}"));
  assert.equal(sha256, nodeDigester.sha256(bytesOf("{}")));
  assert.deepEqual([...(manifests.read(sha256) ?? [])], [...bytesOf("{}")]);
  assert.equal(manifests.read(TREE), undefined);
  const path = `${place.home}/manifests/${sha256}.json`;
  const inode = statSync(path).ino;
  manifests.keep(bytesOf("{}"));
  assert.equal(statSync(path).ino, inode, "what is there is not written again");
  writeFileSync(path, "{ }");
  assert.throws(() => manifests.read(sha256), { code: "home-damaged" });
  assert.equal(manifests.keep(bytesOf("{}")), sha256, "keeping it again mends it");
  assert.ok(manifests.read(sha256));
  assert.deepEqual(manifests.list(), [sha256]);
  manifests.remove(sha256);
  manifests.remove(sha256);
  assert.deepEqual(manifests.list(), []);
});

test("a tree is kept under its digest", () => {
  using place = scratch();
  const { trees } = newHome(place.home);
  const tree = treeOf({ "bin/a": "a", "b c": "" });
  const digest = trees.keep(tree);
  assert.deepEqual(trees.read(digest), tree);
  assert.deepEqual(trees.list(), [digest]);
  appendFileSync(`${place.home}/trees/${digest}.json`, " ");
  assert.throws(() => trees.read(digest), { code: "home-damaged" });
});

test("a trust set is whole, numbered, and not committed twice", () => {
  using place = scratch();
  const { trust } = newHome(place.home);
  assert.equal(trust.newest(), undefined);
  const first = new Map([
    ["root.json", bytesOf("r")],
    ["1.root.json", bytesOf("r")],
  ]);
  assert.equal(trust.commit(first), 1);
  assert.equal(trust.commit(first), 1);
  assert.equal(trust.commit(new Map([...first, ["timestamp.json", bytesOf("t")]])), 2);
  assert.equal(trust.commit(first), 3, "what is not the newest is a set of its own");
  assert.deepEqual([...trust.read(1).keys()].sort(), ["1.root.json", "root.json"]);
  trust.remove(1);
  assert.deepEqual(trust.numbers(), [2, 3]);
  assert.throws(() => trust.read(1), { code: "home-damaged" });
  for (const name of ["../x.json", "a/b.json", ".json", "root.txt"]) {
    assert.throws(() => trust.commit(new Map([[name, bytesOf("")]])), { code: "internal" });
  }
  assert.deepEqual(readdirSync(`${place.home}/staging`), []);
});

test("two writers of trust sets get two numbers", () => {
  using place = scratch();
  newHome(place.home);
  const sets = (name: string) => new Map([["root.json", bytesOf(name)]]);
  let rival: number | undefined;
  const fileSystem = {
    ...disk,
    rename: (from: string, to: string) => {
      if (to.includes("/trust/")) rival ??= reopen(place.home).trust.commit(sets("theirs"));
      disk.rename(from, to);
    },
  };
  const ours = reopen(place.home, { fileSystem }).trust.commit(sets("ours"));
  assert.deepEqual([rival, ours], [1, 2]);
  const { trust } = reopen(place.home);
  assert.equal(new TextDecoder().decode(trust.read(1).get("root.json")), "theirs");
  assert.equal(new TextDecoder().decode(trust.read(2).get("root.json")), "ours");
});

test("a pin answers to exactly its tenant and engine, whatever the tenant is called", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc
          .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
          .filter((name) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)),
        { maxLength: 5 },
      ),
      (tenants) => {
        using place = scratch();
        const { pins } = newHome(place.home);
        for (const [at, tenant] of tenants.entries()) pins.put(pinOf(tenant, `1.0.${at}`));
        for (const [at, tenant] of tenants.entries()) assert.equal(pins.get(tenant, "xsnap")?.version, `1.0.${at}`);
        assert.equal([...pins.all()].length, tenants.length);
        assert.equal(pins.get("another", "wasmtime"), undefined);
      },
    ),
    { numRuns: 15 },
  );
});

test("tenants that only differ in case, path tricks and the NUL between tenant and engine stay apart", () => {
  using place = scratch();
  const { pins } = newHome(place.home);
  for (const [at, tenant] of ["a", "A", "../../x", "a/b", "x".repeat(1000)].entries())
    pins.put(pinOf(tenant, `1.0.${at}`));
  pins.put(pinOf("ab", "2.0.0", "c"));
  pins.put(pinOf("a", "2.0.1", "bc"));
  assert.equal([...pins.all()].length, 7);
  assert.equal(pins.get("ab", "c")?.version, "2.0.0");
  assert.equal(pins.remove("A", "xsnap"), true);
  assert.equal(pins.remove("A", "xsnap"), false);
  assert.equal(pins.get("a", "xsnap")?.version, "1.0.0");
});

test("a pin under another pin's name is damage", () => {
  using place = scratch();
  const { pins } = newHome(place.home);
  pins.put(pinOf("a"));
  pins.put(pinOf("b"));
  const pathOf = (tenant: string) => {
    const hash = nodeDigester.sha256(bytesOf(`${tenant}\0xsnap`));
    return `${place.home}/pins/${hash.slice(0, 2)}/${hash}.json`;
  };
  writeFileSync(pathOf("a"), readFileSync(pathOf("b")));
  assert.throws(() => pins.get("a", "xsnap"), { code: "home-damaged" });
  assert.throws(() => [...pins.all()], { code: "home-damaged" });
});

test("killed at every point of a pin: the old one or the new one", async () => {
  using place = scratch();
  let number = 0;
  for (const old of [undefined, "1.0.0"]) {
    await forEveryKillPoint({
      real: disk,
      torn: true,
      arrange: () => {
        const path = `${place.path}/${++number}`;
        const home = newHome(path);
        if (old !== undefined) home.pins.put(pinOf("t", old));
        return path;
      },
      act: (fileSystem, path) => reopen(path, { fileSystem }).pins.put(pinOf("t", "2.0.0")),
      check: (path, killedAt) => {
        const { pins } = reopen(path);
        const found = pins.get("t", "xsnap")?.version;
        assert.ok(found === old || found === "2.0.0", `found ${found}`);
        if (killedAt === undefined) assert.equal(found, "2.0.0");
        pins.put(pinOf("t", "3.0.0"));
        assert.deepEqual(
          [...pins.all()].map(({ version }) => version),
          ["3.0.0"],
        );
      },
    });
  }
});

test("killed at every point of a trust set: no set or the whole set", async () => {
  using place = scratch();
  let number = 0;
  const set = new Map([
    ["root.json", bytesOf("root")],
    ["timestamp.json", bytesOf("timestamp")],
  ]);
  await forEveryKillPoint({
    real: disk,
    torn: true,
    arrange: () => {
      const path = `${place.path}/${++number}`;
      newHome(path).trust.commit(new Map([["root.json", bytesOf("old")]]));
      return path;
    },
    act: (fileSystem, path) => reopen(path, { fileSystem }).trust.commit(set),
    check: (path, killedAt) => {
      const { trust } = reopen(path);
      const newest = trust.read(trust.newest() ?? 0);
      if (killedAt === undefined) assert.equal(trust.newest(), 2);
      assert.equal(newest.size, trust.newest() === 2 ? 2 : 1);
      assert.equal(trust.commit(set), 2);
      assert.deepEqual(new Map([...trust.read(2)].map(([name, bytes]) => [name, Uint8Array.from(bytes)])), set);
    },
  });
});

test("quarantine is listed until it is lifted", () => {
  using place = scratch();
  const { quarantine } = newHome(place.home);
  quarantine.put({ format: 1, tree: TREE, engine: "xsnap", version: "1.0.0", reason: "probe", at: AT });
  quarantine.put({ format: 1, tree: TREE, engine: "xsnap", version: "1.0.0", reason: "again", at: AT });
  assert.deepEqual(
    quarantine.list().map(({ reason }) => reason),
    ["again"],
  );
  assert.equal(quarantine.lift(TREE), true);
  assert.equal(quarantine.lift(TREE), false);
  assert.deepEqual(quarantine.list(), []);
});

test("the observed epoch is one line that begins with its instant and its epoch", () => {
  using place = scratch();
  const { clock } = newHome(place.home);
  assert.equal(clock.read(), undefined);
  const observation = { format: 1, epoch: 12, at: AT, from: 'odd" \\ name\n","epoch":99' } as const;
  clock.write(observation);
  assert.deepEqual(clock.read(), observation);
  const text = readFileSync(`${place.home}/clock/observed.json`, "utf8");
  assert.ok(text.startsWith(`{"at":"${AT}","epoch":12,`) && text.endsWith("}\n"));
  writeFileSync(`${place.home}/clock/observed.json`, text.slice(0, 10));
  assert.throws(() => clock.read(), { code: "home-damaged" });
});

test("the ledger keeps its order, and a torn line counts for nothing", () => {
  using place = scratch();
  const { ledger } = newHome(place.home);
  assert.deepEqual(ledger.read(), []);
  const entry = (verb: string) => ({ at: AT, operation: OPERATION, verb, detail: { "line\nbreak": ["é"] } });
  ledger.append(entry("install"));
  ledger.append(entry("upgrade"));
  appendFileSync(`${place.home}/ledger.jsonl`, '{"at":"2027-01');
  assert.deepEqual(
    ledger.read().map(({ verb }) => verb),
    ["install", "upgrade"],
  );
  ledger.append(entry("prune"));
  const read = JSON.parse(JSON.stringify(ledger.read())).map(({ previous, ...rest }: Record<string, unknown>) => rest);
  assert.deepEqual(read, [entry("install"), entry("upgrade"), entry("prune")]);
  assert.equal(statSync(`${place.home}/ledger.jsonl`).mode & 0o777, 0o644);
});

test("the cache resumes where it stopped, believes nothing, and may vanish", () => {
  using place = scratch();
  const { cache } = newHome(place.home);
  const partial = cache.partial(TREE);
  assert.equal(partial.bytes, 0);
  partial.append(bytesOf("one"));
  partial.append(bytesOf("two"));
  assert.equal(cache.partial(TREE).bytes, 6);
  assert.equal(Buffer.concat([...cache.partial(TREE).read()]).toString(), "onetwo");
  const sha256 = nodeDigester.sha256(bytesOf("doc"));
  cache.documents.keep(sha256, bytesOf("doc"));
  assert.ok(cache.documents.read(sha256));
  truncateSync(`${place.home}/cache/documents/${sha256}`, 3 * 1024 ** 3);
  assert.equal(cache.documents.read(sha256), undefined);
  writeFileSync(`${place.home}/cache/documents/${sha256}`, "d0c");
  assert.equal(cache.documents.read(sha256), undefined);
  assert.equal(cache.clear(), 9);
  assert.equal(cache.partial(TREE).bytes, 0);
  rmSync(`${place.home}/cache`, { recursive: true });
  rmSync(`${place.home}/staging`, { recursive: true });
  cache.partial(TREE).append(bytesOf("x"));
  cache.documents.keep(sha256, bytesOf("doc"));
  partial.discard();
  assert.deepEqual([partial.bytes, [...partial.read()].length], [0, 0]);
});
