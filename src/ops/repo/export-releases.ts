import { EngineryError } from "../../core/errors.ts";
import type { Manifest, Platform, Release, Version } from "../../core/model/manifest.ts";
import { releaseName } from "../../core/release-name.ts";
import { unknownEngine } from "../../core/unknown-engine.ts";
import type { ExportRequest, ExportResult } from "../publisher.ts";
import type { ExportedBuild } from "./export-content.ts";

interface Chosen {
  /** In order of engine, version, platform, as text. */
  readonly builds: readonly ExportedBuild[];
  readonly left: ExportResult["left"];
}

/** Errors: `unknown-engine`, `unknown-version`, `release-withdrawn`, `platform-missing`. */
export function chosenBuilds(
  manifest: Manifest,
  { names, platforms }: Pick<ExportRequest, "names" | "platforms">,
): Chosen {
  const asked = names.flatMap((name) => releasesOf(manifest, name));
  const all =
    names.length > 0 ? asked : Object.keys(manifest.engines).flatMap((engine) => releasesOf(manifest, { engine }));
  const named = new Set(
    names.filter(({ version }) => version !== undefined).map((name) => `${name.engine}@${name.version}`),
  );
  const builds = new Map<string, ExportedBuild>();
  const left: ExportResult["left"][number][] = [];
  for (const { engine, version, release } of all) {
    if (release.withdrawn !== undefined) {
      if (named.has(`${engine}@${version}`)) throw withdrawn(engine, version, release.withdrawn);
      left.push({ engine, version, reason: release.withdrawn });
      continue;
    }
    for (const [platform, build] of Object.entries(release.platforms)) {
      if (platforms.length > 0 && platform !== "any" && !platforms.includes(platform)) continue;
      builds.set(`${engine}/${version}/${platform}`, { engine, version, platform, build });
    }
  }
  if (builds.size === 0) throw nothing(platforms);
  return { builds: [...builds].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, build]) => build), left };
}

interface NamedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly release: Release;
}

function releasesOf(manifest: Manifest, name: ExportRequest["names"][number]): readonly NamedRelease[] {
  const { engine, version } = name;
  const published = Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine] : undefined;
  if (published === undefined) throw unknownEngine(manifest, engine);
  const found = Object.entries(published.releases).filter(([one]) => version === undefined || one === version);
  if (version !== undefined && found.length === 0)
    throw new EngineryError("unknown-version", `The channel has no release ${releaseName({ engine, version })}.`, {
      hint: `It has: ${Object.keys(published.releases).join(", ")}.`,
    });
  return found.map(([one, release]) => ({ engine, version: one, release }));
}

function withdrawn(engine: string, version: Version, reason: string): EngineryError {
  return new EngineryError("release-withdrawn", `${engine}@${version} was withdrawn: ${reason}`, {
    context: { engine, version },
  });
}

function nothing(platforms: readonly Platform[]): EngineryError {
  return new EngineryError("platform-missing", "There is no release that could be written.", {
    hint: "See what the channel has: `enginery repo verify --json`; leave out --platform for all.",
    context: { platforms: platforms.join(" ") },
  });
}
