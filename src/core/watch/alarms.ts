import type { Epoch, Version } from "../model/manifest.ts";
import type { AlarmKind } from "./kinds.ts";
import { step } from "./machine.ts";
import { ALARM, type AlarmEvent } from "./machines.ts";

/** Something that somebody must know; what is wrong and how to mend it, a sentence each. */
export interface Condition {
  readonly kind: AlarmKind;
  readonly engine?: string;
  readonly version?: Version;
  /** What it is about where that is no release: an epoch source, a role of the signed metadata. */
  readonly subject?: string;
  /** To the epoch that it must be mended before; 0 where that has come. */
  readonly epochsLeft?: number;
  /** Estimated from how long epochs have taken here; absent where that is not known. */
  readonly secondsLeft?: number;
  readonly message: string;
  readonly mend: string;
}

/** What is told: an alarm as it begins, again with fewer epochs left or as a reminder, and as it ends. */
export interface AlarmNotice extends Condition {
  readonly status: "firing" | "cleared";
  /** The same for all notices of one alarm: `next-not-installed xsnap@2.0.0`. */
  readonly alarm: string;
  /** ISO 8601, UTC: when it began. */
  readonly since: string;
  /** From 1. */
  readonly told: number;
  readonly epoch: Epoch | null;
}

/** What webhook and command get. */
export function alarmDocument(home: string, notice: AlarmNotice): object {
  return { event: "alarm", home, ...notice };
}

export interface FiringAlarm {
  readonly condition: Condition;
  readonly since: string;
  readonly told: number;
  /** Epochs left when it was last told. */
  readonly toldLeft: number | undefined;
  /** Monotonic milliseconds when it was last told. */
  readonly toldAt: number;
  /** An earlier process told it, and this one has not found it yet. */
  readonly isRecalled?: boolean;
}

export type FiringAlarms = ReadonlyMap<string, FiringAlarm>;

export interface AlarmClock {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Monotonic milliseconds. */
  readonly tick: number;
  readonly epoch: Epoch | null;
}

/** How often an alarm that no epoch counts down is told again. */
export const REMINDER_MS = 3_600_000;
/** From here on down every epoch left is told; before, each tenth that has gone. */
const EVERY_EPOCH_FROM = 10;

/**
 * The alarms after a look at what is wrong now, and what is to be told. Holds no more than what is wrong now, and what was recalled as
 * long as it `isUnseen`: it may be wrong still.
 */
export function advanceAlarms(
  before: FiringAlarms,
  conditions: readonly Condition[],
  clock: AlarmClock,
  isUnseen: (condition: Condition) => boolean = () => false,
): { readonly firing: FiringAlarms; readonly notices: readonly AlarmNotice[] } {
  const found = new Map(conditions.map((condition) => [alarmName(condition), condition]));
  const firing = new Map<string, FiringAlarm>();
  const notices: AlarmNotice[] = [];
  for (const [alarm, condition] of found) {
    const known = before.get(alarm);
    const event = eventOf(known, condition, clock);
    const tells = step(ALARM, known === undefined ? "quiet" : "firing", event).does.includes("tell");
    const now = advanced(known, condition, clock, tells);
    firing.set(alarm, now);
    if (tells) notices.push(noticeOf(alarm, "firing", now, clock));
  }
  for (const [alarm, known] of before) {
    if (found.has(alarm)) continue;
    if (known.isRecalled && isUnseen(known.condition)) {
      firing.set(alarm, known);
      continue;
    }
    const { does } = step(ALARM, "firing", "mended");
    if (does.includes("tell-cleared")) notices.push(noticeOf(alarm, "cleared", known, clock));
  }
  return { firing, notices };
}

/** One alarm a kind and release: nothing of it counts down or changes with the words. */
export function alarmName({ kind, engine, version, subject }: Condition): string {
  const about = engine === undefined ? subject : version === undefined ? engine : `${engine}@${version}`;
  return about === undefined ? kind : `${kind} ${about}`;
}

function eventOf(known: FiringAlarm | undefined, { epochsLeft }: Condition, { tick }: AlarmClock): AlarmEvent {
  if (known === undefined) return "found";
  if (epochsLeft !== undefined && epochsLeft > 0) return isNearer(known.toldLeft, epochsLeft) ? "nearer" : "same";
  return tick - known.toldAt >= REMINDER_MS ? "reminded" : "same";
}

function isNearer(told: number | undefined, left: number): boolean {
  if (told === undefined) return true;
  return left < told && (left <= EVERY_EPOCH_FROM || left <= told * 0.9);
}

function advanced(
  known: FiringAlarm | undefined,
  condition: Condition,
  { at, tick }: AlarmClock,
  tells: boolean,
): FiringAlarm {
  if (known !== undefined && !tells) return { ...known, condition, isRecalled: false };
  return {
    condition,
    since: known?.since ?? at,
    told: (known?.told ?? 0) + 1,
    toldLeft: condition.epochsLeft,
    toldAt: tick,
  };
}

function noticeOf(
  alarm: string,
  status: AlarmNotice["status"],
  { condition, since, told }: FiringAlarm,
  { epoch }: AlarmClock,
): AlarmNotice {
  return { ...condition, status, alarm, since, told, epoch };
}
