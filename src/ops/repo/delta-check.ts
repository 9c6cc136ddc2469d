import { EngineryError, type ErrorCode, isEngineryError } from "../../core/errors.ts";
import { joinedBytes } from "../../core/joined-bytes.ts";
import type { DeltaReference, Manifest, PlatformRelease, Sha256 } from "../../core/model/manifest.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import { buildsOf } from "./content-check.ts";
import { applyAsClient } from "./deltas.ts";
import { withRepositoryLock } from "./locking.ts";
import { publishedRelease, unpackInto } from "./published-files.ts";
import type { PublisherWorld } from "./world.ts";

/** Nothing is wrong with the deltas: there is no room to try them. */
const OF_THE_PLACE: readonly ErrorCode[] = ["read-only", "permission", "disk-full", "busy"];

/** By tree digest; of several of the same files the first. */
export function buildsByTree(manifest: Manifest): ReadonlyMap<Sha256, PlatformRelease> {
  return new Map(
    buildsOf(manifest)
      .toReversed()
      .map((build) => [build.tree.digest, build]),
  );
}

/**
 * Applies each delta of a build to the release that it builds upon, as a client will; `builds` are those of the manifest. One whose old release is no longer in the manifest, or
 * whose archive stays in the npm registry, was hashed and is not applied. Errors: `document-invalid`, with the delta's path.
 */
export async function checkDeltas(
  world: PublisherWorld,
  repository: Repository,
  builds: ReadonlyMap<Sha256, PlatformRelease>,
  build: PlatformRelease,
): Promise<void> {
  const pairs = (build.deltas ?? []).flatMap((delta) => {
    const base = builds.get(delta.from);
    return base === undefined || base.archive.source !== undefined ? [] : [{ delta, base }];
  });
  if (pairs.length === 0) return;
  try {
    // what is unpacked for it lies where whoever signs sweeps
    await withRepositoryLock(world, repository, { verb: "verify", dryRun: false }, async () => {
      for (const { delta, base } of pairs) await checkOne(world, repository, delta, { base, build });
    });
  } catch (error) {
    if (!isEngineryError(error, ...OF_THE_PLACE)) throw error;
    world.reporter.note(`Deltas were hashed and not applied: ${error.message}`);
  }
}

async function checkOne(
  world: PublisherWorld,
  repository: Repository,
  delta: DeltaReference,
  { base, build }: { readonly base: PlatformRelease; readonly build: PlatformRelease },
): Promise<void> {
  const path = repositoryLayout.delta(delta.sha256);
  try {
    const before = publishedRelease(world, repository, base, { offline: true });
    const after = publishedRelease(world, repository, build, { offline: true });
    using old = await unpackInto(world, repository.scratch(world.identifiers.operation()), before);
    const bytes = await Array.fromAsync(repository.chunks(path));
    await applyAsClient(world, delta, {
      old: before.tree,
      tree: after.tree,
      treeDigest: build.tree.digest,
      readOld: old.readPart,
      bytes: joinedBytes(bytes),
    });
  } catch (error) {
    if (!isEngineryError(error) || OF_THE_PLACE.includes(error.code)) throw error;
    throw new EngineryError("document-invalid", `${path} does not make the release that it is for: ${error.message}`, {
      hint: "Add the release again with --deltas, under a new version.",
      context: { path },
      cause: error,
    });
  }
}
