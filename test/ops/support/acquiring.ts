import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createFetcher } from "../../../src/adapters/fetch/fetcher.ts";
import type { PlatformRelease } from "../../../src/core/model/manifest.ts";
import type { Tree } from "../../../src/core/model/tree.ts";
import { encodePieces, encodeTree } from "../../../src/core/parse-tree.ts";
import type { AcquireRequest } from "../../../src/ops/acquire.ts";
import { createHome, type Home } from "../../../src/store/home.ts";
import { type Answer, type FaultyServer, serving } from "../../adapters/support/faulty-server.ts";
import { END, entry } from "../../hostile/support/raw-tar.ts";
import { compressed, piecesOf, sha256, treeOf } from "../../hostile/support/unpacking.ts";
import { makeTestWorld, type TestWorld } from "../../support/test-world.ts";

export const ENGINE = randomBytes(400_000);
export const FILES = { "bin/engine": ENGINE, readme: "read me" };
export const PIECE_BYTES = 64 * 1024;

export interface Published {
  readonly release: PlatformRelease;
  readonly archive: Buffer;
  /** By path below the base. */
  readonly served: Readonly<Record<string, Uint8Array>>;
}

export function publish(world: TestWorld, tree: Tree = treeOf(FILES, ["bin/engine"]), source?: string): Published {
  const tar = Buffer.concat([entry({ name: "bin/engine" }, ENGINE), entry({ name: "readme" }, FILES.readme), END]);
  const archive = compressed["tar.zst"](tar);
  const treeBytes = world.compression.compress(encodeTree(tree));
  const piecesBytes = world.compression.compress(encodePieces(piecesOf(archive, PIECE_BYTES)));
  const hashes = { archive: sha256(archive), tree: sha256(treeBytes), pieces: sha256(piecesBytes) };
  const release: PlatformRelease = {
    archive: {
      sha256: hashes.archive,
      bytes: archive.length,
      format: "tar.zst",
      root: "",
      ...(source ? { source } : {}),
    },
    pieces: { sha256: hashes.pieces, bytes: piecesBytes.length },
    tree: {
      sha256: hashes.tree,
      bytes: treeBytes.length,
      digest: sha256(encodeTree(tree)),
      files: tree.files.length,
      unpackedBytes: tree.files.reduce((sum, file) => sum + file.bytes, 0),
    },
    entries: {},
  };
  const served = {
    [`/archives/${hashes.archive}.tar.zst`]: archive,
    [`/trees/${hashes.tree}.json.zst`]: treeBytes,
    [`/pieces/${hashes.pieces}.json.zst`]: piecesBytes,
  };
  return { release, archive, served };
}

export const answersOf = ({ served }: Published): Record<string, Answer> =>
  Object.fromEntries(Object.entries(served).map(([path, bytes]) => [path, serving(bytes)]));

export const archivePath = ({ release }: Published): string => `/archives/${release.archive.sha256}.tar.zst`;

export interface Setting extends Disposable {
  readonly world: TestWorld;
  readonly home: Home;
  readonly notes: string[];
  readonly progress: { advanced: number };
}

export function setting(): Setting {
  const notes: string[] = [];
  const progress = { advanced: 0 };
  const world = makeTestWorld({
    reporter: {
      note: (message) => void notes.push(message),
      warn: () => undefined,
      progress: () => ({
        advance: (bytes) => {
          progress.advanced += bytes;
        },
        [Symbol.dispose]: () => undefined,
      }),
    },
  });
  const config = { format: 1, repository: "/nowhere", channel: "test" } as const;
  return {
    world,
    home: createHome(join(world.folder, "home"), world, config),
    notes,
    progress,
    [Symbol.dispose]: () => world[Symbol.dispose](),
  };
}

export function request(
  published: Published,
  bases: readonly string[],
  more: Partial<AcquireRequest> = {},
): AcquireRequest {
  const timeouts = { headersMs: 2000, idleMs: 500 };
  const fetcher = createFetcher({
    offline: false,
    allowHttp: false,
    env: {},
    userAgent: "test",
    timeouts,
    sleep: async () => undefined,
  });
  const { release } = published;
  return {
    operation: "0".repeat(32),
    engine: "engine",
    version: "1.0.0",
    platform: "linux-x64",
    release,
    bases,
    fetcher,
    ...more,
  };
}

export function requireStaged(path: string): void {
  assert.deepEqual(readFileSync(join(path, "bin/engine")), ENGINE);
  assert.equal(statSync(join(path, "bin/engine")).mode & 0o777, 0o555);
  assert.equal(readFileSync(join(path, "readme"), "utf8"), "read me");
}

export function requireNothingStaged(home: Home): void {
  const operations = readdirSync(join(home.path, "staging"));
  for (const operation of operations) {
    const left = readdirSync(join(home.path, "staging", operation)).filter((name) => name !== "owner.json");
    assert.deepEqual(left, []);
  }
}

export const ranges = ({ requests }: FaultyServer, path: string) =>
  requests.filter((known) => known.path === path).map(({ headers }) => headers.range ?? "whole");
