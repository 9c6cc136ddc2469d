import { chmodSync, linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { composeWorld } from "../../src/compose.ts";
import type { Manifest, PlatformRelease } from "../../src/core/model/manifest.ts";
import { addContent } from "../../src/ops/repo/release-content.ts";
import { repositoryOf } from "../../src/ops/repo/world.ts";
import { openRepository } from "../../src/store/repository.ts";
import { repositoryLayout } from "../../src/store/repository-layout.ts";
import { unsynced } from "../../test/sim/unsynced-file-system.ts";
import { mustRun } from "../channel.ts";
import { ENGINE, versionAt } from "../large-home.ts";

/** An engine without a schedule, for `use`. */
export const PLAIN = "plain";

/** Content of many small releases of the same engine, made once: repositories of any size link to it. */
export interface Shelf {
  /** A signed repository of the first so many releases, each deployed at ten epochs after the one before, and two of an engine without a schedule. */
  publish(directory: string, count: number): Promise<void>;
}

export function openShelf(folder: string): Shelf {
  const world = composeWorld();
  const quick = { ...world, fileSystem: unsynced(world.fileSystem) };
  const shelf = repositoryOf(quick, join(folder, "shelf"));
  const releases: PlatformRelease[] = [];
  const plain: PlatformRelease[] = [];

  async function make(engine: string, version: string): Promise<PlatformRelease> {
    const tree = join(folder, `shelf-${engine}`);
    writeSmall(tree, engine, version);
    const draft = { channel: "bench", published: undefined, manifest: manifestOf({}) };
    const request = { directory: shelf.directory, engine, version, platform: "any", tree, dryRun: false };
    return (await addContent(quick, shelf, request, draft)).release;
  }

  return {
    async publish(directory, count) {
      for (let at = releases.length; at < count; at += 1) releases.push(await make(ENGINE, versionAt(at)));
      for (let at = plain.length; at < 2; at += 1) plain.push(await make(PLAIN, versionAt(at)));
      const keys = `${directory}-keys`;
      await mustRun(["repo", "init", directory, "--channel", "bench", "--keys-dir", keys]);
      const some = releases.slice(0, count);
      for (const release of [...some, ...plain]) linkContent(shelf.directory, directory, release);
      const versions = some.map((_, at) => versionAt(at));
      const manifest = manifestOf({
        [ENGINE]: engineOf(some, versions),
        [PLAIN]: engineOf(plain, []),
      });
      const draft = openRepository(directory, quick.fileSystem, () => world.identifiers.operation());
      draft.write(repositoryLayout.draftChannel("bench"), Buffer.from(JSON.stringify(manifest)));
      await mustRun(["repo", "sign", directory, "--keys-dir", keys]);
    },
  };
}

/** A folder to add one more release from. */
export function writeSmall(tree: string, engine: string, version: string): void {
  const file = join(tree, "bin", engine);
  mkdirSync(join(tree, "bin"), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho ${engine} ${version}\n`);
  chmodSync(file, 0o755);
}

function linkContent(from: string, to: string, { archive, pieces, tree }: PlatformRelease): void {
  const paths = [
    repositoryLayout.archive(archive),
    repositoryLayout.pieces(pieces.sha256),
    repositoryLayout.tree(tree.sha256),
  ];
  for (const path of paths) {
    mkdirSync(join(to, path, ".."), { recursive: true });
    linkSync(join(from, path), join(to, path));
  }
}

function engineOf(releases: readonly PlatformRelease[], deployed: readonly string[]): Manifest["engines"][string] {
  return {
    rules: { maxFuture: null, maxDeployments: null, alterPending: "deny" },
    deployments: deployed.map((version, at) => ({ version, validFrom: at * 10 })),
    releases: Object.fromEntries(releases.map((release, at) => [versionAt(at), { platforms: { any: release } }])),
  };
}

function manifestOf(engines: Manifest["engines"]): Manifest {
  return { format: 1, channel: "bench", serial: 1, previous: null, publishedEpoch: null, unit: "epoch", engines };
}
