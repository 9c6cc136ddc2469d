import { type AskedRelease, askedReleases } from "./asked-releases.ts";
import { beginnings } from "./beginnings.ts";
import type { ErrorCode } from "./errors.ts";
import type { Installation, Pin } from "./model/home.ts";
import type { Engine, Epoch, Manifest, Platform, PlatformRelease, Sha256, Version } from "./model/manifest.ts";
import { platformKey } from "./platform.ts";
import { quote } from "./quote.ts";
import { releaseName } from "./release-name.ts";
import { type DeploymentState, statesOf } from "./schedule.ts";

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
  const installed = new Map(facts.installed.map((one) => [releaseName(one), one]));
  const states = new Map(
    Object.entries(facts.manifest.engines).map(([name, engine]) => [name, statesOf(engine.deployments, facts.epoch)]),
  );
  const begins = beginnings(facts.manifest);
  const judged = askedReleases(facts).flatMap((asked) => {
    const here = installed.get(releaseName(asked));
    const state = states.get(asked.engine)?.get(asked.version);
    const required = isRequired(facts, begins.get(releaseName(asked)), state);
    return judge(facts, asked, here, required) ?? [];
  });
  return {
    want: judged.filter((one): one is WantedRelease => !("code" in one)),
    refused: judged.filter((one): one is RefusedRelease => "code" in one),
  };
}

/** Undefined for what has left the channel and is here: it stays as it is. */
function judge(
  facts: WantedFacts,
  { engine, version, tree }: AskedRelease,
  here: Installation | undefined,
  required: boolean,
): WantedRelease | RefusedRelease | undefined {
  const name = releaseName({ engine, version });
  const refuse = (code: ErrorCode, message: string): RefusedRelease => ({ engine, version, code, message, required });
  const release = engineOf(facts, engine)?.releases[version];
  if (release === undefined) {
    return here === undefined ? refuse("unknown-version", `There is no release ${name} any more.`) : undefined;
  }
  const platform = platformKey(release, facts.platform);
  const build = platform === undefined ? undefined : release.platforms[platform];
  if (platform === undefined || build === undefined) {
    return refuse("platform-missing", `${name} has no build for ${facts.platform}.`);
  }
  const { digest } = build.tree;
  if (tree !== undefined && tree !== digest) {
    return refuse("release-conflict", `${name} is published with other files than a pin names.`);
  }
  if (here !== undefined && here.tree !== digest) {
    return refuse("release-conflict", `${name} is installed with other files than those published.`);
  }
  const installed = here !== undefined;
  if (!installed && release.withdrawn !== undefined) {
    return refuse("release-withdrawn", `${name} was withdrawn: ${quote(release.withdrawn)}.`);
  }
  if (!installed && facts.quarantined.has(digest)) {
    return refuse("release-quarantined", `${name} is known bad on this host.`);
  }
  return { engine, version, platform, release: build, required, installed };
}

function engineOf({ manifest }: WantedFacts, engine: string): Engine | undefined {
  return Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine] : undefined;
}

function isRequired(
  { epoch, leadEpochs }: WantedFacts,
  validFrom: Epoch | undefined,
  state: DeploymentState | null | undefined,
): boolean {
  if (state !== "pending") return state === "in-effect";
  if (epoch === undefined || leadEpochs === undefined) return false;
  return validFrom !== undefined && validFrom <= epoch + leadEpochs;
}
