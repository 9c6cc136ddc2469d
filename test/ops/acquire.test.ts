import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import type { PlatformRelease } from "../../src/core/model/manifest.ts";
import { type AcquireRequest, acquire } from "../../src/ops/acquire.ts";
import { breaking, serving, startServer } from "../adapters/support/faulty-server.ts";
import { treeOf } from "../hostile/support/unpacking.ts";
import {
  answersOf,
  archivePath,
  ENGINE,
  FILES,
  PIECE_BYTES,
  publish,
  ranges,
  request,
  requireNothingStaged,
  requireStaged,
  setting,
} from "./support/acquiring.ts";

test("from a server: staged, its file list kept, every byte counted once, nothing left in the cache", async () => {
  using set = setting();
  const published = publish(set.world);
  await using server = await startServer(answersOf(published));
  let told = 0;
  const onDownloaded = (bytes: number) => {
    told += bytes;
  };
  const { stage, tree, downloadedBytes } = await acquire(
    set.world,
    set.home,
    request(published, [server.base], { onDownloaded }),
  );
  requireStaged(stage.path);
  assert.deepEqual(set.home.trees.read(published.release.tree.digest), tree);
  assert.equal(downloadedBytes, published.archive.length);
  assert.equal(told, published.archive.length);
  assert.equal(set.progress.advanced, published.archive.length);
  assert.equal(set.home.cache.partial(published.release.archive.sha256).bytes, 0);
});

test("from a folder, and again without asking for the file list", async () => {
  using set = setting();
  const published = publish(set.world);
  const base = join(set.world.folder, "repository");
  for (const [path, bytes] of Object.entries(published.served)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), bytes);
  }
  const first = await acquire(set.world, set.home, request(published, [base]));
  requireStaged(first.stage.path);
  set.home.staging.drop(first.stage);
  writeFileSync(join(base, `trees/${published.release.tree.sha256}.json.zst`), "gone bad");
  requireStaged((await acquire(set.world, set.home, request(published, [base]))).stage.path);
  assert.ok(!existsSync(join(set.home.path, "cache/partial", published.release.archive.sha256)));
});

test("an archive that npm has too is taken from what is at hand, and npm is not asked", async () => {
  using set = setting();
  const published = publish(set.world, undefined, "npm:enginery-no-such-name@1.0.0");
  const base = join(set.world.folder, "repository");
  for (const [path, bytes] of Object.entries(published.served)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), bytes);
  }
  const { stage } = await acquire(set.world, set.home, request(published, [base]));
  requireStaged(stage.path);
  assert.deepEqual(set.notes, [], "nothing failed on the way");
});

test("what a folder gives is not copied into the cache", async () => {
  using set = setting();
  const published = publish(set.world);
  const base = join(set.world.folder, "repository");
  for (const [path, bytes] of Object.entries(published.served)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), path.startsWith("/archives/") ? bytes.subarray(0, -1) : bytes);
  }
  const cut = acquire(set.world, set.home, request(published, [base]));
  await assert.rejects(cut, (error) => isEngineryError(error, "length-mismatch"));
  assert.equal(set.home.cache.partial(published.release.archive.sha256).bytes, 0);
});

test("a broken connection is taken up again at the last verified piece", async () => {
  using set = setting();
  const published = publish(set.world);
  const path = archivePath(published);
  await using server = await startServer({
    ...answersOf(published),
    [path]: (incoming, response, count) =>
      (count < 3 ? breaking(published.archive, 150_000) : serving(published.archive))(incoming, response, count),
  });
  const { stage, downloadedBytes } = await acquire(set.world, set.home, request(published, [server.base]));
  requireStaged(stage.path);
  assert.deepEqual(ranges(server, path), ["whole", `bytes=${2 * PIECE_BYTES}-`, `bytes=${4 * PIECE_BYTES}-`]);
  assert.equal(downloadedBytes, published.archive.length);
  assert.equal(set.progress.advanced, published.archive.length);
});

