import { EngineryError } from "../../core/errors.ts";
import type { ArchiveReference, PlatformRelease } from "../../core/model/manifest.ts";
import type { Pieces, Tree } from "../../core/model/tree.ts";
import { parsePieces, parseTree } from "../../core/parse-tree.ts";
import type { TreeSink } from "../../ports/archive.ts";
import type { Repository, ScratchFolder } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { PublisherWorld } from "./world.ts";

const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

export interface ArchivedRelease {
  readonly archive: Pick<ArchiveReference, "format" | "root">;
  readonly pieces: Pieces;
  readonly tree: Tree;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/** A release's files on the publisher's disk, by their place in the tree; gone when disposed. */
export interface PublishedFiles extends Disposable {
  readonly readPart: ScratchFolder["readPart"];
}

/** As the repository has it; an archive that stays in the npm registry is fetched when its chunks are asked for. Errors: `missing`, those of Fetcher. */
export function publishedRelease(
  world: PublisherWorld,
  repository: Repository,
  { archive, pieces, tree }: PlatformRelease,
  options: { readonly offline?: boolean | undefined },
): ArchivedRelease {
  const document = (path: string): Uint8Array => {
    const bytes = repository.read(path);
    if (bytes === undefined) throw new EngineryError("missing", `${path} is not there.`, { context: { path } });
    return world.compression.decompress(bytes, MAX_DOCUMENT_BYTES);
  };
  return {
    archive,
    pieces: parsePieces(document(repositoryLayout.pieces(pieces.sha256))),
    tree: parseTree(document(repositoryLayout.tree(tree.sha256))),
    chunks: () =>
      archive.source === undefined
        ? repository.chunks(repositoryLayout.archive(archive))
        : fetched(world, archive.source, options.offline === true),
  };
}

async function* fetched(world: PublisherWorld, source: string, offline: boolean): AsyncGenerator<Uint8Array> {
  const fetcher = await world.fetcher({ offline, allowHttp: false });
  yield* (await fetcher.open(source)).chunks;
}

/** Unpacks it as a client does; the scratch folder goes with it. Errors: `hash-mismatch`, `archive-*`, `tree-mismatch`. */
export async function unpackInto(
  world: PublisherWorld,
  scratch: ScratchFolder,
  { archive, pieces, tree, chunks }: ArchivedRelease,
): Promise<PublishedFiles> {
  try {
    const reader = await world.archiveReader();
    const { format, root } = archive;
    await reader.unpack({ format, root, tree, pieces, chunks: chunks(), sink: sinkInto(scratch, tree) });
    return { readPart: scratch.readPart, [Symbol.dispose]: () => scratch[Symbol.dispose]() };
  } catch (error) {
    scratch[Symbol.dispose]();
    throw error;
  }
}

function sinkInto(scratch: ScratchFolder, tree: Tree): TreeSink {
  const places = new Map(tree.files.map(({ path }, place) => [path, place]));
  return {
    begin: (path) => {
      const handle = scratch.create(places.get(path) ?? -1);
      const close = (): void => handle[Symbol.dispose]();
      return { write: (bytes) => handle.write(bytes), finish: close, abandon: close };
    },
  };
}
