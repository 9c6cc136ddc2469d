import { beginnings } from "./beginnings.ts";
import type { Generation, Pin } from "./model/home.ts";
import type { Deployment, Epoch, Manifest, Sha256, Version } from "./model/manifest.ts";
import { releaseName } from "./release-name.ts";
import type { RetentionPolicy } from "./retention.ts";
import { windowReasons } from "./retention-window.ts";
import { type DeploymentState, statesOf } from "./schedule.ts";
import { compareVersions } from "./version.ts";

/** Why work may ask for a release; `scheduled`: the epoch is unknown, and so whether it is needed already. */
export type NeedReason = "in-effect" | "pinned" | "selected" | "pending" | "scheduled" | "window";

export interface NeededRelease {
  readonly engine: string;
  readonly version: Version;
  /** The strongest reason of all. */
  readonly why: NeedReason;
  readonly validFrom: Epoch | null;
  /** 0: work may ask for it now; null: the epoch is unknown. */
  readonly epochsLeft: number | null;
  readonly pins: number;
  /** What those pins promise; more than one only where they contradict each other. */
  readonly pinnedTrees: readonly Sha256[];
}

export interface NeedFacts {
  readonly newest: Generation;
  readonly manifest: Manifest;
  readonly pins: Iterable<Pin>;
  readonly epoch: Epoch | undefined;
  /** Leave out what begins later than this many epochs ahead; absent: nothing is left out. */
  readonly within?: number | undefined;
  readonly policy: RetentionPolicy;
  /** The operator has said how far back the window reaches (the publisher may have too): what it holds is needed, installed or not. */
  readonly windowIsSaid: boolean;
}

/**
 * Every release that work may ask for: scheduled, pinned, selected or in the retention window; by engine, then version. What is
 * superseded, and was pruned while nobody had said how far back the window reaches, is not missed.
 */
export function neededReleases(facts: NeedFacts): readonly NeededRelease[] {
  const needs = new Map<string, NeededRelease>();
  const begins = beginnings(facts.manifest);
  const pins = pinsByRelease(facts.pins);
  const add = (release: Pick<NeededRelease, "engine" | "version">, why: NeedReason) => {
    const name = releaseName(release);
    if (needs.has(name)) return;
    const pinned = pins.get(name);
    const { engine, version } = release;
    const validFrom = begins.get(name) ?? null;
    needs.set(name, {
      engine,
      version,
      why,
      validFrom,
      epochsLeft: epochsLeft(why, validFrom, facts.epoch),
      pins: pinned?.count ?? 0,
      pinnedTrees: [...(pinned?.trees ?? [])],
    });
  };
  const scheduled = scheduledNeeds(facts);
  // the strongest reason comes first and stays
  for (const reason of ["in-effect", "pinned", "selected", "pending", "scheduled", "window"] as const) {
    if (reason === "pinned") for (const { engine, version } of pins.values()) add({ engine, version }, reason);
    if (reason === "selected") for (const one of selections(facts.newest)) add(one, reason);
    for (const one of scheduled) if (one.why === reason) add(one, reason);
  }
  return [...needs.values()].sort(byEngineThenVersion);
}

type Scheduled = Pick<NeededRelease, "engine" | "version" | "why">;

function scheduledNeeds(facts: NeedFacts): readonly Scheduled[] {
  const installed = new Set(facts.newest.installations.map(releaseName));
  const window = new Set(windowReasons(facts).flatMap(([release, { kind }]) => (kind === "window" ? [release] : [])));
  return Object.entries(facts.manifest.engines).flatMap(([engine, { deployments, retention }]) => {
    const states = statesOf(deployments, facts.epoch);
    const windowIsSaid = facts.windowIsSaid || retention?.keepEpochs !== undefined;
    return deployments.flatMap((deployment): readonly Scheduled[] => {
      const { version } = deployment;
      const name = releaseName({ engine, version });
      const why = reasonOf(facts, deployment, states.get(version));
      if (why === undefined) return [];
      const isNeeded = why !== "window" || (window.has(name) && (windowIsSaid || installed.has(name)));
      return isNeeded ? [{ engine, version, why }] : [];
    });
  });
}

function reasonOf(
  { epoch, within }: NeedFacts,
  { validFrom }: Deployment,
  state: DeploymentState | null | undefined,
): NeedReason | undefined {
  if (state === "in-effect") return state;
  if (state === "superseded") return "window";
  if (epoch === undefined || state !== "pending") return "scheduled";
  return within === undefined || validFrom <= epoch + within ? "pending" : undefined;
}

function epochsLeft(why: NeedReason, validFrom: Epoch | null, epoch: Epoch | undefined): number | null {
  if (why === "scheduled") return null;
  return why === "pending" && validFrom !== null && epoch !== undefined ? validFrom - epoch : 0;
}

interface PinnedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly trees: Set<Sha256>;
  count: number;
}

function pinsByRelease(pins: Iterable<Pin>): ReadonlyMap<string, PinnedRelease> {
  const byRelease = new Map<string, PinnedRelease>();
  for (const { engine, version, tree } of pins) {
    const name = releaseName({ engine, version });
    const known = byRelease.get(name) ?? { engine, version, trees: new Set<Sha256>(), count: 0 };
    known.trees.add(tree);
    known.count += 1;
    byRelease.set(name, known);
  }
  return byRelease;
}

function selections({ selections: selected }: Generation): readonly Pick<NeededRelease, "engine" | "version">[] {
  return Object.entries(selected).map(([engine, version]) => ({ engine, version }));
}

function byEngineThenVersion(a: NeededRelease, b: NeededRelease): number {
  if (a.engine !== b.engine) return a.engine < b.engine ? -1 : 1;
  return compareVersions(a.version, b.version);
}
