import type { Generation } from "./model/home.ts";
import type { Epoch, Manifest, Sha256, Version } from "./model/manifest.ts";
import { releaseName } from "./release-name.ts";
import { inEffect } from "./schedule.ts";
import type { Work } from "./work.ts";

export interface KnownGood {
  readonly version: Version;
  /** When that work began. */
  readonly at: string;
  /** Of an engine with a schedule: the epoch that it was for. */
  readonly epoch?: Epoch;
}

export interface KnownGoodFacts {
  readonly manifest: Manifest;
  readonly newest: Pick<Generation, "installations" | "selections">;
  readonly epoch?: Epoch | undefined;
  /** In the order in which it is on record. */
  readonly work: Iterable<Work>;
  /** Tree digests known bad on this host. */
  readonly quarantined: ReadonlySet<Sha256>;
}

/**
 * Of each engine the release that ran here last before the one in effect, by what is on record: what to go back to. With a schedule: that of the
 * highest epoch below the deployment in effect, so that a replay of the past changes nothing. Without one: the last that ran because it
 * was selected, other than the one selected now. What is known bad is not good. Cost: one pass over the work.
 */
export function lastKnownGood(facts: KnownGoodFacts): ReadonlyMap<string, KnownGood> {
  const found = new Map<string, KnownGood>();
  const bad = badReleases(facts);
  const judges = new Map<string, (work: Work) => boolean>();
  for (const work of facts.work) {
    const { engine, version, at, tree } = work;
    if (bad.has(releaseName(work)) || (tree !== undefined && facts.quarantined.has(tree))) continue;
    const isBefore = judges.get(engine) ?? judgeOf(facts, engine);
    judges.set(engine, isBefore);
    if (!isBefore(work)) continue;
    // of an engine without a schedule the epoch says nothing
    const epoch = isScheduled(facts, engine) ? work.epoch : undefined;
    if (epoch !== undefined && epoch < (found.get(engine)?.epoch ?? 0)) continue;
    found.set(engine, { version, at, ...(epoch === undefined ? {} : { epoch }) });
  }
  return found;
}

function isScheduled({ manifest }: KnownGoodFacts, engine: string): boolean {
  return Object.hasOwn(manifest.engines, engine) && manifest.engines[engine]?.deployments.length !== 0;
}

function badReleases({ newest, quarantined }: KnownGoodFacts): ReadonlySet<string> {
  const bad = newest.installations.filter(({ tree }) => quarantined.has(tree));
  return new Set(bad.map(releaseName));
}

/** Whether work of that engine came before what is in effect. */
function judgeOf({ manifest, newest, epoch }: KnownGoodFacts, engine: string): (work: Work) => boolean {
  const deployments = Object.hasOwn(manifest.engines, engine) ? (manifest.engines[engine]?.deployments ?? []) : [];
  if (deployments.length === 0) {
    const selected = Object.hasOwn(newest.selections, engine) ? newest.selections[engine] : undefined;
    return ({ version, because, tenant }) =>
      selected !== undefined &&
      version !== selected &&
      (because ?? (tenant === undefined ? "selected" : "pin")) === "selected";
  }
  const now = epoch === undefined ? undefined : inEffect(deployments, epoch);
  return (work) => now !== undefined && work.version !== now.version && (work.epoch ?? now.validFrom) < now.validFrom;
}