test("a failed download leaves no stage and its verified pieces, and the next one begins there", async () => {
  using set = setting();
  const published = publish(set.world);
  const path = archivePath(published);
  await using broken = await startServer({ ...answersOf(published), [path]: breaking(published.archive, 0) });
  await assert.rejects(acquire(set.world, set.home, request(published, [broken.base])), (error) =>
    isEngineryError(error, "network"),
  );
  let answered = 0;
  await using half = await startServer({
    ...answersOf(published),
    [path]: (incoming, response, count) => {
      answered += 1;
      if (answered === 1) breaking(published.archive, 100_000)(incoming, response, count);
      else response.writeHead(404).end();
    },
  });
  await assert.rejects(acquire(set.world, set.home, request(published, [half.base])), (error) =>
    isEngineryError(error, "missing"),
  );
  requireNothingStaged(set.home);
  assert.deepEqual(set.home.trees.list(), []);
  assert.equal(set.home.cache.partial(published.release.archive.sha256).bytes, PIECE_BYTES);

  await using whole = await startServer(answersOf(published));
  const { stage, downloadedBytes } = await acquire(set.world, set.home, request(published, [whole.base]));
  requireStaged(stage.path);
  assert.deepEqual(ranges(whole, path), [`bytes=${PIECE_BYTES}-`]);
  assert.equal(downloadedBytes, published.archive.length - PIECE_BYTES);
});

test("a server without ranges sends all again, and only the rest counts", async () => {
  using set = setting();
  const published = publish(set.world);
  set.home.cache.partial(published.release.archive.sha256).append(published.archive.subarray(0, PIECE_BYTES));
  await using server = await startServer({
    ...answersOf(published),
    [archivePath(published)]: (_, response) => void response.end(published.archive),
  });
  const { stage, downloadedBytes } = await acquire(set.world, set.home, request(published, [server.base]));
  requireStaged(stage.path);
  assert.equal(downloadedBytes, published.archive.length - PIECE_BYTES);
});

test("a complete archive in the cache needs no server for it", async () => {
  using set = setting();
  const published = publish(set.world);
  set.home.cache.partial(published.release.archive.sha256).append(published.archive);
  await using server = await startServer({
    ...answersOf(published),
    [archivePath(published)]: (_, response) => void response.writeHead(404).end(),
  });
  const { stage, downloadedBytes } = await acquire(set.world, set.home, request(published, [server.base]));
  requireStaged(stage.path);
  assert.equal(downloadedBytes, 0);
});

test("pieces in the cache are believed no more than a server: spoilt, torn or too long, they are fetched again", async () => {
  for (const spoil of [
    (bytes: Buffer) => Buffer.concat([Buffer.from([(bytes[0] ?? 0) ^ 1]), bytes.subarray(1, 2 * PIECE_BYTES)]),
    (bytes: Buffer) => bytes.subarray(0, PIECE_BYTES + 5),
    (bytes: Buffer) => Buffer.concat([bytes, bytes]),
  ]) {
    using set = setting();
    const published = publish(set.world);
    set.home.cache.partial(published.release.archive.sha256).append(spoil(published.archive));
    await using server = await startServer(answersOf(published));
    const { stage, downloadedBytes } = await acquire(set.world, set.home, request(published, [server.base]));
    requireStaged(stage.path);
    assert.equal(downloadedBytes, published.archive.length);
  }
});

test("a mirror that lies is named, and the next goes on from the last verified piece", async () => {
  using set = setting();
  const published = publish(set.world);
  const path = archivePath(published);
  const lying = Buffer.from(published.archive);
  lying[3 * PIECE_BYTES + 9] = (lying[3 * PIECE_BYTES + 9] ?? 0) ^ 1;
  await using liar = await startServer({ ...answersOf(published), [path]: serving(lying) });
  await using honest = await startServer(answersOf(published));
  const { stage } = await acquire(set.world, set.home, request(published, [liar.base, honest.base]));
  requireStaged(stage.path);
  assert.deepEqual(ranges(honest, path), [`bytes=${3 * PIECE_BYTES}-`]);
  assert.ok(
    set.notes.some((note) => note.startsWith(liar.base) && note.includes("does not serve what was signed")),
    set.notes.join("\n"),
  );
  set.home.staging.drop(stage);

  await assert.rejects(acquire(set.world, set.home, request(published, [liar.base])), (error) => {
    assert.ok(isEngineryError(error, "hash-mismatch"), String(error));
    return error.context["piece"] === 3;
  });
  requireNothingStaged(set.home);
});

