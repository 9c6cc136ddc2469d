import type { SourceOutcome } from "../../core/epoch-quorum.ts";
import type { Config } from "../../core/model/home.ts";
import type { Epoch } from "../../core/model/manifest.ts";
import type { AlarmNotice, FiringAlarms } from "../../core/watch/alarms.ts";
import type { Problem } from "../../core/watch/conditions.ts";
import { FOLLOW, type FollowMode, KEEP, type KeepMode } from "../../core/watch/machines.ts";
import type { FailurePlace } from "../../core/watch/metrics.ts";
import type { Pace } from "../../core/watch/pace.ts";
import type { ReleaseFlaw } from "../../core/watch/release-conditions.ts";
import type { WatchSettings } from "../../core/watch/settings.ts";
import type { Home } from "../../store/home.ts";
import type { EpochSources } from "../epoch-sources.ts";
import type { Snapshot } from "../snapshot.ts";
import type { World } from "../world.ts";
import type { WatchEvent, WatchRequest } from "./words.ts";

/**
 * What a running `watch` remembers. Nothing of it is needed after its death: what counts is in the home, what it told among it. Every list in it is bounded by the
 * schedule, the sources, the kinds of alarms or the codes of errors, and none grows with time.
 */
export interface Session {
  readonly world: World;
  readonly request: WatchRequest;
  readonly home: Home;
  /** Of this `watch`: names its claim. */
  readonly operation: string;
  readonly tell: (event: WatchEvent) => void;
  /** Hands an alarm to webhook and command; returns at once. */
  readonly deliver: (session: Session, notice: AlarmNotice) => void;
  /** Whether webhook and command have taken all that they were handed. */
  readonly isDelivered: () => boolean;
  /** Aborted when it is to end. */
  readonly ending: AbortController;
  readonly startedAt: number;
  /** Aborted, and put anew, when the next reading is to come at once. */
  hurry: AbortController;

  config: Config;
  settings: WatchSettings;
  follow: FollowMode;
  keep: KeepMode;
  sources: OpenedSources | undefined;

  /** Of the follow loop. Ticks are monotonic milliseconds. */
  turnedAt: number;
  announced: boolean;
  unreadInARow: number;
  untold: { readonly since: number; readonly problem: string } | undefined;
  unwritten: Problem | undefined;
  outcomes: ReadonlyMap<string, SourceStanding>;
  pace: Pace | undefined;
  /** What was last read and taken. */
  taken: Epoch | undefined;

  /** Of the keep loop. */
  nextCheckAt: number;
  /** Tick before which nothing is proven, after a proof that could not be made at all. */
  nextProofAt: number;
  failing: FailingUpgrades | undefined;
  /** Tick at which the last try of an upgrade ended. */
  triedAt: number | undefined;
  /** Milliseconds since 1970. */
  checkedAt: number | undefined;
  upgradedAt: number | undefined;
  held: string | undefined;
  toldHeld: string | undefined;
  /** Release name to why the last upgrade did not lay it out. */
  refusals: ReadonlyMap<string, string>;
  /** Release name to why the publisher has withdrawn it, as offered; it may not be accepted yet. */
  withdrawn: ReadonlyMap<string, string>;
  proofs: ReadonlyMap<string, Proof>;
  /** Release name to the tick since which it has been missed. */
  missed: ReadonlyMap<string, number>;

  /** Of the assessment. */
  snapshot: Snapshot | undefined;
  /** Of the newest trust set, by its number. */
  expiries: { readonly set: number; readonly roles: Readonly<Record<string, number>> } | undefined;
  unreadable: Problem | undefined;
  /** Why config.json as it is now does not count. */
  misconfigured: Problem | undefined;
  /** Why nothing could be proven at all. */
  unprovable: Problem | undefined;
  alarms: FiringAlarms;
  /** Something was told that is not remembered for the next `watch`. */
  hasNews: boolean;
  /** A reading, and a round of upgrade and proof, have been to their end. */
  hasFollowed: boolean;
  hasKept: boolean;
  /** One round tells at its end alone: what is half done looks wrong. */
  muted: boolean;
  failures: ReadonlyMap<string, number>;
  /** Where something fails, and the code that was told of it. */
  toldFailures: ReadonlyMap<string, string>;
  /** The alarm that ends it, where `alarmExit` says so. */
  exitFor: AlarmNotice | undefined;
}

