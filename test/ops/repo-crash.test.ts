import assert from "node:assert/strict";
import { linkSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { add } from "../../src/ops/repo/add.ts";
import { deploy } from "../../src/ops/repo/deploy.ts";
import { init } from "../../src/ops/repo/init.ts";
import { rotateRoot } from "../../src/ops/repo/rotate-root.ts";
import { sign } from "../../src/ops/repo/sign.ts";
import type { FileSystem } from "../../src/ports/file-system.ts";
import { forEveryKillPoint, recordingFileSystem } from "../sim/killing-file-system.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { toyTree } from "../support/toy-channel.ts";
import { newClientSerial } from "./repo-client.ts";

/** A killed process's writes stay whether or not they were flushed: the waiting for the disk is left out. */
function withoutFlushes(real: FileSystem): FileSystem {
  const nothing = (): void => undefined;
  return {
    ...real,
    syncFile: nothing,
    syncFiles: async () => undefined,
    syncFileSystem: async () => true,
    syncDirectory: nothing,
    createExclusive(path, mode) {
      const handle = real.createExclusive(path, mode);
      return (
        handle && {
          write: (bytes) => handle.write(bytes),
          sync: nothing,
          [Symbol.dispose]: () => handle[Symbol.dispose](),
        }
      );
    },
  };
}

/** No file of a repository is ever written in place, so names for the same files are as good as copies. */
function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, copy);
    else linkSync(source, copy);
  }
}

interface Published {
  readonly serial: number;
  readonly root: number;
}

const FIRST_SIGNERS = ["root-1", "root-2", "snapshot", "timestamp"];

const keyFiles = (keysDir: string, names: readonly string[]): readonly string[] =>
  names.map((name) => join(keysDir, `${name}.pem`));

/** A repository that has published serial 1 and has serial 2 drafted; `prepare` drafts more. */
async function drafted(world: TestWorld, prepare: (directory: string, keysDir: string) => Promise<unknown>) {
  const directory = join(world.folder, "repository");
  const keysDir = join(world.folder, "keys");
  const request = { directory, dryRun: false };
  await init(world, { ...request, channel: "main", threshold: 2, keys: 3, keysDir });
  const release = { ...request, engine: "toy", version: "1.0.0", platform: "any" };
  await add(world, { ...release, tree: toyTree(world, "toy", "1.0.0") });
  await deploy(world, { ...release, validFrom: 0 });
  await sign(world, { ...request, keys: keyFiles(keysDir, FIRST_SIGNERS), epoch: 1 });
  await prepare(directory, keysDir);
  return { directory, keysDir };
}

/** Dies before each mutating call of `sign`: a client that knows nothing reads `before` or `after`, and signing again gives `after`. */
async function signDiesEverywhere(
  prepare: (world: TestWorld, directory: string, keysDir: string) => Promise<unknown>,
  before: Published,
  after: Published,
  { stride, signers }: { stride: number; signers: readonly string[] },
): Promise<void> {
  using world = makeTestWorld();
  const { directory, keysDir } = await drafted(world, (...folders) => prepare(world, ...folders));
  const keys = keyFiles(keysDir, signers);
  const seen = new Set<string>();
  const points = await forEveryKillPoint({
    real: withoutFlushes(nodeFileSystem()),
    torn: true,
    stride,
    arrange: () => {
      const copy = mkdtempSync(join(world.folder, "copy-"));
      linkFolder(directory, copy);
      return copy;
    },
    act: (fileSystem, copy) => sign({ ...world, fileSystem }, { directory: copy, keys, epoch: 50, dryRun: false }),
    check: async (copy, killedAt, point) => {
      const { serial, root } = await newClientSerial(world, copy, "main");
      const found = JSON.stringify({ serial, root });
      seen.add(found);
      const allowed = [before, after].map((one) => JSON.stringify(one));
      assert.ok(allowed.includes(found), `${found} after ${killedAt?.name} ${killedAt?.path} (${point})`);
      const repeated = await sign(
        { ...world, fileSystem: withoutFlushes(world.fileSystem) },
        { directory: copy, keysDir, epoch: 50, dryRun: false },
      );
      assert.equal(repeated.visible, true);
      const mended = await newClientSerial(world, copy, "main");
      assert.deepEqual({ serial: mended.serial, root: mended.root }, after, `signed again after point ${point}`);
      assert.deepEqual(
        readdirSync(join(copy, ".draft")).sort(),
        ["channels", "key-names.json"],
        "nothing is left over",
      );
      assert.deepEqual(readdirSync(join(copy, ".draft", "channels")), []);
    },
  });
  assert.ok(points > 20, `${points} points`);
  for (const one of [before, after]) assert.ok(seen.has(JSON.stringify(one)), `${JSON.stringify(one)} was seen`);
}

