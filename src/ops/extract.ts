import type { EmbeddedRelease } from "../core/embedding/table.ts";
import { EngineryError } from "../core/errors.ts";
import { releaseName } from "../core/release-name.ts";
import { chunksFrom } from "../store/host-file.ts";
import { openOutputFolder } from "../store/output-folder.ts";
import { type EmbeddedFileHandle, listedOf, openEmbedded } from "./embedded.ts";
import type { ExtractRequest, ExtractResult } from "./embedding.ts";
import type { ReleaseName } from "./requests.ts";
import type { World } from "./world.ts";

/**
 * Lays embedded releases out below a folder, as `<engine>/<version>/` (docs/operations/embed.md). Each appears whole by one rename. Errors: those of
 * `openEmbedded`, `unknown-engine`, `unknown-version`, `hash-mismatch`, `refused` where its folder is there already or in a home.
 */
export async function extractEmbedded(world: World, request: ExtractRequest): Promise<ExtractResult> {
  using file = openEmbedded(world, request.binary);
  const releases = asked(file.table.releases, request.names, request.binary);
  requireDistinct(releases);
  const extracted = releases.map((release) => ({
    ...listedOf(release),
    path: `${request.to}/${release.engine}/${release.version}`,
  }));
  for (const { path } of extracted) {
    if (world.fileSystem.status(path) === undefined) continue;
    throw new EngineryError("refused", `${path} is there already.`, {
      hint: "Name another folder: --to DIR.",
      context: { path },
    });
  }
  if (request.dryRun) return { extracted, dryRun: true };
  // embed.md 3, embed.md 4
  for (const release of releases) layOut(world, file, release, request.to);
  return { extracted };
}

function layOut(world: World, file: EmbeddedFileHandle, release: EmbeddedRelease, to: string): void {
  using folder = openOutputFolder(world.fileSystem, to, () => world.identifiers.operation());
  using bar = world.reporter.progress(releaseName(release), listedOf(release).bytes);
  for (const { path, offset, bytes, sha256, executable } of release.files) {
    const digest = world.digester.start();
    folder.put(path, executable, chunksFrom(file.handle, file.path, file.section.offset + offset, bytes), (chunk) => {
      digest.update(chunk);
      bar.advance(chunk.length);
    });
    if (digest.finish() === sha256) continue;
    throw new EngineryError("hash-mismatch", `${path} of ${releaseName(release)} is not what was embedded.`, {
      hint: "Take the program from where it was built, once more.",
      context: { engine: release.engine, version: release.version, path },
    });
  }
  folder.adopt(`${release.engine}/${release.version}`);
}

function asked(
  releases: readonly EmbeddedRelease[],
  names: readonly ReleaseName[],
  binary: string,
): readonly EmbeddedRelease[] {
  if (names.length === 0) return releases;
  return names.flatMap(({ engine, version }) => {
    const found = releases.filter((one) => one.engine === engine && (version === undefined || one.version === version));
    if (found.length > 0) return found;
    const code = version === undefined ? "unknown-engine" : "unknown-version";
    const name = version === undefined ? engine : releaseName({ engine, version });
    throw new EngineryError(code, `${name} is not embedded in ${binary}.`, {
      hint: `See what is: enginery embed --list ${binary}`,
    });
  });
}

/** Errors: `refused`. */
function requireDistinct(releases: readonly EmbeddedRelease[]): void {
  const names = new Set(releases.map(releaseName));
  if (names.size === releases.length) return;
  throw new EngineryError("refused", "The same release is embedded for several platforms.", {
    hint: "Name one that is there once.",
  });
}