export interface OpenedSources {
  /** What they were opened from: opened anew where that changes. */
  readonly key: string;
  readonly sources: EpochSources;
}

export interface SourceStanding {
  readonly outcome: SourceOutcome;
  readonly failingSince: number | undefined;
  readonly astraySince: number | undefined;
}

export interface FailingUpgrades {
  readonly problem: Problem;
  readonly since: number;
  readonly inARow: number;
}

export interface Proof {
  readonly tree: string;
  readonly at: number;
  readonly flaws: readonly ReleaseFlaw[];
}

export function beginSession(
  begun: Pick<
    Session,
    "world" | "request" | "home" | "operation" | "tell" | "deliver" | "isDelivered" | "config" | "settings"
  >,
): Session {
  const tick = begun.world.timer.ticks();
  return {
    ...begun,
    ending: new AbortController(),
    hurry: new AbortController(),
    startedAt: begun.world.clock.now(),
    follow: FOLLOW.begins,
    keep: KEEP.begins,
    sources: undefined,
    turnedAt: tick,
    announced: false,
    unreadInARow: 0,
    untold: undefined,
    unwritten: undefined,
    outcomes: new Map(),
    pace: undefined,
    taken: undefined,
    nextCheckAt: tick,
    nextProofAt: tick,
    failing: undefined,
    triedAt: undefined,
    checkedAt: undefined,
    upgradedAt: undefined,
    held: undefined,
    toldHeld: undefined,
    refusals: new Map(),
    withdrawn: new Map(),
    proofs: new Map(),
    missed: new Map(),
    snapshot: undefined,
    expiries: undefined,
    unreadable: undefined,
    misconfigured: undefined,
    unprovable: undefined,
    alarms: new Map(),
    hasNews: false,
    hasFollowed: false,
    hasKept: false,
    muted: false,
    failures: new Map(),
    toldFailures: new Map(),
    exitFor: undefined,
  };
}

export function isEnding({ ending }: Session): boolean {
  return ending.signal.aborted;
}

export function end({ ending, hurry }: Session, why: string): void {
  ending.abort(why);
  hurry.abort();
}

/** Counted each time; told once in a row. `code` is of the closed list of errors, `about` one of several at that place. */
export function failed(
  session: Session,
  place: FailurePlace,
  { code, message }: Pick<Problem, "code" | "message">,
  about = "",
): void {
  const name = `${place} ${code}`;
  session.failures = new Map(session.failures).set(name, (session.failures.get(name) ?? 0) + 1);
  const where = `${place} ${about}`;
  if (session.toldFailures.get(where) === code) return;
  session.toldFailures = new Map(session.toldFailures).set(where, code);
  say(session, { event: "failure", place, code, message });
}

/** The next failure there is news again. */
export function succeeded(session: Session, place: FailurePlace, about = ""): void {
  const where = `${place} ${about}`;
  if (!session.toldFailures.has(where)) return;
  const left = new Map(session.toldFailures);
  left.delete(where);
  session.toldFailures = left;
}

export function say(session: Session, event: Unstamped<WatchEvent>): void {
  session.tell({ at: instant(session), ...event });
}

type Unstamped<Event> = Event extends unknown ? Omit<Event, "at"> : never;

export function instant({ world }: Pick<Session, "world">): string {
  return new Date(world.clock.now()).toISOString();
}

/** From 0 up to 1, never the same on two nodes. */
export function chance({ world }: Session): number {
  return Number.parseInt(world.identifiers.operation().slice(0, 8), 16) / 2 ** 32;
}
