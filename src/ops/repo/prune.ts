import { EngineryError } from "../../core/errors.ts";
import type { Manifest } from "../../core/model/manifest.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { PruneRepositoryRequest, PruneRepositoryResult } from "../publisher.ts";
import { buildsOf, contentOf } from "./content-check.ts";
import { channelsOf, draftOf } from "./draft.ts";
import { withRepositoryLock } from "./locking.ts";
import { type Published, readManifest, readPublished } from "./published.ts";
import { type PublisherWorld, repositoryOf } from "./world.ts";

const DEFAULT_KEEP = 10;

/**
 * Removes archives, pieces, trees and deltas that neither a draft nor one of the last manifests of any channel names. Metadata and manifests stay:
 * a client that was away walks them. Errors: `usage`, `missing`, `busy`.
 */
export async function prune(world: PublisherWorld, request: PruneRepositoryRequest): Promise<PruneRepositoryResult> {
  const keep = request.keepManifests ?? DEFAULT_KEEP;
  if (!Number.isSafeInteger(keep) || keep < 1)
    throw new EngineryError("usage", "At least one manifest's content is kept.", {
      hint: "Give --keep-manifests 1 or more.",
    });
  const repository = repositoryOf(world, request.directory);
  const author = await world.authoring();
  return await withRepositoryLock(world, repository, { verb: "prune", dryRun: request.dryRun }, () => {
    const published = readPublished(repository, author, world.digester);
    const named = new Set(
      keptManifests(world, repository, published, keep).flatMap((manifest) =>
        buildsOf(manifest).flatMap((build) => contentOf(build).map(({ path }) => path)),
      ),
    );
    const files = repositoryLayout.contentFolders.flatMap((folder) =>
      repository.files(folder).map((name) => {
        const path = `${folder}/${name}`;
        return { path, bytes: repository.status(path)?.bytes ?? 0 };
      }),
    );
    const removed = files.filter(({ path }) => !named.has(path));
    const kept = files.filter(({ path }) => named.has(path));
    if (!request.dryRun) for (const { path } of removed) repository.remove(path);
    return {
      removed,
      freedBytes: sum(removed),
      kept: { files: kept.length, bytes: sum(kept) },
      ...(request.dryRun ? { dryRun: true as const } : {}),
    };
  });
}

function keptManifests(
  world: PublisherWorld,
  repository: Repository,
  published: Published,
  keep: number,
): readonly Manifest[] {
  const drafts = channelsOf(repository, published).map((channel) => draftOf(repository, published, channel).manifest);
  const chains = [...published.channels.values()].flatMap(({ manifest }) => {
    const chain = [manifest];
    for (let last = manifest; chain.length < keep && last.previous !== null; ) {
      last = readManifest(repository, world.digester, last.previous).manifest;
      chain.push(last);
    }
    return chain;
  });
  return [...drafts, ...chains];
}

function sum(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