test("lying, missing and silent mirrors of documents are passed over; where all fail, the lie is what is told", async () => {
  using set = setting();
  const published = publish(set.world);
  const lies = Object.fromEntries(
    Object.entries(published.served).map(([path, bytes]) => [path, serving(Buffer.alloc(bytes.length, 1))]),
  );
  await using liar = await startServer(lies);
  await using empty = await startServer({});
  await using honest = await startServer(answersOf(published));
  const bases = [empty.base, "http://127.0.0.1:9", liar.base];
  requireStaged((await acquire(set.world, set.home, request(published, [...bases, honest.base]))).stage.path);
  using other = setting();
  await assert.rejects(acquire(other.world, other.home, request(published, bases)), (error) =>
    isEngineryError(error, "hash-mismatch"),
  );
  await assert.rejects(acquire(other.world, other.home, request(published, [empty.base])), (error) =>
    isEngineryError(error, "missing"),
  );
  assert.deepEqual(other.home.trees.list(), []);
});

test("documents that are not what the manifest says of them are refused, though their bytes are signed for", async () => {
  using set = setting();
  const published = publish(set.world);
  const { release } = published;
  const changes: readonly [Partial<PlatformRelease>, "tree-mismatch" | "document-invalid" | "length-mismatch"][] = [
    [{ tree: { ...release.tree, digest: "0".repeat(64) } }, "tree-mismatch"],
    [{ tree: { ...release.tree, files: 3 } }, "tree-mismatch"],
    [{ tree: { ...release.tree, unpackedBytes: 1 } }, "tree-mismatch"],
    [{ tree: { ...release.tree, bytes: release.tree.bytes + 1 } }, "length-mismatch"],
    [{ tree: { ...release.tree, bytes: release.tree.bytes - 1 } }, "length-mismatch"],
    [{ archive: { ...release.archive, bytes: release.archive.bytes + 1 } }, "document-invalid"],
    [{ archive: { ...release.archive, sha256: "0".repeat(64) } }, "document-invalid"],
    [{ pieces: release.tree }, "document-invalid"],
  ];
  const served = { ...published, served: { ...published.served } };
  for (const [change, code] of changes) {
    const changed = { ...served, release: { ...release, ...change } };
    await using mirror = await startServer({
      ...answersOf(published),
      [`/pieces/${release.tree.sha256}.json.zst`]: serving(
        published.served[`/trees/${release.tree.sha256}.json.zst`] ?? ENGINE,
      ),
    });
    await assert.rejects(
      acquire(set.world, set.home, request(changed, [mirror.base])),
      (error) => isEngineryError(error, code),
      JSON.stringify(change),
    );
    assert.ok(!mirror.requests.some(({ path }) => path.startsWith("/archives/")));
  }
  requireNothingStaged(set.home);
});

test("an archive that does not hold the signed tree is refused by every mirror's bytes at once", async () => {
  using set = setting();
  const published = publish(set.world, treeOf({ ...FILES, readme: "other" }, ["bin/engine"]));
  await using server = await startServer(answersOf(published));
  await using second = await startServer(answersOf(published));
  await assert.rejects(acquire(set.world, set.home, request(published, [server.base, second.base])), (error) =>
    isEngineryError(error, "tree-mismatch"),
  );
  assert.deepEqual(second.requests, []);
  requireNothingStaged(set.home);
});

test("an archive of the npm registry may also lie in a mirror", async () => {
  using set = setting();
  const published = publish(set.world, undefined, "npm:engine@1.0.0");
  await using server = await startServer(answersOf(published));
  const asked: string[] = [];
  const real = request(published, [server.base]).fetcher;
  const fetcher: AcquireRequest["fetcher"] = {
    open: async (location, options) => {
      asked.push(location);
      return real.open(location.startsWith("npm:") ? `${server.base}/none` : location, options);
    },
  };
  requireStaged((await acquire(set.world, set.home, request(published, [server.base], { fetcher }))).stage.path);
  assert.deepEqual(asked.slice(2), ["npm:engine@1.0.0", `${server.base}${archivePath(published)}`]);
});
