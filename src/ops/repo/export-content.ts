import { EngineryError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Platform, PlatformRelease, Sha256, Version } from "../../core/model/manifest.ts";
import type { Tree, TreeFile } from "../../core/model/tree.ts";
import { exportLayout } from "../../store/export-layout.ts";
import { VERIFY_SCRIPT } from "../../store/export-script.ts";
import type { Repository, ScratchFolder } from "../../store/repository.ts";
import { repositoryLayout, rootVersionOf } from "../../store/repository-layout.ts";
import { contentOf, type NamedContent } from "./content-check.ts";
import { readmeText } from "./export-readme.ts";
import { type Published, type PublishedManifest, readManifest } from "./published.ts";
import { type PublishedFiles, publishedRelease, unpackInto } from "./published-files.ts";
import type { PublisherWorld } from "./world.ts";

export interface ExportedBuild {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  readonly build: PlatformRelease;
}

export interface ExportPlan {
  readonly published: Published;
  readonly channel: PublishedManifest;
  readonly builds: readonly ExportedBuild[];
  /** For archives that stay elsewhere. */
  readonly downloads: ScratchFolder;
  readonly offline: boolean;
}

/** The export as one tree; what is read in order of the paths is unpacked one release at a time. */
export interface ExportContent extends Disposable {
  readonly tree: Tree;
  readonly read: (path: string) => AsyncIterable<Uint8Array>;
}

type Chunks = () => AsyncIterable<Uint8Array>;

const READ_BYTES = 1024 * 1024;

export async function exportContent(
  world: PublisherWorld,
  repository: Repository,
  plan: ExportPlan,
  newScratch: () => ScratchFolder,
): Promise<ExportContent> {
  const folder = exportLayout.folder(plan.channel.manifest);
  const files: TreeFile[] = [];
  const sources = new Map<string, Chunks>();
  const put = (
    path: string,
    { bytes, sha256 }: Omit<NamedContent, "path">,
    chunks: Chunks,
    executable = false,
  ): void => {
    const place = `${folder}/${path}`;
    // one archive may serve several builds
    if (sources.has(place)) return;
    files.push({ path: place, bytes, sha256, executable });
    sources.set(place, chunks);
  };
  const putBytes = (path: string, bytes: Uint8Array, executable = false): void =>
    put(path, { bytes: bytes.length, sha256: world.digester.sha256(bytes) }, () => once(bytes), executable);

  for (const [path, bytes] of documentsOf(world, repository, plan)) putBytes(exportLayout.repository(path), bytes);
  putBytes(exportLayout.verify, new TextEncoder().encode(VERIFY_SCRIPT), true);
  putBytes(exportLayout.readme, new TextEncoder().encode(readmeText(world, plan)));
  let open: { readonly release: string; readonly files: PublishedFiles } | undefined;
  for (const [index, each] of plan.builds.entries()) {
    const { build } = each;
    const archive = await archiveChunks(world, repository, plan, build, index);
    put(exportLayout.repository(repositoryLayout.archive(build.archive)), build.archive, archive);
    for (const content of contentOf(build))
      put(exportLayout.repository(content.path), content, () => repository.chunks(content.path));
    const release = { ...publishedRelease(world, repository, build, plan), chunks: archive };
    putBytes(exportLayout.tree(build.tree.digest), canonicalJson(release.tree));
    const place = exportLayout.release(each.engine, each.version, each.platform);
    const unpacked = async (): Promise<PublishedFiles> => {
      if (open?.release === place) return open.files;
      open?.files[Symbol.dispose]();
      open = undefined;
      open = { release: place, files: await unpackInto(world, newScratch(), release) };
      return open.files;
    };
    for (const [number, file] of release.tree.files.entries())
      put(`${place}/${file.path}`, file, () => partsOf(unpacked, number, file.bytes), file.executable);
  }
  return {
    tree: { format: 1, files: files.toSorted((one, other) => (one.path < other.path ? -1 : 1)) },
    read: (path) => (sources.get(path) ?? unknown(path))(),
    [Symbol.dispose]: () => open?.files[Symbol.dispose](),
  };
}

/** What a client walks: every root, the metadata that is visible, the channel's manifest and all before it. */
function documentsOf(world: PublisherWorld, repository: Repository, plan: ExportPlan): ReadonlyMap<string, Uint8Array> {
  const { published, channel } = plan;
  const documents = new Map<string, Uint8Array>();
  const { metadata } = published;
  if (metadata === undefined) throw new EngineryError("missing", "Nothing is visible in the repository yet.");
  for (const version of repository
    .files(repositoryLayout.metadataFolder)
    .flatMap((name) => rootVersionOf(name) ?? [])) {
    const path = repositoryLayout.root(version);
    documents.set(path, repository.read(path) ?? unknown(path));
  }
  documents.set(repositoryLayout.timestamp, metadata.timestamp.bytes);
  documents.set(repositoryLayout.snapshot(metadata.timestamp.body.of.version), metadata.snapshot.bytes);
  documents.set(repositoryLayout.targets(metadata.snapshot.body.of.version), metadata.targets.bytes);
  documents.set(repositoryLayout.channelByHash(channel.manifest.channel, channel.sha256), channel.bytes);
  for (let last: PublishedManifest | undefined = channel; last !== undefined; ) {
    documents.set(repositoryLayout.manifest(last.sha256), last.bytes);
    const { previous }: { readonly previous: Sha256 | null } = last.manifest;
    last = previous === null ? undefined : readManifest(repository, world.digester, previous);
  }
  return documents;
}

/** An archive that stays in the npm registry is fetched once. Errors: `offline`, those of Fetcher. */
async function archiveChunks(
  world: PublisherWorld,
  repository: Repository,
  { downloads, offline }: ExportPlan,
  build: PlatformRelease,
  index: number,
): Promise<Chunks> {
  const { archive } = build;
  if (archive.source === undefined) return () => repository.chunks(repositoryLayout.archive(archive));
  using bar = world.reporter.progress(archive.source, archive.bytes);
  using handle = downloads.create(index);
  const fetcher = await world.fetcher({ offline, allowHttp: false });
  for await (const chunk of (await fetcher.open(archive.source, { maxBytes: archive.bytes })).chunks) {
    handle.write(chunk);
    bar.advance(chunk.length);
  }
  return () => partsOf(async () => downloads, index, archive.bytes);
}

/** Hashed by whoever takes them. */
async function* partsOf(
  from: () => Promise<Pick<ScratchFolder, "readPart">>,
  file: number,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  const folder = await from();
  for (let offset = 0; offset < bytes; offset += READ_BYTES) {
    const part = new Uint8Array(Math.min(READ_BYTES, bytes - offset));
    folder.readPart(file, offset, part);
    yield part;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function unknown(path: string): never {
  throw new EngineryError("missing", `${path} is not there any more.`, {
    hint: "Somebody else is at work in the repository: try again.",
    context: { path },
  });
}
