import { EngineryError, type ErrorCode } from "./errors.ts";
import { libraryLinkName } from "./library-name.ts";
import type { Deployment, Engine, Epoch, Manifest, Version } from "./model/manifest.ts";
import { compareVersions } from "./version.ts";

/**
 * The rules that a manifest keeps by itself (docs/ARCHITECTURE.md, "Schedule rules"); those against the manifest before are
 * `checkTransition`'s. How many deployments lie ahead is judged at `publishedEpoch`, and not where that is unknown.
 * Errors: `schedule-empty`, `schedule-duplicate-version`, `schedule-order`, `schedule-unreachable`, `schedule-max-future`,
 * `schedule-max-deployments`, `schedule-no-release`, `library-name-conflict`.
 */
export function checkSchedule(manifest: Manifest): void {
  for (const [name, engine] of Object.entries(manifest.engines)) {
    checkNotEmpty(name, engine);
    checkUniqueVersions(name, engine);
    checkReleases(name, engine);
    checkOrder(name, engine);
    checkMaxDeployments(name, engine);
  }
  checkMaxFuture(manifest, manifest.publishedEpoch ?? undefined);
  checkLibraryNames(manifest);
}

/** Releases without a deployment are for `use`; that a schedule once there never ends is `checkTransition`'s rule. */
function checkNotEmpty(name: string, { deployments, releases }: Engine): void {
  if (deployments.length > 0 || Object.keys(releases).length > 0) return;
  throw refusal("schedule-empty", name, `${name} has neither a deployment nor a release.`);
}

function checkUniqueVersions(name: string, engine: Engine): void {
  checkUnique(
    name,
    "deployments",
    engine.deployments.map((deployment) => deployment.version),
  );
  checkUnique(name, "releases", Object.keys(engine.releases));
}

/** Ignoring case: on some file systems 1.0.0-RC and 1.0.0-rc are one folder. */
function checkUnique(name: string, what: string, versions: readonly Version[]): void {
  const seen = new Map<string, Version>();
  for (const version of versions) {
    const other = seen.get(version.toLowerCase());
    seen.set(version.toLowerCase(), version);
    if (other === undefined) continue;
    const how =
      other === version ? `two ${what} carry ${version}` : `two ${what}, ${other} and ${version}, differ in case only`;
    throw refusal("schedule-duplicate-version", name, `Of ${name}, ${how}.`, { version });
  }
}

function checkReleases(name: string, engine: Engine): void {
  for (const { version } of engine.deployments) {
    if (Object.hasOwn(engine.releases, version)) continue;
    throw refusal("schedule-no-release", name, `${name}@${version} is deployed, and there is no such release.`, {
      version,
    });
  }
}

/** Sorted by epoch, epochs must differ and versions rise: then each deployment is in effect at its own validFrom. */
function checkOrder(name: string, engine: Engine): void {
  const sorted = engine.deployments.toSorted((a, b) => a.validFrom - b.validFrom);
  for (const [index, later] of sorted.entries()) {
    const earlier = sorted[index - 1];
    if (earlier !== undefined) checkPair(name, earlier, later);
  }
}

function checkPair(name: string, earlier: Deployment, later: Deployment): void {
  const context = { earlier, later };
  if (earlier.validFrom === later.validFrom) {
    const message = `${name}@${earlier.version} and @${later.version} are both valid from ${later.validFrom}: one could never be in effect.`;
    throw refusal("schedule-unreachable", name, message, context);
  }
  if (compareVersions(earlier.version, later.version) < 0) return;
  const message = `${name}@${later.version} (from ${later.validFrom}) comes after the later version ${earlier.version} (from ${earlier.validFrom}).`;
  throw refusal("schedule-order", name, message, context);
}

function checkMaxDeployments(name: string, { deployments, rules: { maxDeployments } }: Engine): void {
  if (maxDeployments === null || deployments.length <= maxDeployments) return;
  const message = `${name} has ${deployments.length} deployments, and its rules allow ${maxDeployments}.`;
  throw refusal("schedule-max-deployments", name, message, { maxDeployments });
}

/** The one rule that depends on the epoch: not judged where that is unknown. Errors: `schedule-max-future`. */
export function checkMaxFuture(manifest: Manifest, epoch: Epoch | undefined): void {
  if (epoch === undefined) return;
  for (const [name, { deployments, rules }] of Object.entries(manifest.engines)) {
    const ahead = deployments.filter((deployment) => deployment.validFrom > epoch).length;
    if (rules.maxFuture === null || ahead <= rules.maxFuture) continue;
    const message = `${name} has ${ahead} deployments ahead of ${manifest.unit} ${epoch}, and its rules allow ${rules.maxFuture}.`;
    throw refusal("schedule-max-future", name, message, { maxFuture: rules.maxFuture, epoch });
  }
}

/** All engines share one lib/ folder. */
function checkLibraryNames(manifest: Manifest): void {
  const owners = new Map<string, string>();
  for (const [name, engine] of Object.entries(manifest.engines)) {
    for (const version of Object.keys(engine.releases)) {
      for (const link of libraryLinks(engine, version)) {
        const owner = owners.get(link);
        if (owner !== undefined) {
          const message = `${owner} and ${name}@${version} are both ${link}.`;
          throw refusal("library-name-conflict", name, message, { version, link });
        }
        owners.set(link, `${name}@${version}`);
      }
    }
  }
}

function libraryLinks(engine: Engine, version: Version): ReadonlySet<string> {
  const platforms = Object.values(engine.releases[version]?.platforms ?? {});
  const links = platforms.flatMap(({ entries }) =>
    Object.entries(entries).map(([entry, { kind }]) => (kind === "library" ? libraryLinkName(entry, version) : "")),
  );
  return new Set(links.filter((link) => link !== ""));
}

function refusal(
  code: ErrorCode,
  engine: string,
  message: string,
  context: Record<string, unknown> = {},
): EngineryError {
  return new EngineryError(code, message, { context: { engine, ...context } });
}
