import type { BaseRelease, Way } from "../core/acquire-plan.ts";
import { differenceOf, type KeptFile, type TreeDifference } from "../core/delta-content.ts";
import { EngineryError, type ErrorCode, isEngineryError } from "../core/errors.ts";
import type { DeltaReference } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import { releaseName } from "../core/release-name.ts";
import type { PartialDownload } from "../store/cache.ts";
import type { Home } from "../store/home.ts";
import type { Stage, VerifiedStage } from "../store/stage.ts";
import type { Acquired, AcquireRequest } from "./acquire.ts";
import { fetchTree, knownTree } from "./documents.ts";
import { fetchDelta } from "./fetch-delta.ts";
import { type TakenWay, wayTaken } from "./ways.ts";
import type { World } from "./world.ts";

export interface NeedRequest extends AcquireRequest {
  /** First choice first. */
  readonly ways: readonly Way[];
}

export interface ByNeed {
  /** Undefined: none of the ways but the archive served. */
  readonly acquired: (Acquired & { readonly taken: TakenWay }) | undefined;
  /** What was fetched for deltas that did not serve. */
  readonly wastedBytes: number;
}

/** A few milliseconds' work: so many files, or of large ones so many bytes. */
const SOME_FILES = 16;
const SOME_BYTES = 2 * 1024 * 1024;

/** With these the archive would fail, too. */
const OURS: readonly ErrorCode[] = ["disk-full", "disk-space", "read-only", "internal"];

/**
 * Takes from an installation what it has, and a delta for the rest (docs/operations/by-need.md). A way that does not serve, for whatever reason, is
 * warned of and the next one tried. Errors: those of the disk, and of no mirror.
 */
export async function acquireByNeed(world: World, home: Home, request: NeedRequest): Promise<ByNeed> {
  const spent = { bytes: 0 };
  for (const way of request.ways) {
    if (way.kind === "archive") break;
    try {
      const before = spent.bytes;
      const { stage, tree } = await take(world, home, request, way, spent);
      const downloadedBytes = spent.bytes - before;
      return { acquired: { stage, tree, downloadedBytes, taken: wayTaken(way) }, wastedBytes: before };
    } catch (error) {
      if (!isEngineryError(error) || OURS.includes(error.code)) throw error;
      const what = way.kind === "delta" ? "The delta" : "What is there";
      world.reporter.warn(
        "other-way",
        `${what} from ${releaseName(way.base)} does not serve for ${releaseName(request)}, another way is taken: ${error.message}`,
      );
    }
  }
  return { acquired: undefined, wastedBytes: spent.bytes };
}

async function take(
  world: World,
  home: Home,
  request: NeedRequest,
  way: Exclude<Way, { readonly kind: "archive" }>,
  spent: { bytes: number },
): Promise<{ readonly stage: VerifiedStage; readonly tree: Tree }> {
  const { engine, version, tree: from } = way.base;
  // by-need.md 1: prune leaves the old release alone for as long as files are taken from it
  using _claim = home.leases.take({ engine, version });
  const old = knownTree(home.trees, from);
  if (old === undefined)
    throw new EngineryError("missing", `The file list of ${releaseName(way.base)} is gone or damaged.`, {
      context: { tree: from },
    });
  const tree = knownTree(home.trees, request.release.tree.digest) ?? (await fetchTree(world, request.release, request));
  const difference = differenceOf(old, tree);
  const delta = way.kind === "delta" ? way.delta : undefined;
  const download =
    delta &&
    (await fetchDelta(world, home, { ...request, delta }, (bytes) => {
      spent.bytes += bytes;
      request.onDownloaded?.(bytes);
    }));
  const stage = await layOutFrom(world, home, { request, base: way.base, old, tree, difference, delta, download });
  home.trees.keep(tree);
  download?.discard();
  return { stage, tree };
}

interface Sources {
  readonly request: NeedRequest;
  readonly base: BaseRelease;
  readonly old: Tree;
  readonly tree: Tree;
  readonly difference: TreeDifference;
  readonly delta: DeltaReference | undefined;
  readonly download: PartialDownload | undefined;
}

/** Takes over some more files at each call; false once all are there. */
function reusing({ kept }: TreeDifference, stage: Stage, folder: string): () => boolean {
  let next = 0;
  return () => {
    for (let bytes = 0; next < kept.length && bytes < SOME_BYTES; next += 1) {
      const { file, from } = kept[next] as KeptFile;
      stage.reuse(file, `${folder}/${from.path}`);
      bytes += file.bytes + SOME_BYTES / SOME_FILES;
    }
    return next < kept.length;
  };
}

async function layOutFrom(world: World, home: Home, sources: Sources): Promise<VerifiedStage> {
  const { base, old, tree, difference, delta, download } = sources;
  const { operation, engine, version, platform, release } = sources.request;
  const treeDigest = release.tree.digest;
  const stage = home.staging.begin(operation, { engine, version, platform, tree, treeDigest });
  const { installations } = home;
  try {
    const reuseSome = reusing(difference, stage, installations.path(base.engine, base.version));
    if (delta !== undefined && download !== undefined) {
      const reader = await world.deltaReader();
      await reader.apply({
        from: delta.from,
        tree: treeDigest,
        old,
        difference,
        bytes: delta.bytes,
        chunks: download.read(),
        readOld: (file, offset, into) => {
          installations.readPart(base.engine, base.version, old.files[file]?.path ?? "", offset, into);
        },
        sink: stage.lastingSink,
        meanwhile: reuseSome,
      });
    }
    while (reuseSome());
    return await stage.finish();
  } catch (error) {
    stage.abandon();
    // what was verified and does not serve, serves no better tomorrow
    download?.discard();
    throw error;
  }
}
