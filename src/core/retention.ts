import type { KnownGood } from "./last-known-good.ts";
import type { Generation, Installation, Lease, Pin } from "./model/home.ts";
import type { Epoch, Manifest } from "./model/manifest.ts";
import { releaseName } from "./release-name.ts";
import { unscheduledReasons, windowReasons } from "./retention-window.ts";

/** One reason why prune leaves an installation alone. */
export interface KeptBy {
  readonly kind: "generation" | "deployment" | "pin" | "lease" | "window" | "last-known-good" | "selected" | "in-use";
  readonly [fact: string]: unknown;
}

export interface RetentionPolicy {
  /** Generations to go back to, the newest included; at least 1. */
  readonly keepGenerations: number;
  /** The operator's: keep what was in effect up to this many epochs ago. Undefined: as far as the publisher needs; without end where nobody says. */
  readonly keepEpochs?: number | undefined;
  /** The operator's: keep this many superseded deployments below the one in effect. */
  readonly keepSuperseded?: number | undefined;
  /** Instead of the two before: keep what was in effect at this epoch or later. */
  readonly before?: Epoch | undefined;
  /** The operator has said why the publisher's need does not count this time. */
  readonly overrulesPublisher?: boolean | undefined;
  /** Keep what ran here last before the one in effect. */
  readonly keepLastKnownGood?: boolean | undefined;
  /** Keep what the newest generation states and no schedule has named or outgrown: what was installed by name. */
  readonly keepUnscheduled?: boolean | undefined;
}

export interface RetentionFacts {
  readonly newest: Generation;
  /** The older ones that can be read. */
  readonly generations: readonly Generation[];
  /** What lies on disk and no generation names: kept by claims alone. */
  readonly unnamed?: readonly Installation[];
  readonly manifest: Manifest;
  readonly pins: Iterable<Pin>;
  readonly leases: readonly { readonly lease: Lease; readonly state: "alive" | "gone" | "foreign" }[];
  readonly epoch?: Epoch | undefined;
  /** By engine. */
  readonly lastKnownGood?: ReadonlyMap<string, KnownGood>;
  readonly policy: RetentionPolicy;
}

export interface PrunePlan {
  /**
   * What the next generation states: those of the newest's installations that have a reason of their own. Where that is fewer, a
   * generation must be committed that takes the newest's place, also where nothing is removed yet: else what the newest only
   * carries along would be named, and so kept, by one generation after the other for ever.
   */
  readonly restate: readonly Installation[];
  /** What nothing keeps: to be removed from disk. */
  readonly remove: readonly Installation[];
  readonly keep: readonly { readonly installation: Installation; readonly keptBy: readonly KeptBy[] }[];
  /** Generations to retire, ascending: those beyond the horizon, and the newest of now where a commit takes its place. */
  readonly retire: readonly number[];
  /** What the newest generation states and nothing but the publisher's need keeps: with `before` none of it may go unasked. */
  readonly publisherOnly: readonly Installation[];
}

/**
 * Every installation that a readable generation names is either kept, with all its reasons, or removed (law 5). What is in effect,
 * pending, selected, in the window or last known good is kept where the newest generation states it; what is pinned, leased or named by a
 * generation to go back to, anyhow. Where the epoch is unknown everything scheduled is kept.
 */
export function planPrune(facts: RetentionFacts): PrunePlan {
  const { newest, generations } = facts;
  const { kept, beyond } = horizon(facts);
  const claims = claimReasons(facts);
  const own = collect([
    ...selectionReasons(newest),
    ...windowReasons(facts),
    ...knownGoodReasons(facts),
    ...unscheduledReasons(facts),
    ...claims,
  ]);
  const claimed = collect(claims);
  const named = collect(generationReasons(kept));
  const stated = new Set(newest.installations.map(releaseName));
  const reasonsOf = (key: string): readonly KeptBy[] => (stated.has(key) ? own : claimed).get(key) ?? [];

  const restate = newest.installations.filter((one) => reasonsOf(releaseName(one)).length > 0);
  const isReplaced = restate.length < newest.installations.length;
  const all = new Map(
    [...generations, newest]
      .flatMap((one) => one.installations)
      .concat(facts.unnamed ?? [])
      .map((one) => [releaseName(one), one]),
  );
  const judged = [...all].map(([key, installation]) => ({
    installation,
    keptBy: [...reasonsOf(key), ...(named.get(key) ?? [])],
  }));
  return {
    restate,
    remove: judged.filter(({ keptBy }) => keptBy.length === 0).map(({ installation }) => installation),
    keep: judged.filter(({ keptBy }) => keptBy.length > 0),
    retire: [...beyond, ...(isReplaced ? [newest.number] : [])],
    publisherOnly: restate.filter((one) => reasonsOf(releaseName(one)).every(isPublishers)),
  };
}

/** Why a release, by `ENGINE@VERSION`, is kept. */
export type Reason = readonly [release: string, keptBy: KeptBy];

function collect(reasons: readonly Reason[]): ReadonlyMap<string, readonly KeptBy[]> {
  const collected = new Map<string, KeptBy[]>();
  for (const [key, keptBy] of reasons) {
    const known = collected.get(key);
    if (known === undefined) collected.set(key, [keptBy]);
    else known.push(keptBy);
  }
  return collected;
}

/** The generations to go back to, which keep what they name, and the numbers of those beyond, ascending. */
function horizon({ newest, generations, policy }: RetentionFacts): { kept: readonly Generation[]; beyond: number[] } {
  const older = generations.filter(({ number }) => number < newest.number).sort((a, b) => a.number - b.number);
  const cut = Math.max(older.length - (policy.keepGenerations - 1), 0);
  return { kept: older.slice(cut), beyond: older.slice(0, cut).map(({ number }) => number) };
}

function generationReasons(kept: readonly Generation[]): Reason[] {
  return kept.flatMap(({ number, installations }) =>
    installations.map((one): Reason => [releaseName(one), { kind: "generation", number }]),
  );
}

function selectionReasons({ selections }: Generation): Reason[] {
  return Object.entries(selections).map(([engine, version]) => [
    releaseName({ engine, version }),
    { kind: "selected" },
  ]);
}

function knownGoodReasons({ lastKnownGood = new Map(), policy }: RetentionFacts): Reason[] {
  if (policy.keepLastKnownGood !== true) return [];
  return Array.from(
    lastKnownGood,
    ([engine, { version, at, epoch }]): Reason => [
      releaseName({ engine, version }),
      { kind: "last-known-good", ranAt: at, ...(epoch === undefined ? {} : { epoch }) },
    ],
  );
}

function isPublishers({ kind, ...rest }: KeptBy): boolean {
  return kind === "window" && rest["by"] === "publisher";
}

/** Pins, and leases whose claimant is not known to be gone. */
function claimReasons({ pins, leases }: RetentionFacts): Reason[] {
  const living = leases.filter(({ state }) => state !== "gone");
  return [
    ...Array.from(pins, (pin): Reason => [releaseName(pin), { kind: "pin", tenant: pin.tenant }]),
    ...living.map(
      ({ lease, state }): Reason => [releaseName(lease), { kind: "lease", id: lease.id, pid: lease.pid, state }],
    ),
  ];
}
