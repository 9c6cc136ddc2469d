import { EngineryError, isEngineryError } from "../core/errors.ts";
import { joinedBytes } from "../core/joined-bytes.ts";
import { below, redacted } from "../core/location.ts";
import type { DocumentReference, PlatformRelease } from "../core/model/manifest.ts";
import type { Pieces, Tree } from "../core/model/tree.ts";
import { encodeTree, parsePieces, parseTree } from "../core/parse-tree.ts";
import type { FetchedBody, Fetcher } from "../ports/fetcher.ts";
import { repositoryLayout } from "../store/repository-layout.ts";
import { mirrors } from "./mirrors.ts";
import type { World } from "./world.ts";

export interface DocumentRequest {
  readonly fetcher: Fetcher;
  /** Repository bases, first choice first. */
  readonly bases: readonly string[];
}

const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;
/** One file of a tree as canonical JSON: a path of 1,024 bytes, each written as an escape, and the rest. */
const MAX_FILE_RECORD_BYTES = 6 * 1024 + 256;
/** Pieces have at least 64 KiB; each is named by 64 digits. */
const MIN_PIECE_BYTES = 64 * 1024;
const PIECE_RECORD_BYTES = 80;
const DOCUMENT_FRAME_BYTES = 1024;

/**
 * A release's file list, from the first mirror that has what was signed. Errors: `hash-mismatch`, `length-mismatch`, `document-invalid`,
 * `tree-mismatch` where it is not what the manifest says of it, and those of Fetcher.
 */
export async function fetchTree(world: World, release: PlatformRelease, request: DocumentRequest): Promise<Tree> {
  const { tree: reference } = release;
  const limit = DOCUMENT_FRAME_BYTES + reference.files * MAX_FILE_RECORD_BYTES;
  const tree = parseTree(
    await fetchDocument(world, reference, repositoryLayout.tree(reference.sha256), limit, request),
  );
  requireTree(world, tree, release);
  return tree;
}

/** The hashes of an archive's pieces. Errors: as `fetchTree`, and `document-invalid` where they are another archive's. */
export async function fetchPieces(world: World, release: PlatformRelease, request: DocumentRequest): Promise<Pieces> {
  const { pieces: reference, archive } = release;
  const limit = DOCUMENT_FRAME_BYTES + Math.ceil(archive.bytes / MIN_PIECE_BYTES) * PIECE_RECORD_BYTES;
  const path = repositoryLayout.pieces(reference.sha256);
  const pieces = parsePieces(await fetchDocument(world, reference, path, limit, request));
  if (pieces.archive === archive.sha256 && pieces.bytes === archive.bytes) return pieces;
  throw new EngineryError("document-invalid", "The list of pieces is of another archive than the manifest names.", {
    context: { expected: archive.sha256, found: pieces.archive },
  });
}

function requireTree(world: World, tree: Tree, { tree: reference }: PlatformRelease): void {
  const digest = world.digester.sha256(encodeTree(tree));
  const bytes = tree.files.reduce((sum, file) => sum + file.bytes, 0);
  if (digest === reference.digest && tree.files.length === reference.files && bytes === reference.unpackedBytes) return;
  throw new EngineryError("tree-mismatch", "The file list is not the one that the manifest describes.", {
    context: {
      expected: { digest: reference.digest, files: reference.files, bytes: reference.unpackedBytes },
      found: { digest, files: tree.files.length, bytes },
    },
  });
}

/** Served bytes are hashed before they are decompressed. */
async function fetchDocument(
  world: World,
  reference: DocumentReference,
  path: string,
  maxBytes: number,
  { fetcher, bases }: DocumentRequest,
): Promise<Uint8Array> {
  const locations = bases.map((base) => below(base, path));
  const served = await mirrors(world, locations, async (location) => {
    const bytes = await collect(await fetcher.open(location, { maxBytes: reference.bytes }));
    requireServed(world, bytes, reference, location);
    return bytes;
  });
  return world.compression.decompress(served, Math.min(maxBytes, MAX_DOCUMENT_BYTES));
}

function requireServed(world: World, bytes: Uint8Array, reference: DocumentReference, location: string): void {
  const where = redacted(location);
  if (bytes.length !== reference.bytes) {
    throw new EngineryError(
      "length-mismatch",
      `${where} has ${bytes.length} bytes instead of the ${reference.bytes} that were signed.`,
      {
        context: { location: where, expected: reference.bytes, found: bytes.length },
      },
    );
  }
  const found = world.digester.sha256(bytes);
  if (found === reference.sha256) return;
  throw new EngineryError("hash-mismatch", `${where} is not what was signed.`, {
    context: { location: where, expected: reference.sha256, found },
  });
}

async function collect({ chunks }: FetchedBody): Promise<Uint8Array> {
  return joinedBytes(await Array.fromAsync(chunks));
}

/** The tree where the home has it already; a damaged copy counts as none. */
export function knownTree(trees: { read(digest: string): Tree | undefined }, digest: string): Tree | undefined {
  try {
    return trees.read(digest);
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return undefined;
    throw error;
  }
}
