import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { reportPattern } from "../../src/core/report-pattern.ts";
import { add } from "../../src/ops/repo/add.ts";
import { deploy } from "../../src/ops/repo/deploy.ts";
import { init } from "../../src/ops/repo/init.ts";
import { retire } from "../../src/ops/repo/retire.ts";
import { rules } from "../../src/ops/repo/rules.ts";
import { sign } from "../../src/ops/repo/sign.ts";
import { withdraw } from "../../src/ops/repo/withdraw.ts";
import type { Fetcher } from "../../src/ports/fetcher.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { toyTree } from "../support/toy-channel.ts";

/** toy 1.0.0 from 0, 2.0.0 from 100 and 3.0.0 from 200, published at epoch 150. */
async function published(world: TestWorld) {
  const directory = join(world.folder, "repository");
  const keysDir = join(world.folder, "keys");
  const request = { directory, dryRun: false };
  await init(world, { ...request, channel: "main", keysDir });
  const release = (version: string, epoch?: number) => ({ ...request, engine: "toy", version, platform: "any", epoch });
  for (const [version, validFrom] of [
    ["1.0.0", 0],
    ["2.0.0", 100],
    ["3.0.0", 200],
  ] as const) {
    await add(world, { ...release(version), tree: toyTree(world, "toy", version) });
    await deploy(world, { ...release(version), validFrom });
  }
  await sign(world, { ...request, keysDir, epoch: 150 });
  return { directory, keysDir, request, release };
}

test("the schedule's rules hold at the publisher, and a refusal leaves the draft as it was", async () => {
  using world = makeTestWorld();
  const { directory, keysDir, request, release } = await published(world);
  const drafts = (): readonly string[] => readdirSync(join(directory, ".draft", "channels"));
  const refusals: readonly [string, () => Promise<unknown>][] = [
    ["schedule-in-effect", () => retire(world, release("2.0.0", 150))],
    ["schedule-alter-unknown", () => retire(world, release("1.0.0"))],
    ["schedule-alter-pending", () => deploy(world, { ...release("3.0.0", 150), validFrom: 300 })],
    ["schedule-epoch-lower", () => retire(world, release("1.0.0", 149))],
    ["schedule-order", () => deploy(world, { ...release("3.0.0", 150), validFrom: 50 })],
    ["schedule-unreachable", () => deploy(world, { ...release("3.0.0", 150), validFrom: 100 })],
    ["schedule-max-deployments", () => rules(world, { ...request, engine: "toy", maxDeployments: 2 })],
    ["schedule-max-future", () => rules(world, { ...request, engine: "toy", maxFuture: 0, epoch: 150 })],
    ["unknown-engine", () => rules(world, { ...request, engine: "other", maxFuture: 0 })],
    ["unknown-version", () => deploy(world, { ...release("9.0.0"), validFrom: 900 })],
    ["unknown-version", () => withdraw(world, { ...release("9.0.0"), reason: "x" })],
    ["usage", () => withdraw(world, { ...release("1.0.0"), reason: " " })],
    ["usage", () => withdraw(world, { ...release("1.0.0"), reason: "x".repeat(100_000) })],
    ["bad-epoch", () => sign(world, { ...request, keysDir, epoch: 1.5 })],
    ["bad-epoch", () => deploy(world, { ...release("3.0.0"), validFrom: 1.5 })],
    [
      "release-changed",
      () => add(world, { ...release("1.0.0"), tree: toyTree(world, "toy", "1.0.0", { reports: "x" }) }),
    ],
    ["bad-version", () => add(world, { ...release("v1.0.0"), tree: toyTree(world, "toy", "1.0.0") })],
    ["bad-name", () => add(world, { ...release("1.0.0"), engine: "../toy", tree: toyTree(world, "toy", "1.0.0") })],
    ["usage", () => add(world, { ...release("4.0.0"), platform: "Linux", tree: toyTree(world, "toy", "4.0.0") })],
    ["usage", () => add(world, release("4.0.0"))],
    ["unknown-channel", () => rules(world, { ...request, channel: "other", engine: "toy" })],
  ];
  for (const [code, act] of refusals) {
    await assert.rejects(act, { code }, code);
    assert.deepEqual(drafts(), [], `${code} left nothing`);
  }
});

test("what is pending may be altered once the rules allow it; what is superseded goes", async () => {
  using world = makeTestWorld();
  const { keysDir, request, release } = await published(world);
  await rules(world, { ...request, engine: "toy", alterPending: "allow" });
  await deploy(world, { ...release("3.0.0", 150), validFrom: 300 });
  await retire(world, release("1.0.0", 150));
  assert.equal((await sign(world, { ...request, keysDir, epoch: 150 })).channels[0]?.serial, 2);
});

