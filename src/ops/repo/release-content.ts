import { EngineryError } from "../../core/errors.ts";
import type { ArchiveReference, PlatformRelease } from "../../core/model/manifest.ts";
import type { Pieces, Tree, TreeFile } from "../../core/model/tree.ts";
import { encodePieces, encodeTree, parseTree } from "../../core/parse-tree.ts";
import { releaseEntries, treeOf } from "../../core/release-entries.ts";
import { fileChunks, type Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { AddRequest } from "../publisher.ts";
import { type MadeDelta, makeDeltas } from "./deltas.ts";
import type { Draft } from "./draft.ts";
import { readFolder } from "./folder-tree.ts";
import { type IncomingArchive, receiveArchive, surveyArchive, unpackAsClient } from "./incoming-archive.ts";
import type { PublisherWorld } from "./world.ts";

/**
 * Puts a release's archive, pieces and tree into the repository, named by hash; nothing names them yet. With `dryRun` the same is
 * computed and nothing is left. Errors: `refused`, `usage`, `unknown-entry`, `archive-*`, `tree-mismatch`, those of Fetcher.
 */
export async function addContent(
  world: PublisherWorld,
  repository: Repository,
  request: AddRequest,
  draft: Draft,
): Promise<AddedContent> {
  using incoming = receiveArchive(world, repository);
  const { archive, tree, pieces, entries } = await takeIn(world, request, incoming);
  // As a client will: whatever it would refuse must not be published.
  await unpackAsClient(world, archive, { tree, pieces }, incoming.chunks());
  const canonical = encodeTree(tree);
  const reference: ArchiveReference = { sha256: pieces.archive, bytes: pieces.bytes, ...archive };
  const keep = keeper(world, repository, request.dryRun);
  const treeDigest = world.digester.sha256(canonical);
  const made = { archive, pieces, tree, chunks: () => incoming.chunks() };
  const deltas = await makeDeltas(world, repository, {
    draft,
    request,
    archiveBytes: pieces.bytes,
    made,
    treeDigest,
  });
  if (reference.source === undefined && !request.dryRun) incoming.adopt(repositoryLayout.archive(reference));
  const release: PlatformRelease = {
    archive: reference,
    pieces: keep(repositoryLayout.pieces, encodePieces(pieces)),
    tree: {
      ...keep(repositoryLayout.tree, canonical),
      digest: treeDigest,
      files: tree.files.length,
      unpackedBytes: tree.files.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    entries,
    ...(deltas.length === 0 ? {} : { deltas: deltas.map(({ from, sha256, bytes }) => ({ from, sha256, bytes })) }),
  };
  return { release, deltas };
}

export interface AddedContent {
  readonly release: PlatformRelease;
  readonly deltas: readonly MadeDelta[];
}

interface TakenIn {
  readonly archive: Pick<ArchiveReference, "format" | "root" | "source">;
  readonly tree: Tree;
  readonly pieces: Pieces;
  readonly entries: PlatformRelease["entries"];
}

async function takeIn(world: PublisherWorld, request: AddRequest, incoming: IncomingArchive): Promise<TakenIn> {
  const { tree: folder, archive, npm } = request;
  const given = [folder, archive, npm].filter((source) => source !== undefined);
  if (given.length !== 1)
    throw new EngineryError("usage", "A release comes from exactly one place.", {
      hint: "Give --tree FOLDER, --archive FILE or --npm NAME@VERSION.",
    });
  if (folder !== undefined) return await packFolder(world, request, folder, incoming);
  const source = npm === undefined ? undefined : `npm:${npm.replace(/^npm:/, "")}`;
  const format = source === undefined ? formatOf(archive ?? "") : "tar.gz";
  const said = request.root ?? (source === undefined ? "" : undefined);
  for await (const chunk of await open(world, request, source, archive ?? "")) incoming.write(chunk);
  const pieces = incoming.finish();
  const where = { format, root: said === undefined ? undefined : rootOf(said) };
  const { root, files } = await surveyArchive(world, where, pieces, incoming.chunks());
  return { archive: { format, root, ...(source && { source }) }, pieces, ...described(files, request) };
}

async function packFolder(
  world: PublisherWorld,
  request: AddRequest,
  folder: string,
  incoming: IncomingArchive,
): Promise<TakenIn> {
  const { tree, entries } = described(await readFolder(world, folder), request);
  const writer = await world.archiveWriter();
  await writer.pack(
    tree,
    (path) => fileChunks(world.fileSystem, `${folder}/${path}`),
    (bytes) => incoming.write(bytes),
  );
  return { archive: { format: "tar.zst", root: "" }, tree, entries, pieces: incoming.finish() };
}

/** Through the parser, so that a path that a client would refuse is refused here. */
function described(files: readonly TreeFile[], request: AddRequest): Pick<TakenIn, "tree" | "entries"> {
  const { engine, version, entries = [], probe, libraryProbe, guards } = request;
  const release = releaseEntries(files, { engine, version, wanted: entries, probe, libraryProbe, guards });
  return { tree: parseTree(encodeTree(treeOf(release.files))), entries: release.entries };
}

async function open(
  world: PublisherWorld,
  request: AddRequest,
  source: string | undefined,
  path: string,
): Promise<AsyncIterable<Uint8Array>> {
  if (source === undefined) return fileChunks(world.fileSystem, path);
  const fetcher = await world.fetcher({ offline: request.offline === true, allowHttp: false });
  return (await fetcher.open(source)).chunks;
}

function formatOf(path: string): ArchiveReference["format"] {
  if (path.endsWith(".tar.zst")) return "tar.zst";
  if (path.endsWith(".tar.gz") || path.endsWith(".tgz")) return "tar.gz";
  throw new EngineryError("usage", "An archive is a .tar.zst or a .tar.gz.", {
    hint: "Unpack it and give the folder with --tree.",
    context: { path },
  });
}

function rootOf(root: string): string {
  const plain = root.replace(/^\.\//, "").replace(/\/+$/, "");
  return plain === "" || plain === "." ? "" : `${plain}/`;
}

/** Keeps a document under the sha256 of its served bytes. */
function keeper(world: PublisherWorld, repository: Repository, dryRun: boolean) {
  return (path: (sha256: string) => string, document: Uint8Array): { sha256: string; bytes: number } => {
    const served = world.compression.compress(document);
    const sha256 = world.digester.sha256(served);
    if (!dryRun) repository.write(path(sha256), served);
    return { sha256, bytes: served.length };
  };
}
