import { findEngines, type HostKind } from "../core/embedding/host-binary.ts";
import type { Section } from "../core/embedding/insertion.ts";
import { type EmbeddedRelease, type EmbeddedTable, HEAD_BYTES, parseTable, readHead } from "../core/embedding/table.ts";
import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Manifest } from "../core/model/manifest.ts";
import { platformRelease } from "../core/platform.ts";
import type { ReadHandle } from "../ports/file-system.ts";
import { bytesFrom, chunksFrom, openHostFile } from "../store/host-file.ts";
import type {
  EmbeddedList,
  EmbeddedRequest,
  ListedEmbedded,
  VerifiedEmbedded,
  VerifyEmbeddedRequest,
  VerifyEmbeddedResult,
} from "./embedding.ts";
import type { HomeRequest } from "./requests.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/** A file with engines in it, its table checked: each release's files are those of its tree digest. No content was looked at. */
export interface EmbeddedFileHandle extends Disposable {
  readonly path: string;
  readonly handle: ReadHandle;
  readonly kind: HostKind;
  readonly section: Section;
  readonly table: EmbeddedTable;
}

/** Errors: `missing`, `document-invalid`, `archive-hostile`, `tree-mismatch`; `unknown-engine` where there is no section of engines. */
export function openEmbedded(world: World, path: string): EmbeddedFileHandle {
  const handle = openHostFile(world.fileSystem, path);
  try {
    const { kind, section } = findEngines(handle, path);
    if (section === undefined) {
      throw new EngineryError("unknown-engine", `${path} has no engines embedded.`, {
        hint: `Put some in: enginery embed ${path} ENGINE@VERSION`,
        context: { path },
      });
    }
    if (section.bytes < HEAD_BYTES || section.offset + section.bytes > handle.bytes)
      throw new EngineryError("document-invalid", `The section of engines in ${path} is cut short.`, {
        context: { path },
      });
    const { tableBytes } = readHead(bytesFrom(handle, path, section.offset, HEAD_BYTES), section.bytes);
    const text = bytesFrom(handle, path, section.offset, tableBytes);
    const table = parseTable(text, section.bytes, world.digester.sha256);
    return { path, handle, kind, section, table, [Symbol.dispose]: () => handle[Symbol.dispose]() };
  } catch (error) {
    handle[Symbol.dispose]();
    throw error;
  }
}

/** What a file holds. Reads headers and the table. */
export async function listEmbedded(world: World, { binary }: EmbeddedRequest): Promise<EmbeddedList> {
  using file = openEmbedded(world, binary);
  return listOf(file.kind, file.section, file.table);
}

export function listOf(host: HostKind, section: Section, { bytes, releases }: EmbeddedTable): EmbeddedList {
  return { host, section: { ...section, bytes }, releases: releases.map(listedOf) };
}

export function listedOf({ engine, version, platform, tree, entries, files }: EmbeddedRelease): ListedEmbedded {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { engine, version, platform, tree, files: files.length, bytes, entries };
}

/** Hashes every file, and says which release each is. Errors: as `openEmbedded`, and those of a home that cannot be read. */
export async function verifyEmbedded(world: World, request: VerifyEmbeddedRequest): Promise<VerifyEmbeddedResult> {
  using file = openEmbedded(world, request.binary);
  const promised = promisesOf(world, request.home);
  const releases = file.table.releases.map((release) => ({ ...nameOf(release), promised: promised(release) }));
  const others = releases
    .filter((release) => release.promised === "other")
    .map(({ engine, version }) => ({ engine, version, path: "", kind: "other" as const }));
  const files = file.table.releases.flatMap(({ engine, version, files }) =>
    files.map((one) => ({ engine, version, ...one })),
  );
  using bar = world.reporter.progress(
    "verify",
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const changed = files
    .filter(({ offset, bytes, sha256 }) => {
      const digest = world.digester.start();
      for (const chunk of chunksFrom(file.handle, file.path, file.section.offset + offset, bytes)) digest.update(chunk);
      bar.advance(bytes);
      return digest.finish() !== sha256;
    })
    .map(({ engine, version, path }) => ({ engine, version, path, kind: "changed" as const }));
  const problems = [...others, ...changed];
  return {
    ok: problems.length === 0,
    checked: { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) },
    releases,
    problems,
  };
}

function nameOf({ engine, version, platform, tree }: EmbeddedRelease): Omit<VerifiedEmbedded, "promised"> {
  return { engine, version, platform, tree };
}

/** A build machine may have no home. */
function promisesOf(world: World, request: HomeRequest): (release: EmbeddedRelease) => VerifiedEmbedded["promised"] {
  const engines = enginesOf(world, request);
  if (engines === undefined) return () => null;
  return ({ engine, version, platform, tree }: EmbeddedRelease): VerifiedEmbedded["promised"] => {
    const releases = Object.hasOwn(engines, engine) ? engines[engine]?.releases : undefined;
    const release = releases !== undefined && Object.hasOwn(releases, version) ? releases[version] : undefined;
    const promised = release && platformRelease(release, platform);
    if (promised === undefined) return "unknown";
    return promised.tree.digest === tree ? "same" : "other";
  };
}

function enginesOf(world: World, request: HomeRequest): Manifest["engines"] | undefined {
  try {
    return takeSnapshot(world, request).manifest.engines;
  } catch (error) {
    if (isEngineryError(error, "no-home")) return undefined;
    throw error;
  }
}
