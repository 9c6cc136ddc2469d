import { type EngineryError, isEngineryError } from "../core/errors.ts";
import { below, isLocal } from "../core/location.ts";
import type { Platform, PlatformRelease, Version } from "../core/model/manifest.ts";
import type { Pieces, Tree } from "../core/model/tree.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { ProgressBar } from "../ports/reporter.ts";
import type { PartialDownload } from "../store/cache.ts";
import type { Home } from "../store/home.ts";
import { repositoryLayout } from "../store/repository-layout.ts";
import type { Stage, VerifiedStage } from "../store/stage.ts";
import { fetchPieces, fetchTree, knownTree } from "./documents.ts";
import { mirrors } from "./mirrors.ts";
import type { World } from "./world.ts";

export interface AcquireRequest {
  readonly operation: string;
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  readonly release: PlatformRelease;
  /** Repository bases, first choice first. */
  readonly bases: readonly string[];
  readonly fetcher: Fetcher;
  /** Told the bytes of every verified piece that was fetched. */
  readonly onDownloaded?: (bytes: number) => void;
}

export interface Acquired {
  readonly stage: VerifiedStage;
  readonly tree: Tree;
  /** Bytes of the archive that were fetched, and not found in the cache. */
  readonly downloadedBytes: number;
}

/** A broken connection is taken up again as long as each time brings at least a piece. */
const MAX_RESUMES = 20;

/**
 * Fetches, verifies and stages a release: file list, pieces, archive, in one pass from the network to the staged files. A broken download goes on
 * from its last verified piece, with the next mirror where need be. Where it fails the stage is gone; the verified pieces stay in the cache until all was read back.
 * Errors: those of Fetcher and ArchiveReader, `document-invalid`, `tree-mismatch`, `disk-full`.
 */
export async function acquire(world: World, home: Home, request: AcquireRequest): Promise<Acquired> {
  const { release, engine, version } = request;
  // 1. What was signed: the file list, then the hashes of the archive's pieces. If we die here: nothing was written.
  const tree = knownTree(home.trees, release.tree.digest) ?? (await fetchTree(world, release, request));
  const pieces = await fetchPieces(world, release, request);
  // 2. The archive, piece by piece into staging. If we die here: the stage is swept, the verified pieces are found again.
  using bar = world.reporter.progress(`${engine} ${version}`, release.archive.bytes);
  const download = new Download(world, home, request, tree, pieces, bar);
  const stage = await mirrors(world, locationsOf(request), (location) => download.from(location));
  // 3. The file list stays, so that `verify` needs no network. If we die here: a list that nothing names, which prune removes.
  home.trees.keep(tree);
  return { stage, tree, downloadedBytes: download.fetched };
}

function locationsOf({ release, bases }: AcquireRequest): string[] {
  const own = bases.map((base) => below(base, repositoryLayout.archive(release.archive)));
  if (release.archive.source === undefined) return own;
  // what is at hand goes first: without a network the rest is waited for in vain
  return [...own.filter(isLocal), release.archive.source, ...own.filter((location) => !isLocal(location))];
}

class Download {
  readonly partial: PartialDownload;
  /** Bytes of verified pieces that came from outside. */
  fetched = 0;
  readonly #world: World;
  readonly #home: Home;
  readonly #request: AcquireRequest;
  readonly #tree: Tree;
  readonly #pieces: Pieces;
  readonly #bar: ProgressBar;
  /** How far the bar has come. */
  #shown = 0;

  constructor(world: World, home: Home, request: AcquireRequest, tree: Tree, pieces: Pieces, bar: ProgressBar) {
    this.#world = world;
    this.#home = home;
    this.#request = request;
    this.#tree = tree;
    this.#pieces = pieces;
    this.#bar = bar;
    this.partial = home.cache.partial(request.release.archive.sha256);
  }

  async from(location: string): Promise<VerifiedStage> {
    for (let resumes = 0; ; resumes += 1) {
      const before = this.#usable();
      try {
        return await this.#unpack(location, before);
      } catch (error) {
        if (!isEngineryError(error)) throw error;
        if (isOfCache(error, this.#pieces, before)) this.partial.discard();
        else if (!isBroken(error) || this.#usable() <= before || resumes >= MAX_RESUMES) throw error;
        this.#world.reporter.note(`${error.message} Going on from byte ${this.#usable()}.`);
      }
    }
  }

  /** Whole pieces in the cache; a tail that a crash cut short makes it useless. */
  #usable(): number {
    const { bytes } = this.partial;
    if (bytes <= this.#pieces.bytes && (bytes % this.#pieces.pieceBytes === 0 || bytes === this.#pieces.bytes))
      return bytes;
    this.partial.discard();
    return 0;
  }

  async #unpack(location: string, cached: number): Promise<VerifiedStage> {
    const { engine, version, platform, release, operation } = this.#request;
    const reader = await this.#world.archiveReader();
    const treeDigest = release.tree.digest;
    const stage: Stage = this.#home.staging.begin(operation, {
      engine,
      version,
      platform,
      tree: this.#tree,
      treeDigest,
    });
    try {
      await reader.unpack({
        format: release.archive.format,
        root: release.archive.root,
        tree: this.#tree,
        pieces: this.#pieces,
        chunks: this.#chunks(location, cached),
        sink: stage.sink,
        onPiece: (piece, index) => this.#took(piece, index, cached, location),
      });
      // before the flush, which would put on disk what nobody needs any more
      return await stage.finish(() => this.partial.discard());
    } catch (error) {
      stage.abandon();
      throw error;
    }
  }

  async *#chunks(location: string, cached: number): AsyncGenerator<Uint8Array> {
    yield* this.partial.read();
    const { bytes } = this.#pieces;
    if (cached === bytes) return;
    const body = await this.#request.fetcher.open(location, { start: cached, maxBytes: bytes });
    let skip = cached - body.start;
    for await (const chunk of body.chunks) {
      const part = chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
      if (part.length > 0) yield part;
    }
  }

  #took(piece: Uint8Array, index: number, cached: number, location: string): void {
    const start = index * this.#pieces.pieceBytes;
    const end = start + piece.length;
    if (end > this.#shown) {
      this.#bar.advance(end - this.#shown);
      this.#shown = end;
    }
    if (start < cached) return;
    if (!isLocal(location)) this.partial.append(piece);
    this.fetched += piece.length;
    this.#request.onDownloaded?.(piece.length);
  }
}

/** The cache, and not the mirror, gave a wrong piece. */
function isOfCache(error: EngineryError, pieces: Pieces, cached: number): boolean {
  const { piece } = error.context;
  return error.code === "hash-mismatch" && typeof piece === "number" && piece * pieces.pieceBytes < cached;
}

/** Cut off on the way; a mirror that ends too early looks no different. */
function isBroken(error: EngineryError): boolean {
  return error.code === "network" || error.code === "timeout" || (error.code === "length-mismatch" && isShort(error));
}

function isShort({ context }: EngineryError): boolean {
  const { expected, found } = context;
  return typeof expected === "number" && typeof found === "number" && found < expected;
}
