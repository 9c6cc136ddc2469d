import type { ToldAlarm } from "../model/home.ts";
import { alarmName, type FiringAlarm, type FiringAlarms, REMINDER_MS } from "./alarms.ts";

/** Both clocks at one moment: milliseconds since 1970, and the monotonic ones of one process. */
export interface TwoClocks {
  readonly now: number;
  readonly tick: number;
}

/** Longer than anything that is said here. */
const MAX_WORDS = 2000;

/** What is firing, for a process that comes later. */
export function toldAlarms(firing: FiringAlarms, { now, tick }: TwoClocks): readonly ToldAlarm[] {
  return [...firing.values()].map(({ condition, since, told, toldLeft, toldAt }) => {
    const { kind, engine, version, subject, message, mend } = condition;
    return {
      kind,
      ...(engine === undefined ? {} : { engine }),
      ...(version === undefined ? {} : { version }),
      ...(subject === undefined ? {} : { subject }),
      message: message.slice(0, MAX_WORDS),
      mend: mend.slice(0, MAX_WORDS),
      since,
      toldAt: new Date(Math.floor(now - (tick - toldAt))).toISOString(),
      told,
      ...(toldLeft === undefined ? {} : { toldLeft }),
    };
  });
}

/** What an earlier process left firing. A clock that was set makes a reminder come early or late by an hour at most. */
export function recalledAlarms(alarms: readonly ToldAlarm[], { now, tick }: TwoClocks): FiringAlarms {
  return new Map(
    alarms.map(({ since, toldAt, told, toldLeft, ...condition }): [string, FiringAlarm] => {
      const agoMs = Math.min(Math.max(0, now - Date.parse(toldAt)), REMINDER_MS);
      return [alarmName(condition), { condition, since, told, toldLeft, toldAt: tick - agoMs, isRecalled: true }];
    }),
  );
}
