import { EngineryError } from "./errors.ts";
import type { Engine, Epoch, Manifest, Sha256, Version } from "./model/manifest.ts";
import { releaseName } from "./release-name.ts";
import { statesOf } from "./schedule.ts";
import { unknownEngine } from "./unknown-engine.ts";
import { compareVersions } from "./version.ts";
import type { WantedFacts } from "./wanted.ts";

/** One release that somebody asks for. */
export interface AskedRelease {
  readonly engine: string;
  readonly version: Version;
  /** Where a pin asks for it. */
  readonly tree?: Sha256;
}

/** Each release once, sorted by engine, then version. Errors: `unknown-engine`, `unknown-version` for `names`. */
export function askedReleases(facts: WantedFacts): AskedRelease[] {
  const all = facts.names.length === 0 ? askedBySchedule(facts) : askedByName(facts);
  const asked = new Map<string, AskedRelease>();
  for (const one of all) {
    if (one.tree !== undefined || !asked.has(releaseName(one))) asked.set(releaseName(one), one);
  }
  return [...asked.values()].sort(byEngineThenVersion);
}

function* askedBySchedule(facts: WantedFacts): Iterable<AskedRelease> {
  const installed = new Set(facts.installed.map(releaseName));
  for (const [engine, { deployments }] of Object.entries(facts.manifest.engines)) {
    const pruned = supersededBefore(facts, engine);
    for (const { version, validFrom } of deployments) {
      const isPruned = pruned.has(version) && !installed.has(releaseName({ engine, version }));
      if (isNear(facts, validFrom) && !isPruned) yield { engine, version };
    }
  }
  for (const [engine, version] of Object.entries(facts.selections)) yield { engine, version };
  for (const { engine, version, tree } of facts.pins) yield { engine, version, tree };
}

function isNear({ epoch, leadEpochs }: WantedFacts, validFrom: Epoch): boolean {
  return epoch === undefined || leadEpochs === undefined || validFrom <= epoch + leadEpochs;
}

/** What the manifest accepted before had superseded already, as far as the epoch is known. */
function supersededBefore({ known, epoch }: WantedFacts, engine: string): ReadonlySet<Version> {
  if (known === undefined || !Object.hasOwn(known.engines, engine)) return new Set();
  const states = statesOf(known.engines[engine]?.deployments ?? [], epoch ?? known.publishedEpoch ?? undefined);
  return new Set([...states].filter(([, state]) => state === "superseded").map(([version]) => version));
}

function* askedByName(facts: WantedFacts): Iterable<AskedRelease> {
  for (const { engine, version } of facts.names) {
    const known = knownEngine(facts.manifest, engine);
    const versions = version === undefined ? deployedVersions(engine, known) : [knownVersion(engine, known, version)];
    yield* versions.map((one) => ({ engine, version: one }));
  }
}

function knownEngine(manifest: Manifest, engine: string): Engine {
  const known = Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine] : undefined;
  if (known !== undefined) return known;
  throw unknownEngine(manifest, engine);
}

function knownVersion(engine: string, { releases }: Engine, version: Version): Version {
  if (Object.hasOwn(releases, version)) return version;
  throw unknownVersion(engine, releases, `There is no release ${engine}@${version}.`);
}

function deployedVersions(engine: string, { deployments, releases }: Engine): readonly Version[] {
  if (deployments.length > 0) return deployments.map(({ version }) => version);
  throw unknownVersion(engine, releases, `${engine} has no schedule that could say which version to install.`);
}

function unknownVersion(engine: string, releases: Engine["releases"], message: string): EngineryError {
  const known = Object.keys(releases).sort(compareVersions);
  return new EngineryError("unknown-version", message, {
    hint: known.length === 0 ? "It has no release at all." : `Name one of ${known.slice(-20).join(", ")}.`,
    context: { engine, known },
  });
}

function byEngineThenVersion(a: AskedRelease, b: AskedRelease): number {
  if (a.engine !== b.engine) return a.engine < b.engine ? -1 : 1;
  return compareVersions(a.version, b.version);
}