test("how much history operators need is said with the rules, and a manifest that says nothing stays as it was, byte for byte", async () => {
  using world = makeTestWorld();
  const { directory, request } = await published(world);
  const path = join(directory, ".draft", "channels", "main.json");
  await rules(world, { ...request, engine: "toy", maxFuture: 3 });
  const before = readFileSync(path, "utf8");
  const said = async (keepEpochs?: number | null, keepSuperseded?: number | null) => {
    await rules(world, { ...request, engine: "toy", keepEpochs, keepSuperseded });
    return JSON.parse(readFileSync(path, "utf8")).engines.toy.retention;
  };
  assert.deepEqual(await said(21), { keepEpochs: 21 });
  assert.deepEqual(await said(undefined, 2), { keepEpochs: 21, keepSuperseded: 2 });
  assert.deepEqual(await said(0, null), { keepEpochs: 0 });
  assert.equal(await said(null), undefined);
  assert.equal(readFileSync(path, "utf8"), before);
  for (const wrong of [-1, 1.5, Number.NaN]) await assert.rejects(said(wrong), { code: "usage" });
  await assert.rejects(said(undefined, -1), { code: "usage" });
});

test("a release that is published keeps its bytes, in the draft it is replaced", async () => {
  using world = makeTestWorld();
  const { release } = await published(world);
  const same = await add(world, { ...release("1.0.0"), tree: toyTree(world, "toy", "1.0.0") });
  assert.equal(same.changed, false);
  const first = await add(world, { ...release("4.0.0"), tree: toyTree(world, "toy", "4.0.0") });
  const second = await add(world, { ...release("4.0.0"), tree: toyTree(world, "toy", "4.0.0", { reports: "x" }) });
  assert.equal(second.changed, true);
  assert.notEqual(first.tree, second.tree);
  const other = await add(world, { ...release("1.0.0"), platform: "linux-x64", tree: toyTree(world, "toy", "1.0.0") });
  assert.equal(other.changed, true, "a published release may gain a platform");
});

test("entry points: by the engine's name, by --entry, refused where it could be several", async () => {
  using world = makeTestWorld();
  const { release } = await published(world);
  const tree = toyTree(world, "toy", "4.0.0", { files: { "libtoy.so.4.0": "x", worker: "#!/bin/sh\n" } });
  const manifest = () =>
    JSON.parse(readFileSync(join(world.folder, "repository", ".draft", "channels", "main.json"), "utf8"));
  const entries = () => manifest().engines.toy.releases["4.0.0"].platforms.any.entries;
  await add(world, { ...release("4.0.0"), tree, probe: { args: ["--version"] } });
  assert.deepEqual(entries(), {
    toy: { path: "toy", kind: "executable", probe: { args: ["--version"], expect: reportPattern("4.0.0") } },
  });
  const named = [
    { name: "worker", path: "worker", kind: "executable" as const },
    { name: "toy", path: "libtoy.so.4.0" },
  ];
  await add(world, { ...release("4.0.0"), tree, entries: named });
  assert.deepEqual(entries(), {
    worker: { path: "worker", kind: "executable" },
    toy: { path: "libtoy.so.4.0", kind: "library" },
  });
  await assert.rejects(add(world, { ...release("4.0.0"), tree, entries: [{ name: "toy", path: "gone" }] }), {
    code: "unknown-entry",
  });
  await assert.rejects(add(world, { ...release("4.0.0"), tree, probe: { args: [], expect: "(" } }), { code: "usage" });
  await assert.rejects(
    add(world, {
      ...release("4.0.0"),
      engine: "other",
      tree: toyTree(world, "toy", "4.0.0", { files: { "b.exe": "" } }),
    }),
    { code: "usage" },
  );
});

test("folders and archives that must not be published", async () => {
  using world = makeTestWorld();
  const { directory, release } = await published(world);
  const links = toyTree(world, "toy", "5.0.0");
  symlinkSync("toy", join(links, "link"));
  await assert.rejects(add(world, { ...release("5.0.0"), tree: links }), { code: "refused" });
  const names = toyTree(world, "toy", "5.1.0", { files: { "aux.txt": "x" } });
  await assert.rejects(add(world, { ...release("5.1.0"), tree: names }), { code: "archive-hostile" });
  const empty = join(world.folder, "empty");
  mkdirSync(empty);
  await assert.rejects(add(world, { ...release("5.2.0"), tree: empty }), { code: "refused" });
  await assert.rejects(add(world, { ...release("5.2.0"), tree: join(world.folder, "gone") }), { code: "missing" });
  const archive = join(world.folder, "links.tar.gz");
  execFileSync("tar", ["-C", links, "-czf", archive, "."]);
  await assert.rejects(add(world, { ...release("5.0.0"), archive }), { code: "archive-hostile" });
  writeFileSync(archive, "no archive");
  await assert.rejects(add(world, { ...release("5.0.0"), archive }), { code: "archive-malformed" });
  assert.deepEqual(
    readdirSync(join(directory, ".draft")).sort(),
    ["channels", "key-names.json"],
    "nothing is left over",
  );
});

