import { EngineryError } from "./errors.ts";
import type { Engine, PlatformRelease, Release } from "./model/manifest.ts";

/**
 * What was published keeps its bytes: the tree of each platform, and the path and kind of each entry point. A release may go
 * as a whole, gain platforms and entry points, be packed anew, and be withdrawn for good. Errors: `release-changed`.
 */
export function checkReleaseChanges(engine: string, before: Engine, after: Engine): void {
  for (const [version, old] of Object.entries(before.releases)) {
    const now = Object.hasOwn(after.releases, version) ? after.releases[version] : undefined;
    const problem = now === undefined ? undefined : releaseProblem(old, now);
    if (problem === undefined) continue;
    throw new EngineryError("release-changed", `${engine}@${version} was published before, and ${problem}.`, {
      context: { engine, version },
    });
  }
}

function releaseProblem(old: Release, now: Release): string | undefined {
  if (old.withdrawn !== undefined && now.withdrawn === undefined) return "is no longer withdrawn";
  for (const [platform, oldBuild] of Object.entries(old.platforms)) {
    const build = Object.hasOwn(now.platforms, platform) ? now.platforms[platform] : undefined;
    if (build === undefined) return `has no build for ${platform} any more`;
    const problem = buildProblem(oldBuild, build);
    if (problem !== undefined) return `${problem} for ${platform}`;
  }
  return undefined;
}

function buildProblem(old: PlatformRelease, now: PlatformRelease): string | undefined {
  if (now.tree.digest !== old.tree.digest) return "has other files now";
  for (const [name, entry] of Object.entries(old.entries)) {
    const found = Object.hasOwn(now.entries, name) ? now.entries[name] : undefined;
    if (found?.path !== entry.path || found.kind !== entry.kind) return `has another entry point ${name} now`;
  }
  return undefined;
}
