import { EngineryError, type ErrorCode } from "./errors.ts";
import type { Installation, Pin } from "./model/home.ts";
import type {
  Deployment,
  Engine,
  Epoch,
  Manifest,
  Platform,
  PlatformRelease,
  Sha256,
  Version,
} from "./model/manifest.ts";
import { platformKey } from "./platform.ts";
import { quote } from "./quote.ts";
import { alwaysInEffect, inEffect, stateOf } from "./schedule.ts";
import { compareVersions } from "./version.ts";

export interface WantedFacts {
  readonly manifest: Manifest;
  readonly platform: Platform;
  /** Empty: whatever the schedule, the selections and the pins ask for. */
  readonly names: readonly { readonly engine: string; readonly version?: Version | undefined }[];
  readonly installed: readonly Installation[];
  readonly pins: Iterable<Pin>;
  readonly selections: Readonly<Record<string, Version>>;
  /** Tree digests. */
  readonly quarantined: ReadonlySet<Sha256>;
  readonly epoch?: Epoch | undefined;
  /** Leave out what is valid from later than this many epochs ahead; absent: nothing is left out. */
  readonly leadEpochs?: number | undefined;
  /**
   * The manifest accepted before, where there is one: what it had superseded already and is not here was pruned, and is not
   * wanted again unless it is named.
   */
  readonly known?: Manifest | undefined;
}

export interface WantedRelease {
  readonly engine: string;
  readonly version: Version;
  /** The release's own key: `any` where the build is for any. */
  readonly platform: Platform;
  readonly release: PlatformRelease;
  /** In effect, or due within the lead time: nothing is committed without it. */
  readonly required: boolean;
  readonly installed: boolean;
}

export interface RefusedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly code: ErrorCode;
  readonly message: string;
  readonly required: boolean;
}

/**
 * What is to be there, and what of it must not be laid out, each sorted by engine, then version. What is installed already
 * stays wanted, withdrawn or quarantined as it may be. Errors: `unknown-engine`, `unknown-version` for `names`.
 */
export function wantedReleases(facts: WantedFacts): { want: WantedRelease[]; refused: RefusedRelease[] } {
  const asked = facts.names.length === 0 ? askedBySchedule(facts) : askedByName(facts);
  const judged = [...asked.values()].sort(byEngineThenVersion).flatMap((one) => judge(facts, one) ?? []);
  return {
    want: judged.filter((one): one is WantedRelease => !("code" in one)),
    refused: judged.filter((one): one is RefusedRelease => "code" in one),
  };
}

interface Asked {
  readonly engine: string;
  readonly version: Version;
  readonly tree?: Sha256;
}

type AskedReleases = Map<string, Asked>;

function add(asked: AskedReleases, one: Asked): void {
  const key = `${one.engine}@${one.version}`;
  if (!asked.has(key) || one.tree !== undefined) asked.set(key, one);
}

function askedBySchedule(facts: WantedFacts): AskedReleases {
  const asked: AskedReleases = new Map();
  for (const [engine, { deployments }] of Object.entries(facts.manifest.engines)) {
    for (const { version, validFrom } of deployments) {
      if (isNear(facts, validFrom) && !isPruned(facts, engine, version)) add(asked, { engine, version });
    }
  }
  for (const [engine, version] of Object.entries(facts.selections)) add(asked, { engine, version });
  for (const { engine, version, tree } of facts.pins) add(asked, { engine, version, tree });
  return asked;
}

function isNear({ epoch, leadEpochs }: WantedFacts, validFrom: Epoch): boolean {
  return epoch === undefined || leadEpochs === undefined || validFrom <= epoch + leadEpochs;
}

function isPruned({ known, epoch, installed }: WantedFacts, engine: string, version: Version): boolean {
  if (known === undefined || !Object.hasOwn(known.engines, engine)) return false;
  const before = known.engines[engine];
  const reached = epoch ?? known.publishedEpoch ?? undefined;
  if (before === undefined || stateOf(before, version, reached) !== "superseded") return false;
  return !installed.some((one) => one.engine === engine && one.version === version);
}

function askedByName(facts: WantedFacts): AskedReleases {
  const asked: AskedReleases = new Map();
  for (const { engine, version } of facts.names) {
    const known = knownEngine(facts.manifest, engine);
    const versions = version === undefined ? deployedVersions(engine, known) : [knownVersion(engine, known, version)];
    for (const one of versions) add(asked, { engine, version: one });
  }
  return asked;
}

function knownEngine(manifest: Manifest, engine: string): Engine {
  const known = Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine] : undefined;
  if (known !== undefined) return known;
  const names = Object.keys(manifest.engines).sort();
  throw new EngineryError("unknown-engine", `The channel ${manifest.channel} has no engine ${quote(engine)}.`, {
    hint: names.length === 0 ? "It has no engine at all." : `It has ${names.join(", ")}.`,
    context: { engine, known: names },
  });
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

function byEngineThenVersion(a: Asked, b: Asked): number {
  if (a.engine !== b.engine) return a.engine < b.engine ? -1 : 1;
  return compareVersions(a.version, b.version);
}

function judge(facts: WantedFacts, { engine, version, tree }: Asked): WantedRelease | RefusedRelease | undefined {
  const name = `${engine}@${version}`;
  const known = Object.hasOwn(facts.manifest.engines, engine) ? facts.manifest.engines[engine] : undefined;
  const required = known !== undefined && isRequired(facts, known.deployments, version);
  const refuse = (code: ErrorCode, message: string): RefusedRelease => ({ engine, version, code, message, required });
  const release = known !== undefined && Object.hasOwn(known.releases, version) ? known.releases[version] : undefined;
  const here = facts.installed.find((one) => one.engine === engine && one.version === version);
  if (release === undefined) {
    // what has left the channel and is here stays as it is
    return here === undefined ? refuse("unknown-version", `There is no release ${name} any more.`) : undefined;
  }
  const platform = platformKey(release, facts.platform);
  const build = platform === undefined ? undefined : release.platforms[platform];
  if (platform === undefined || build === undefined) {
    return refuse("platform-missing", `${name} has no build for ${facts.platform}.`);
  }
  if (tree !== undefined && tree !== build.tree.digest) {
    return refuse("release-conflict", `${name} is published with other files than a pin names.`);
  }
  if (here !== undefined && here.tree !== build.tree.digest) {
    return refuse("release-conflict", `${name} is installed with other files than those published.`);
  }
  const installed = here !== undefined;
  if (!installed && release.withdrawn !== undefined) {
    return refuse("release-withdrawn", `${name} was withdrawn: ${quote(release.withdrawn)}.`);
  }
  if (!installed && facts.quarantined.has(build.tree.digest)) {
    return refuse("release-quarantined", `${name} is known bad on this host.`);
  }
  return { engine, version, platform, release: build, required, installed };
}

function isRequired({ epoch, leadEpochs }: WantedFacts, deployments: readonly Deployment[], version: Version): boolean {
  if (epoch === undefined) return alwaysInEffect(deployments)?.version === version;
  const deployment = deployments.find((one) => one.version === version);
  if (deployment === undefined) return false;
  if (deployment.validFrom > epoch) return leadEpochs !== undefined && deployment.validFrom <= epoch + leadEpochs;
  return inEffect(deployments, epoch)?.version === version;
}
