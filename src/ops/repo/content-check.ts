import { EngineryError, isEngineryError } from "../../core/errors.ts";
import type { Manifest, PlatformRelease, Sha256 } from "../../core/model/manifest.ts";
import { parsePieces, parseTree } from "../../core/parse-tree.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { Published } from "./published.ts";
import type { PublisherWorld } from "./world.ts";

const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

/** Told of every file that was read. */
export type OnFile = (bytes: number) => void;

export interface NamedContent {
  readonly path: string;
  readonly sha256: Sha256;
  readonly bytes: number;
}

/** Every build that a manifest names. */
export function buildsOf(manifest: Manifest): readonly PlatformRelease[] {
  return Object.values(manifest.engines).flatMap(({ releases }) =>
    Object.values(releases).flatMap(({ platforms }) => Object.values(platforms)),
  );
}

/** The files of the repository that a build names; an archive in the npm registry is none. */
export function contentOf({ archive, pieces, tree, deltas = [] }: PlatformRelease): readonly NamedContent[] {
  return [
    ...(archive.source === undefined ? [{ ...archive, path: repositoryLayout.archive(archive) }] : []),
    { ...pieces, path: repositoryLayout.pieces(pieces.sha256) },
    { ...tree, path: repositoryLayout.tree(tree.sha256) },
    ...deltas.map((delta) => ({ ...delta, path: repositoryLayout.delta(delta.sha256) })),
  ].map(({ path, sha256, bytes }) => ({ path, sha256, bytes }));
}

/** The same for builds that name the same files. */
export function contentName({ archive, pieces, tree, deltas = [] }: PlatformRelease): string {
  return [archive, pieces, tree, ...deltas].map(({ sha256 }) => sha256).join(" ");
}

/** What becomes visible must be there and be what it is called. Reads what the published manifest did not name yet. Errors: `missing`, `hash-mismatch`, `document-invalid`. */
export async function requireContent(
  world: PublisherWorld,
  repository: Repository,
  published: Published,
  next: Manifest,
): Promise<void> {
  const old = published.channels.get(next.channel)?.manifest;
  const known = new Set(old === undefined ? [] : buildsOf(old).map(contentName));
  for (const build of buildsOf(next)) {
    if (!known.has(contentName(build))) await checkBuild(world, repository, build, () => undefined);
  }
}

/** Errors: `missing`, `hash-mismatch`, `document-invalid`. */
export async function checkBuild(
  world: PublisherWorld,
  repository: Repository,
  build: PlatformRelease,
  onFile: OnFile,
): Promise<void> {
  for (const content of contentOf(build)) await checkFile(world, repository, content, onFile);
  const { archive, pieces, tree } = build;
  const document = (path: string): Uint8Array =>
    world.compression.decompress(repository.read(path) ?? new Uint8Array(), MAX_DOCUMENT_BYTES);
  const list = parsePieces(document(repositoryLayout.pieces(pieces.sha256)));
  const files = document(repositoryLayout.tree(tree.sha256));
  parseTree(files);
  if (list.archive !== archive.sha256 || list.bytes !== archive.bytes || world.digester.sha256(files) !== tree.digest)
    throw new EngineryError("document-invalid", "A release's pieces or tree are those of another release.", {
      context: { archive: archive.sha256, pieces: pieces.sha256, tree: tree.sha256 },
    });
}

/** Errors: `missing`, `hash-mismatch`. */
export async function checkFile(
  world: PublisherWorld,
  repository: Repository,
  { path, sha256, bytes }: NamedContent,
  onFile: OnFile,
): Promise<void> {
  const digest = world.digester.start();
  let found = 0;
  try {
    for await (const chunk of repository.chunks(path)) {
      digest.update(chunk);
      found += chunk.length;
    }
  } catch (error) {
    if (!isEngineryError(error, "missing")) throw error;
    throw new EngineryError("missing", `${path} is not there, and a release needs it.`, {
      hint: "Add the release again, or restore the file from a copy.",
      context: { path },
      cause: error,
    });
  }
  onFile(found);
  if (found === bytes && digest.finish() === sha256) return;
  throw new EngineryError("hash-mismatch", `${path} is not the file that its name says.`, {
    hint: "Remove it and add the release again, or restore it from a copy.",
    context: { path, expectedBytes: bytes, foundBytes: found },
  });
}