test("sign dies before any call: clients read the old or the new channel, and signing again mends it", async () => {
  await signDiesEverywhere(
    async (world, directory) => {
      const release = { directory, dryRun: false, engine: "toy", version: "1.1.0", platform: "any" };
      await add(world, { ...release, tree: toyTree(world, "toy", "1.1.0") });
      await deploy(world, { ...release, validFrom: 100 });
    },
    { serial: 1, root: 1 },
    { serial: 2, root: 1 },
    { stride: 2, signers: FIRST_SIGNERS },
  );
});

test("a rotation that takes a signer's key away dies before any call: no client is ever lost", async () => {
  await signDiesEverywhere(
    async (world, directory, keysDir) => {
      const request = { directory, dryRun: false };
      // What is visible is signed by root-1 and root-2: under the next root, only root-2's signature counts.
      await rotateRoot(world, { ...request, removeKeys: ["root-1"], newKeys: 1, keysDir });
    },
    { serial: 1, root: 1 },
    { serial: 1, root: 2 },
    { stride: 3, signers: ["root-1", "root-2", "root-3", "snapshot", "timestamp"] },
  );
});

test("a rotation to a timestamp key that the old root does not know dies before any call", async () => {
  await signDiesEverywhere(
    async (world, directory, keysDir) => {
      // What is visible stays valid under the next root; what is signed next is not under the one before.
      await rotateRoot(world, { directory, dryRun: false, role: "timestamp", newKeys: 1, keysDir });
    },
    { serial: 1, root: 1 },
    { serial: 1, root: 2 },
    { stride: 3, signers: ["root-1", "root-3", "snapshot", "timestamp-1"] },
  );
});

test("each file is flushed before it has its name, each name before the next, and timestamp.json comes last", async () => {
  using world = makeTestWorld();
  const { directory, keysDir } = await drafted(world, (folder) =>
    rotateRoot(world, { directory: folder, dryRun: false }),
  );
  const { fileSystem, trace } = recordingFileSystem(nodeFileSystem());
  const keys = keyFiles(keysDir, FIRST_SIGNERS);
  await sign({ ...world, fileSystem }, { directory, keys, epoch: 50, dryRun: false });
  const renames = trace.flatMap((call, place) => (call.name === "rename" ? [{ call, place }] : []));
  for (const [order, { call, place }] of renames.entries()) {
    const to = call.to ?? "";
    const before = trace.slice(0, place).filter(({ path }) => path === call.path);
    assert.equal(before.at(-1)?.name, "sync", `${to} was flushed after its last write`);
    const after = trace.slice(place + 1, renames[order + 1]?.place);
    const folder = to.slice(0, to.lastIndexOf("/"));
    assert.ok(
      after.some(({ name, path }) => name === "syncDirectory" && path === folder),
      `${to} has its name for good`,
    );
  }
  const visible = renames.flatMap(({ call }) => call.to?.split("/metadata/")[1] ?? []);
  assert.deepEqual(visible, ["2.root.json", "2.snapshot.json", "timestamp.json"]);
});