test("an archive is kept as it is; of one in the npm registry only what is signed of it", async () => {
  using world = makeTestWorld();
  const { directory, keysDir, request, release } = await published(world);
  const tree = toyTree(world, "toy", "4.0.0");
  const archive = join(world.folder, "toy.tgz");
  execFileSync("tar", [
    "-C",
    tree,
    "--owner=7",
    "--mode=u+rwX",
    "--transform=s,^,package/,",
    "-czf",
    archive,
    "toy",
    "share/notes.txt",
  ]);
  const kept = await add(world, { ...release("4.0.0"), archive, root: "package" });
  assert.equal(kept.archive.bytes, readFileSync(archive).length);
  assert.deepEqual(readFileSync(join(directory, "archives", `${kept.archive.sha256}.tar.gz`)), readFileSync(archive));

  const opened: string[] = [];
  const registry: Fetcher = {
    async open(location) {
      opened.push(location);
      return {
        start: 0,
        chunks: (async function* () {
          yield readFileSync(archive);
        })(),
      };
    },
  };
  const remote = { ...world, fetcher: async () => registry };
  const listed = readdirSync(join(directory, "archives")).length;
  const npm = await add(remote, { ...release("4.1.0"), npm: "@scope/toy@4.1.0" });
  assert.deepEqual(opened, ["npm:@scope/toy@4.1.0"], "downloaded once");
  assert.deepEqual([npm.tree, npm.archive.source], [kept.tree, "npm:@scope/toy@4.1.0"]);
  assert.equal(readdirSync(join(directory, "archives")).length, listed);
  await assert.rejects(add(world, { ...release("4.2.0"), archive, root: "elsewhere" }), { code: "refused" });
  assert.equal((await sign(world, { ...request, keysDir })).visible, true);
});

test("nothing is signed whose content is not there or not what it is called", async () => {
  using world = makeTestWorld();
  const { directory, keysDir, request, release } = await published(world);
  const { archive } = await add(world, { ...release("4.0.0"), tree: toyTree(world, "toy", "4.0.0") });
  const path = join(directory, "archives", `${archive.sha256}.tar.zst`);
  const bytes = readFileSync(path);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  await assert.rejects(sign(world, { ...request, keysDir }), { code: "hash-mismatch" });
  rmSync(path);
  await assert.rejects(sign(world, { ...request, keysDir }), { code: "missing" });
  await add(world, { ...release("4.0.0"), tree: toyTree(world, "toy", "4.0.0") });
  assert.equal((await sign(world, { ...request, keysDir })).visible, true);
});

test("the same folder, keys and instant give the same bytes", async () => {
  using world = makeTestWorld();
  const keysDir = join(world.folder, "keys");
  const bytesOf = async (name: string): Promise<Map<string, string>> => {
    const directory = join(world.folder, name);
    const request = { directory, dryRun: false };
    if (name === "first") await init(world, { ...request, channel: "main", keysDir });
    else {
      mkdirSync(join(directory, "metadata"), { recursive: true });
      writeFileSync(
        join(directory, "metadata", "1.root.json"),
        readFileSync(join(world.folder, "first", "metadata", "1.root.json")),
      );
      await init(world, { ...request, channel: "main" });
    }
    const release = { ...request, engine: "toy", version: "1.0.0", platform: "any" };
    await add(world, { ...release, tree: toyTree(world, "toy", "1.0.0") });
    await deploy(world, { ...release, validFrom: 0 });
    const expires = "2029-01-01T00:00:00Z";
    await sign(world, { ...request, keysDir, epoch: 7, expires, offlineExpires: expires });
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return new Map(
      files
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => !path.includes(".draft"))
        .map((path) => [path.slice(directory.length), readFileSync(path, "hex")] as const)
        .sort(),
    );
  };
  const first = await bytesOf("first");
  world.time += 3_600_000;
  assert.deepEqual(await bytesOf("second"), first);
  assert.equal(first.size, 1 + 3 + 3 + 3);
});
