import { differenceOf, type TreeDifference } from "../../core/delta-content.ts";
import { isEngineryError } from "../../core/errors.ts";
import type { DeltaReference, PlatformRelease, Sha256 } from "../../core/model/manifest.ts";
import type { Tree } from "../../core/model/tree.ts";
import { releaseName } from "../../core/release-name.ts";
import { compareVersions } from "../../core/version.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { AddRequest } from "../publisher.ts";
import type { Draft } from "./draft.ts";
import { type ArchivedRelease, type PublishedFiles, publishedRelease, unpackInto } from "./published-files.ts";
import type { PublisherWorld } from "./world.ts";

/** One that saves less than a fifth is not worth a client's second way. */
const WORTHWHILE = 0.8;

export interface MadeDelta extends DeltaReference {
  /** The release that it builds upon. */
  readonly version: string;
}

export interface DeltaContext {
  readonly draft: Draft;
  readonly request: AddRequest;
  readonly archiveBytes: number;
  /** The release that is being added. */
  readonly made: ArchivedRelease;
  readonly treeDigest: Sha256;
}

/**
 * Deltas from the last releases of the same engine and platform, as many as were asked for. What cannot be made, as the older archive is gone,
 * is told in a note; each that is made was applied once, as a client will. With `dryRun` nothing stays.
 */
export async function makeDeltas(
  world: PublisherWorld,
  repository: Repository,
  context: DeltaContext,
): Promise<readonly MadeDelta[]> {
  const { request, made } = context;
  const bases = basesOf(context);
  if (bases.length === 0) return [];
  using files = await unpackInto(world, repository.scratch(world.identifiers.operation()), made);
  const deltas: MadeDelta[] = [];
  for (const base of bases) {
    try {
      const delta = await makeOne(world, repository, context, { ...base, files });
      if (delta !== undefined) deltas.push(delta);
    } catch (error) {
      if (!isEngineryError(error, "missing", "hash-mismatch", "network", "offline", "timeout", "http-status"))
        throw error;
      const name = releaseName({ engine: request.engine, version: base.version });
      world.reporter.note(`There is no delta from ${name}: ${error.message}`);
    }
  }
  return deltas;
}

interface Base {
  readonly version: string;
  readonly release: PlatformRelease;
}

/** The newest versions before this one first. A release that says the same tree needs no delta: it has all of it. */
function basesOf({ draft, request, treeDigest }: DeltaContext): readonly Base[] {
  const { engine, version, platform, deltas = 0 } = request;
  const releases = Object.hasOwn(draft.manifest.engines, engine) ? draft.manifest.engines[engine]?.releases : undefined;
  return Object.entries(releases ?? {})
    .flatMap(([other, { platforms }]): Base[] => {
      const release = Object.hasOwn(platforms, platform) ? platforms[platform] : undefined;
      return release === undefined || compareVersions(other, version) >= 0 ? [] : [{ version: other, release }];
    })
    .sort((one, other) => compareVersions(other.version, one.version))
    .slice(0, deltas)
    .filter(({ release }) => release.tree.digest !== treeDigest);
}

async function makeOne(
  world: PublisherWorld,
  repository: Repository,
  { request, archiveBytes, made, treeDigest }: DeltaContext,
  { version, release, files }: Base & { readonly files: PublishedFiles },
): Promise<MadeDelta | undefined> {
  const before = publishedRelease(world, repository, release, request);
  using old = await unpackInto(world, repository.scratch(world.identifiers.operation()), before);
  const difference = differenceOf(before.tree, made.tree);
  const places = new Map(made.tree.files.map(({ path }, place) => [path, place]));
  const writer = await world.deltaWriter();
  const bytes = await writer.make({
    from: release.tree.digest,
    tree: treeDigest,
    old: before.tree,
    difference,
    readOld: old.readPart,
    readNew: (fresh, offset, into) => files.readPart(placeOf(difference, fresh, places), offset, into),
    maxBytes: Math.floor(archiveBytes * WORTHWHILE),
  });
  if (bytes === undefined) return undefined;
  const delta = { version, from: release.tree.digest, sha256: world.digester.sha256(bytes), bytes: bytes.length };
  await applyAsClient(world, delta, { old: before.tree, tree: made.tree, treeDigest, readOld: old.readPart, bytes });
  if (request.dryRun) return delta;
  using incoming = repository.receive(world.identifiers.operation());
  incoming.write(bytes);
  incoming.adopt(repositoryLayout.delta(delta.sha256));
  return delta;
}

function placeOf({ fresh }: TreeDifference, index: number, places: ReadonlyMap<string, number>): number {
  return places.get(fresh[index]?.files[0]?.path ?? "") ?? 0;
}

export interface DeltaTrial {
  readonly old: Tree;
  readonly tree: Tree;
  readonly treeDigest: Sha256;
  readonly readOld: PublishedFiles["readPart"];
  readonly bytes: Uint8Array;
}

/** Applies it, writing nothing: every new file must come out as it was signed. Errors: those of DeltaReader. */
export async function applyAsClient(world: PublisherWorld, { from }: DeltaReference, trial: DeltaTrial): Promise<void> {
  const { old, tree, treeDigest, readOld, bytes } = trial;
  const nothing = { write: () => undefined, finish: () => undefined, abandon: () => undefined };
  const reader = await world.deltaReader();
  await reader.apply({
    from,
    tree: treeDigest,
    old,
    difference: differenceOf(old, tree),
    bytes: bytes.length,
    chunks: [bytes],
    readOld,
    sink: { begin: () => nothing },
  });
}
