import type { LateChange } from "../model/home.ts";
import type { Epoch } from "../model/manifest.ts";
import type { Condition } from "./alarms.ts";
import { type Pace, secondsUntil } from "./pace.ts";
import { type ReleaseFacts, releaseConditions } from "./release-conditions.ts";

/** What `watch` knows when it asks itself what is wrong. Times in milliseconds. */
export interface WatchFacts {
  /** Since 1970. */
  readonly now: number;
  /** What the network calls an epoch. */
  readonly unit: string;
  /** What counts for readers; undefined: unknown. */
  readonly epoch: Epoch | undefined;
  /** Epochs before its epoch that a release must be here and proven. */
  readonly lead: number;
  readonly pace: Pace | undefined;
  /** How long something may be amiss before it is told. */
  readonly graceMs: number;
  /** Since when nothing could be taken from the epoch sources, and why. */
  readonly untold: { readonly forMs: number; readonly problem: string } | undefined;
  readonly unwritten: Problem | undefined;
  readonly sources: readonly SourceFacts[];
  readonly releases: readonly ReleaseFacts[];
  /** Role to its expiry, since 1970. */
  readonly expiries: Readonly<Record<string, number>>;
  readonly disk: { readonly freeBytes: number; readonly reserveBytes: number } | undefined;
  readonly upgrade: FailingUpgrade | undefined;
  readonly late: readonly LateChange[];
  readonly home: Problem | undefined;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface SourceFacts {
  readonly name: string;
  /** How long it has not answered while enough others did; 0: it does. */
  readonly failingMs: number;
  readonly problem?: string;
  /** How long it has said far other epochs than the others; 0: it does not. */
  readonly astrayMs: number;
  readonly epoch?: Epoch;
}

export interface FailingUpgrade extends Problem {
  /** How long upgrades have failed. */
  readonly forMs: number;
  /** Worth another try before anybody is told: the network, another writer. */
  readonly passing: boolean;
  /** How long what passes may last. */
  readonly patienceMs: number;
}

const DAY_MS = 86_400_000;
/** Roles that people renew: they are told a week before. The others are a machine's, and renewed again and again. */
const PEOPLES_ROLES = ["root", "targets"];
const PEOPLES_DAYS = 7;

/** All that somebody must know of, in no order. Nothing of it needs to be remembered: it is what is wrong now. */
export function conditionsOf(facts: WatchFacts): readonly Condition[] {
  return [
    ...homeConditions(facts),
    ...epochConditions(facts),
    ...facts.sources.flatMap((source) => sourceConditions(source, facts)),
    ...facts.releases.flatMap((release) => releaseConditions(release, facts)),
    ...trustConditions(facts),
    ...diskConditions(facts),
    ...upgradeConditions(facts),
    ...facts.late.map(lateCondition),
  ];
}

function homeConditions({ home }: WatchFacts): readonly Condition[] {
  return home === undefined ? [] : [{ kind: "home-unreadable", message: home.message, mend: home.hint }];
}

function epochConditions({ untold, unwritten, epoch, graceMs, unit }: WatchFacts): readonly Condition[] {
  const told: Condition[] = [];
  if (untold !== undefined && (epoch === undefined || untold.forMs >= graceMs)) {
    const since =
      epoch === undefined ? `The ${unit} is unknown` : `No ${unit} could be taken for ${seconds(untold.forMs)} s`;
    const mend = "See to the epoch sources of config.json; by hand: enginery observe EPOCH";
    told.push({ kind: "epoch-unknown", message: `${since}: ${untold.problem}`, mend });
  }
  if (unwritten !== undefined) {
    told.push({ kind: "epoch-not-recorded", message: unwritten.message, mend: unwritten.hint });
  }
  return told;
}

function sourceConditions(source: SourceFacts, { graceMs, unit }: WatchFacts): readonly Condition[] {
  const told: Condition[] = [];
  const mend = "See to that endpoint, or take it off epochSources.";
  if (source.failingMs >= graceMs) {
    const problem = source.problem ?? `${source.name} does not answer.`;
    told.push({ kind: "source-failing", subject: source.name, message: problem, mend });
  }
  if (source.astrayMs >= graceMs) {
    const message = `${source.name} says ${unit} ${source.epoch ?? "unknown"}, far from what the others say.`;
    told.push({ kind: "source-disagreement", subject: source.name, message, mend });
  }
  return told;
}

/** Expired, or expired before what is not here yet can be taken; what people renew, a week ahead. */
function trustConditions({ now, expiries, releases, epoch, lead, pace }: WatchFacts): readonly Condition[] {
  return Object.entries(expiries).flatMap(([role, at]): readonly Condition[] => {
    const about = { kind: "trust-expires", subject: role, mend: TRUST_MEND } as const;
    const day = new Date(at).toISOString();
    if (at <= now) {
      const message = `Signed metadata (${role}) expired on ${day}: upgrades wait for the publisher, engines go on.`;
      return [{ ...about, message }];
    }
    const needed = releases
      .filter(({ role, installed }) => role === "next" && !installed)
      .flatMap(({ validFrom }) => (epoch === undefined || validFrom - epoch > lead ? [] : [validFrom - epoch]))
      .toSorted((one, other) => one - other)[0];
    const neededIn = needed === undefined ? undefined : secondsUntil(pace, needed);
    if (needed !== undefined && neededIn !== undefined && at <= now + neededIn * 1000) {
      const message = `Signed metadata (${role}) expires on ${day}, before the next release is here.`;
      return [{ ...about, epochsLeft: needed, message }];
    }
    if (!PEOPLES_ROLES.includes(role) || at - now > PEOPLES_DAYS * DAY_MS) return [];
    return [{ ...about, message: `Signed metadata (${role}) expires on ${day}.` }];
  });
}

const TRUST_MEND = "Where `enginery upgrade` brings nothing newer, ask the publisher.";

function diskConditions({ disk, upgrade }: WatchFacts): readonly Condition[] {
  const mend = "Free some space: enginery prune";
  if (upgrade?.code === "disk-full" || upgrade?.code === "disk-space") {
    return [{ kind: "disk-low", message: upgrade.message, mend }];
  }
  if (disk === undefined || disk.freeBytes >= disk.reserveBytes) return [];
  const message = `${mebibytes(disk.freeBytes)} MiB are free, less than the ${mebibytes(disk.reserveBytes)} MiB in reserve.`;
  return [{ kind: "disk-low", message, mend }];
}

function upgradeConditions({ upgrade }: WatchFacts): readonly Condition[] {
  if (upgrade === undefined || (upgrade.passing && upgrade.forMs < upgrade.patienceMs)) return [];
  const message = `Upgrades have failed for ${seconds(upgrade.forMs)} s (${upgrade.code}): ${upgrade.message}`;
  return [{ kind: "upgrade-failed", message, mend: upgrade.hint }];
}

function lateCondition({ engine, version, validFrom, change }: LateChange): Condition {
  return {
    kind: "late-change",
    engine,
    version,
    message: `${engine}@${version} from ${validFrom} was ${change} after that epoch had begun here.`,
    mend: "See what ran: enginery history",
  };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000);
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
