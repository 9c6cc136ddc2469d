import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EngineryError, isEngineryError } from "../../src/core/errors.ts";
import { list } from "../../src/ops/list.ts";
import { prune as pruneRepository } from "../../src/ops/repo/prune.ts";
import { verify as verifyRepository } from "../../src/ops/repo/verify.ts";
import { check, upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { breaking } from "../adapters/support/faulty-server.ts";
import { homeOf, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { toyTree } from "../support/toy-channel.ts";
import { deltaScene, FIRST, noise, SECOND } from "./support/delta-scene.ts";

test("an upgrade takes the delta, and nothing of the archive, by the server's own count", async () => {
  await using scene = await deltaScene();
  const { world, deltaBytes } = scene;
  assert.ok(deltaBytes.length < scene.archiveBytes / 10, `${deltaBytes.length} of ${scene.archiveBytes}`);
  const before = await check(world, upgradeRequest(world));
  const planned = await scene.upgrade({ dryRun: true });
  assert.deepEqual(scene.asked("deltas"), [], "a plan fetches none");
  const done = await scene.upgrade();
  const [taken] = done.ways;
  assert.deepEqual([taken?.way, taken?.from, done.deltas], ["delta", { engine: "toy", version: "1.0.0" }, 1]);
  assert.equal(done.downloadedBytes, deltaBytes.length);
  assert.deepEqual(
    [scene.asked("deltas"), scene.asked("archives"), scene.asked("pieces")],
    [[scene.deltaPath], [], []],
  );
  assert.equal(planned.ways[0]?.way, "delta");
  assert.equal(before.updates[0]?.way, "delta");
  const trees = readdirSync(join(scene.channel.repository, "trees"));
  const list = scene.asked("trees").map((path) => readFileSync(join(scene.channel.repository, path)).length);
  assert.equal(trees.length, 2);
  assert.equal(planned.space.downloadBytes, deltaBytes.length + (list[0] ?? 0), "the plan's bytes are the true ones");
  assert.equal(before.downloadBytes, planned.space.downloadBytes);
  assert.equal(readFileSync(scene.installed("2.0.0", "share/data"), "utf8"), SECOND["share/data"]);
  assert.equal(readFileSync(scene.installed("2.0.0", "share/twin"), "utf8"), FIRST["share/same"]);
  assert.equal((await verify(world, verifyRequest(world))).ok, true);
  assert.deepEqual(readdirSync(join(homeOf(world), "cache", "partial")), [], "nothing is left in the cache");
});

test("--no-deltas fetches the archive", async () => {
  await using scene = await deltaScene();
  const planned = await scene.upgrade({ dryRun: true, noDeltas: true });
  const done = await scene.upgrade({ noDeltas: true });
  assert.deepEqual([planned.ways[0]?.way, done.ways[0]?.way, done.deltas], ["archive", "archive", 0]);
  assert.deepEqual(scene.asked("deltas"), []);
  assert.equal(scene.asked("archives").length, 1);
});

test("where the delta does not serve, and there is no room for the archive, none of it is fetched", async () => {
  await using scene = await deltaScene();
  const planned = await scene.upgrade({ dryRun: true });
  const { downloadBytes, unpackedBytes } = planned.space;
  scene.instead[scene.deltaPath] = (_, response) => response.writeHead(404).end("none");
  const bytes = downloadBytes + unpackedBytes + 1000;
  const { fileSystem } = scene.world;
  const little = { ...fileSystem, freeSpace: (path: string) => ({ ...fileSystem.freeSpace(path), bytes }) };
  const request = upgradeRequest(scene.world, { config: { reserveBytes: 0 } });
  await assert.rejects(upgrade({ ...scene.world, fileSystem: little }, request), {
    code: "disk-space",
    message: /MiB/,
  });
  assert.deepEqual([scene.asked("deltas").length, scene.asked("archives"), scene.asked("pieces")], [1, [], []]);
});

test("deltas: false in the config fetches the archive, and the environment says otherwise for once", async () => {
  await using scene = await deltaScene();
  const path = join(homeOf(scene.world), "config.json");
  const config = JSON.parse(readFileSync(path, "utf8"));
  chmodSync(path, 0o644);
  writeFileSync(path, JSON.stringify({ ...config, deltas: false }));
  const planned = async (more: object) => (await scene.upgrade({ dryRun: true, ...more })).ways[0]?.way;
  assert.equal(await planned({}), "archive");
  assert.equal((await check(scene.world, upgradeRequest(scene.world))).updates[0]?.way, "archive");
  assert.equal(await planned({ config: { deltas: true } }), "delta");
  assert.equal(await planned({ config: { deltas: true }, noDeltas: true }), "archive");
});

test("a delta that the server lost: the archive by itself, with a warning", async () => {
  await using scene = await deltaScene();
  scene.instead[scene.deltaPath] = (_, response) => response.writeHead(404).end("none");
  const done = await scene.upgrade();
  assert.deepEqual([done.ways[0]?.way, done.deltas, scene.asked("archives").length], ["archive", 0, 1]);
  assert.ok(
    scene.notes.some((note) => note.startsWith("The delta from toy@1.0.0 does not serve for toy@2.0.0, another way")),
  );
});

test("a delta of other bytes reaches no decoder: the archive by itself, and what was fetched in vain is counted", async () => {
  await using scene = await deltaScene();
  const wrong = Buffer.from(scene.deltaBytes);
  wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
  scene.instead[scene.deltaPath] = (_, response) => response.writeHead(200).end(wrong);
  const done = await scene.upgrade();
  assert.equal(done.ways[0]?.way, "archive");
  const [archive = ""] = scene.asked("archives");
  const { length } = readFileSync(join(scene.channel.repository, archive));
  assert.equal(done.downloadedBytes, length + wrong.length);
  assert.deepEqual(readdirSync(join(homeOf(scene.world), "cache", "partial")), []);
  assert.ok(scene.notes.some((note) => /not the one that was signed/.test(note)));
});

for (const [what, path] of [
  ["that is taken over", "share/same"],
  ["that a delta builds upon", "share/data"],
] as const) {
  test(`a flipped bit in a file ${what} does not spread: the archive by itself`, async () => {
    await using scene = await deltaScene();
    const file = scene.installed("1.0.0", path);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    chmodSync(file, 0o644);
    writeFileSync(file, bytes);
    chmodSync(file, 0o444);
    const done = await scene.upgrade();
    assert.equal(done.ways[0]?.way, "archive");
    assert.equal(readFileSync(scene.installed("2.0.0", "share/data"), "utf8"), SECOND["share/data"]);
    assert.equal(readFileSync(scene.installed("2.0.0", "share/same"), "utf8"), SECOND["share/same"]);
    const found = await verify(scene.world, verifyRequest(scene.world));
    assert.deepEqual(found.problems, [{ engine: "toy", version: "1.0.0", path, kind: "changed" }]);
  });
}

test("an old release whose file, or file list, is gone: the archive by itself", async () => {
  for (const lost of ["file", "list"]) {
    await using scene = await deltaScene();
    const { engines } = await list(scene.world, { home: homeOf(scene.world) });
    if (lost === "list") rmSync(join(homeOf(scene.world), "trees", `${engines[0]?.tree}.json`));
    else rmSync(scene.installed("1.0.0", "share/same"));
    assert.equal((await scene.upgrade()).ways[0]?.way, "archive", lost);
  }
});

test("a download cut off goes on where it stopped", async () => {
  await using scene = await deltaScene();
  const cut = breaking(scene.deltaBytes, 400);
  const served = scene.deltaBytes;
  scene.instead[scene.deltaPath] = (request, response, count) => {
    if (count === 1) return cut(request, response, count);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = `bytes ${start}-${served.length - 1}/${served.length}`;
    return response.writeHead(206, { "content-range": range }).end(served.subarray(start));
  };
  const done = await scene.upgrade();
  assert.equal(done.ways[0]?.way, "delta");
  assert.equal(done.downloadedBytes, served.length, "no byte twice");
  const [, again] = scene.server.requests.filter(({ path }) => path === scene.deltaPath);
  assert.equal(again?.headers.range, "bytes=400-");
});

test("what another upgrade left of a delta is gone on with; what it left of something else is begun anew", async () => {
  for (const [left, fetched] of [
    ["true", 1],
    ["false", 2],
  ] as const) {
    await using scene = await deltaScene();
    const partial = join(homeOf(scene.world), "cache", "partial", scene.deltaPath.slice("/deltas/".length));
    const start = scene.deltaBytes.subarray(0, 400);
    writeFileSync(partial, left === "true" ? start : start.map((byte) => byte ^ 255));
    const done = await scene.upgrade();
    assert.equal(done.ways[0]?.way, "delta", left);
    assert.equal(scene.asked("deltas").length, fetched, left);
  }
});

test("the same files under another version fetch nothing but what names them", async () => {
  await using scene = await deltaScene();
  await scene.upgrade();
  await scene.channel.release("twin", "1.0.0", {});
  const tree = toyTree(scene.world, "toy", "2.0.0", { files: SECOND });
  const { add } = await import("../../src/ops/repo/add.ts");
  const { platform } = scene.world.host;
  const request = { directory: scene.channel.repository, engine: "toy", version: "3.0.0", platform, tree };
  const added = await add(scene.world, { ...request, deltas: 5, dryRun: false });
  assert.deepEqual(
    added.deltas.map(({ version }) => version),
    ["1.0.0"],
    "none from a release of the same files",
  );
  await scene.channel.deploy("toy", "3.0.0", 200);
  await scene.channel.publish();
  scene.server.requests.length = 0;
  const planned = await scene.upgrade({ dryRun: true, names: [{ engine: "toy" }] });
  assert.equal(planned.space.downloadBytes, 0);
  const done = await scene.upgrade({ names: [{ engine: "toy" }] });
  assert.deepEqual([done.ways[0]?.way, done.ways[0]?.from?.version, done.downloadedBytes], ["reuse", "2.0.0", 0]);
  assert.deepEqual([scene.asked("deltas"), scene.asked("archives"), scene.asked("trees")], [[], [], []]);
});

test("same inputs, same delta; `repo verify` applies it, `repo prune` keeps what is named and takes what is not", async () => {
  await using one = await deltaScene();
  await using other = await deltaScene();
  assert.deepEqual(one.deltaBytes, other.deltaBytes);
  const { repository: directory } = one.channel;
  writeFileSync(join(directory, "deltas", "0".repeat(64)), "named by nothing");
  const { removed } = await pruneRepository(one.world, { directory, dryRun: false });
  assert.deepEqual(
    removed.map(({ path }) => path),
    [`deltas/${"0".repeat(64)}`],
  );
  assert.equal((await verifyRepository(one.world, { directory })).ok, true);
  const file = join(directory, one.deltaPath);
  writeFileSync(file, one.deltaBytes.subarray(1));
  const damaged = await verifyRepository(one.world, { directory });
  assert.deepEqual(
    damaged.problems.map(({ path, code }) => [path, code]),
    [[one.deltaPath.slice(1), "hash-mismatch"]],
  );
  assert.deepEqual(
    readdirSync(join(directory, ".draft")).filter((name) => name.startsWith("incoming")),
    [],
    "nothing that was unpacked stays",
  );
});

test("without --deltas there is none, and one that saves less than a fifth is none", async () => {
  await using scene = await deltaScene();
  const { add } = await import("../../src/ops/repo/add.ts");
  const { platform } = scene.world.host;
  const request = { directory: scene.channel.repository, engine: "toy", platform, dryRun: false };
  const other = (version: string) =>
    toyTree(scene.world, "toy", version, { files: { "share/data": `other ${version}` } });
  const none = await add(scene.world, { ...request, version: "4.0.0", tree: other("4.0.0") });
  const poor = await add(scene.world, { ...request, version: "5.0.0", tree: other("5.0.0"), deltas: 1 });
  assert.deepEqual([none.deltas, poor.deltas], [[], []]);
});

test("a full disk is told as such, and leaves nothing staged", async () => {
  await using scene = await deltaScene();
  const { fileSystem } = scene.world;
  const full = {
    ...scene.world,
    fileSystem: {
      ...fileSystem,
      openAppend: (path: string, mode: number) => {
        if (!path.includes("/partial/")) return fileSystem.openAppend(path, mode);
        throw new EngineryError("disk-full", "The disk is full.");
      },
    },
  };
  const { upgrade } = await import("../../src/ops/upgrade.ts");
  await assert.rejects(upgrade(full, upgradeRequest(full)), (error) => isEngineryError(error, "disk-full"));
  assert.equal(existsSync(scene.installed("2.0.0", "SEAL.json")), false);
});

test("any installation that lies on the disk may be what a delta builds upon, in effect or not", async () => {
  await using scene = await deltaScene();
  await scene.upgrade();
  rmSync(scene.installed("2.0.0", "SEAL.json"));
  const files = { ...SECOND, "share/data": noise("data", 80_000, "again") };
  await scene.channel.release("toy", "3.0.0", { files, deltas: 2 });
  await scene.channel.deploy("toy", "3.0.0", 200);
  await scene.channel.publish();
  const done = await scene.upgrade();
  const taken = done.ways.find(({ version }) => version === "3.0.0");
  assert.deepEqual([taken?.way, taken?.from], ["delta", { engine: "toy", version: "1.0.0" }]);
  assert.equal(readFileSync(scene.installed("3.0.0", "share/data"), "utf8"), files["share/data"]);
});
