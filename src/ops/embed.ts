import { findEngines, planInsertion } from "../core/embedding/host-binary.ts";
import type { Piece } from "../core/embedding/insertion.ts";
import { type EmbeddedTable, layOutTable, type ReleaseToEmbed } from "../core/embedding/table.ts";
import { EngineryError } from "../core/errors.ts";
import type { Installation } from "../core/model/home.ts";
import { releaseName } from "../core/release-name.ts";
import type { ReadHandle } from "../ports/file-system.ts";
import type { Home } from "../store/home.ts";
import { chunksFrom, openHostFile } from "../store/host-file.ts";
import { entriesOf } from "../store/index-rows.ts";
import { openOutput, requirePlace } from "../store/output-file.ts";
import { listOf } from "./embedded.ts";
import type { EmbedRequest, EmbedResult } from "./embedding.ts";
import { takeSnapshot } from "./snapshot.ts";
import { chosen } from "./verify.ts";
import type { World } from "./world.ts";

/**
 * Writes a copy of a program or library with installed engines in a section of its own (docs/operations/embed.md). Each file is hashed as it is
 * copied. Same host and releases, same bytes. Errors: `document-invalid`, `refused`, `unknown-engine`, `unknown-version`,
 * `installation-damaged`, `missing`, `disk-full`.
 */
export async function embed(world: World, request: EmbedRequest): Promise<EmbedResult> {
  const { fileSystem } = world;
  // 1. Look. If we die here: nothing was written.
  const { home, newest } = takeSnapshot(world, request);
  const installations = chosen({ newest }, request.releases);
  const releases = installations.map((installation) => releaseOf(home, installation));
  const { text, table } = layOutTable(releases.toSorted(byName));
  using host = openHostFile(fileSystem, request.binary);
  const { kind } = findEngines(host, request.binary);
  const { pieces, section, signatureRemoved } = planInsertion(host, request.binary, table.bytes);
  requireOther(world, request);
  const result = { ...listOf(kind, section, table), path: request.to, signatureRemoved };
  if (request.dryRun) return { ...result, sha256: null, dryRun: true };
  // 2. Write, flush, name. If we die here: a hidden file beside the new one, which has its name when it is whole.
  const mode = fileSystem.status(request.binary)?.mode ?? 0o755;
  using output = openOutput(fileSystem, request.to, mode & 0o777, () => world.identifiers.operation());
  const digest = world.digester.start();
  using bar = world.reporter.progress("embed", table.bytes);
  for (const chunk of newFile(request.binary, host, pieces, () => content(world, home, text, table))) {
    output.write(chunk);
    digest.update(chunk);
    bar.advance(chunk.length);
  }
  output.adopt();
  return { ...result, sha256: digest.finish() };
}

function releaseOf(home: Home, installation: Installation): ReleaseToEmbed {
  const { engine, version, platform, tree } = installation;
  const files = home.trees.read(tree)?.files;
  if (files === undefined)
    throw new EngineryError("home-damaged", `The file list of ${releaseName(installation)} is gone.`, {
      hint: `Mend it: enginery verify --repair ${releaseName(installation)}`,
      context: { engine, version, tree },
    });
  const entries = entriesOf(engine, installation).map(([name, { kind, path, guard }]) => ({
    name,
    kind: guard === undefined ? kind : `guarded-${kind}`,
    path,
  }));
  return { engine, version, platform, tree, entries, files };
}

function byName(one: ReleaseToEmbed, other: ReleaseToEmbed): number {
  return releaseName(one) < releaseName(other) ? -1 : 1;
}

/** The host stays as it is, by whatever name it is called. */
function requireOther({ fileSystem }: World, { binary, to, home }: EmbedRequest): void {
  requirePlace(fileSystem, to, home);
  const [host, other] = [fileSystem.status(binary), fileSystem.status(to)];
  if (host === undefined || other === undefined || host.inode !== other.inode || host.device !== other.device) return;
  throw new EngineryError("refused", `${to} is the host itself, and nothing is changed in place.`, {
    hint: "Name another file: --to FILE.",
    context: { path: to },
  });
}

function* newFile(
  path: string,
  host: ReadHandle,
  pieces: readonly Piece[],
  inserted: () => Iterable<Uint8Array>,
): Generator<Uint8Array, void> {
  for (const piece of pieces) {
    if ("bytes" in piece) yield piece.bytes;
    else if ("from" in piece) yield* chunksFrom(host, path, piece.from, piece.length);
    else yield* inserted();
  }
}

/** Table and contents, each content once, from the first installation that has it. */
function* content(
  world: World,
  home: Home,
  text: Uint8Array,
  { bytes, releases }: EmbeddedTable,
): Generator<Uint8Array, void> {
  yield text;
  let at = text.length;
  for (const { engine, version, files } of releases) {
    for (const file of files) {
      // one that lies before this place was written already
      if (file.offset < at) continue;
      yield new Uint8Array(file.offset - at);
      const digest = world.digester.start();
      let found = 0;
      for (const chunk of home.installations.readFile(engine, version, file.path)) {
        found += chunk.length;
        if (found > file.bytes) break;
        digest.update(chunk);
        yield chunk;
      }
      if (found !== file.bytes || digest.finish() !== file.sha256) throw damagedFile(engine, version, file.path);
      at = file.offset + file.bytes;
    }
  }
  yield new Uint8Array(bytes - at);
}

function damagedFile(engine: string, version: string, path: string): EngineryError {
  const name = releaseName({ engine, version });
  return new EngineryError("installation-damaged", `${path} of ${name} is not what was sealed.`, {
    hint: `Mend it: enginery verify --repair ${name}`,
    context: { engine, version, path },
  });
}
