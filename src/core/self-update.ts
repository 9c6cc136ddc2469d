import type { Manifest, Platform, Sha256, Version } from "./model/manifest.ts";
import { platformKey } from "./platform.ts";
import { isWithin, type Receipt } from "./receipt.ts";
import { compareVersions } from "./version.ts";

/** The engine that Enginery is of its own channel, and the channel. */
export const SELF_ENGINE = "enginery";
export const SELF_CHANNEL = "enginery";

/** How the running program came here, as far as its place tells. */
export type CameBy = "release" | "npm" | "checkout" | "distribution" | "unknown";

const OF_DISTRIBUTIONS = ["/usr/bin/", "/usr/lib/", "/usr/libexec/", "/usr/share/", "/nix/store/", "/snap/"];

/** `program`: absolute path of the running file, links followed. Only a single file that install.sh placed updates itself. */
export function cameBy(program: string, receipt: Receipt | undefined): CameBy {
  const path = program.replaceAll("\\", "/");
  if (receipt?.self !== undefined && isWithin(receipt.self, path)) return "release";
  if (path.includes("/node_modules/enginery/")) return "npm";
  if (OF_DISTRIBUTIONS.some((folder) => path.startsWith(folder)) || /\/(Cellar|homebrew)\//.test(path)) {
    return "distribution";
  }
  if (receipt?.checkout !== undefined && isWithin(receipt.checkout, path)) return "checkout";
  return /\/(bin\/start\.cjs|src\/main\.ts|dist\/main\.js)$/.test(path) ? "checkout" : "unknown";
}

/** Who updates a program that came so; `release` updates itself. */
export function updateHint(by: Exclude<CameBy, "release">): string {
  switch (by) {
    case "npm":
      return "npm installed it: npm install --global enginery";
    case "checkout":
      return "It runs from a checkout: git pull, then ./install.sh";
    case "distribution":
      return "Your distribution installed it, and updates it.";
    case "unknown":
      return "Install a release with install.sh; that one updates itself.";
  }
}

export interface SelfFacts {
  readonly manifest: Manifest;
  readonly platform: Platform;
  /** What runs. */
  readonly version: Version;
  /** Tree digests known bad on this host. */
  readonly quarantined: ReadonlySet<Sha256>;
}

/**
 * The highest release for this platform that was not withdrawn and is not known bad here; undefined where there is none. One that is itself
 * no finished version takes others of its kind; a finished one never does.
 */
export function offeredVersion({ manifest, platform, version, quarantined }: SelfFacts): Version | undefined {
  const engine = Object.hasOwn(manifest.engines, SELF_ENGINE) ? manifest.engines[SELF_ENGINE] : undefined;
  const isUnfinished = (each: Version) => each.includes("-");
  return Object.entries(engine?.releases ?? {})
    .filter(([each, release]) => {
      const key = platformKey(release, platform);
      const build = key === undefined ? undefined : release.platforms[key];
      if (build === undefined || release.withdrawn !== undefined || quarantined.has(build.tree.digest)) return false;
      return isUnfinished(version) || !isUnfinished(each);
    })
    .map(([each]) => each)
    .toSorted(compareVersions)
    .at(-1);
}
