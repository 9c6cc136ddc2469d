import { EngineryError } from "./errors.ts";

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;
const SPAN = /^([1-9][0-9]{0,6})([dhm])$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Whether it names an instant of its own, whatever the clock says. */
export function isInstant(expiry: string): boolean {
  return INSTANT.test(expiry);
}

/**
 * The instant that `30d`, `12h`, `90m` from `now` (milliseconds since 1970), or an ISO instant, names: ISO, UTC, whole seconds.
 * Errors: `usage`; `refused` where it is not after `now`.
 */
export function expiryInstant(expiry: string, now: number): string {
  const instant = isInstant(expiry) ? Date.parse(expiry) : now + spanMs(expiry);
  if (Number.isNaN(instant)) throw unusable(expiry);
  const text = `${new Date(instant).toISOString().slice(0, 19)}Z`;
  if (isInstant(expiry) && text !== expiry) throw unusable(expiry);
  if (instant <= now)
    throw new EngineryError("refused", `The expiry ${expiry} has passed already.`, { hint: "Give a later one." });
  return text;
}

function spanMs(expiry: string): number {
  const [, count, unit] = SPAN.exec(expiry) ?? [];
  if (count === undefined || unit === undefined) throw unusable(expiry);
  const span = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (span > 100 * 366 * UNIT_MS.d) throw unusable(expiry);
  return span;
}

function unusable(expiry: string): EngineryError {
  return new EngineryError("usage", `"${expiry}" is not an expiry.`, {
    hint: "Write 30d, 12h, 90m or an instant such as 2031-01-01T00:00:00Z.",
  });
}
