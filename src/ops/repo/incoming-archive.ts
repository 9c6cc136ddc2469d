import { EngineryError } from "../../core/errors.ts";
import type { ArchiveReference, Sha256 } from "../../core/model/manifest.ts";
import type { Pieces, Tree, TreeFile } from "../../core/model/tree.ts";
import type { IncomingFile, Repository } from "../../store/repository.ts";
import type { PublisherWorld } from "./world.ts";

const PIECE_BYTES = 1024 * 1024;
/** More than this is no archive but a bomb. */
const MAX_RATIO = 1000;
const ROOM = 64 * 1024 * 1024;

/** An archive on its way into the repository, hashed whole and piece by piece as it is written. */
export interface IncomingArchive extends Disposable {
  write(bytes: Uint8Array): void;
  /** No more bytes come. */
  finish(): Pieces;
  /** What was written; after `finish`. */
  chunks(): AsyncIterable<Uint8Array>;
  adopt(path: string): void;
}

export function receiveArchive(world: PublisherWorld, repository: Repository): IncomingArchive {
  const file: IncomingFile = repository.receive(world.identifiers.operation());
  const whole = world.digester.start();
  const pieces: Sha256[] = [];
  let piece = world.digester.start();
  let inPiece = 0;
  let bytes = 0;

  function write(chunk: Uint8Array): void {
    file.write(chunk);
    whole.update(chunk);
    bytes += chunk.length;
    for (let position = 0; position < chunk.length; ) {
      const part = chunk.subarray(position, position + PIECE_BYTES - inPiece);
      piece.update(part);
      inPiece += part.length;
      position += part.length;
      if (inPiece === PIECE_BYTES) endPiece();
    }
  }

  function endPiece(): void {
    pieces.push(piece.finish());
    piece = world.digester.start();
    inPiece = 0;
  }

  return {
    write,
    finish() {
      if (inPiece > 0) endPiece();
      file.close();
      return { format: 1, archive: whole.finish(), bytes, pieceBytes: PIECE_BYTES, pieces };
    },
    chunks: () => repository.chunks(file.path),
    adopt: (path) => file.adopt(path),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** Reads it as a client will, writing nothing. Errors: `archive-hostile`, `archive-malformed`, `tree-mismatch`. */
export async function unpackAsClient(
  world: PublisherWorld,
  archive: Pick<ArchiveReference, "format" | "root">,
  documents: { readonly tree: Tree; readonly pieces: Pieces },
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const nothing = { write: () => undefined, finish: () => undefined, abandon: () => undefined };
  const reader = await world.archiveReader();
  const { format, root } = archive;
  await reader.unpack({ format, root, ...documents, chunks, sink: { begin: () => nothing } });
}

/**
 * The files below `root` of an archive that nobody has signed yet; where no root is said, below the one folder that npm's archives
 * have. Errors: `archive-*`, `refused` where nothing is there.
 */
export async function surveyArchive(
  world: PublisherWorld,
  archive: { readonly format: ArchiveReference["format"]; readonly root: string | undefined },
  pieces: Pieces,
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly root: string; readonly files: readonly TreeFile[] }> {
  const surveyor = await world.archiveSurveyor();
  const maxBytes = pieces.bytes * MAX_RATIO + ROOM;
  const surveyed = await surveyor.survey({ format: archive.format, bytes: pieces.bytes, chunks, maxBytes });
  const tops = [...new Set(surveyed.map(({ path }) => `${path.split("/", 1)[0]}${path.includes("/") ? "/" : ""}`))];
  const root = archive.root ?? (tops.length === 1 ? tops[0] : undefined) ?? "package/";
  const files = surveyed
    .filter(({ path }) => path.startsWith(root))
    .map((file) => ({ ...file, path: file.path.slice(root.length) }));
  if (files.length > 0) return { root, files };
  throw new EngineryError("refused", `The archive has no file below ${root === "" ? "its top" : root}.`, {
    hint: `Say where the release begins in it, one of: ${tops.slice(0, 10).join(" ")}`,
    context: { root, tops },
  });
}
