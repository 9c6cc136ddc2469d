import { EngineryError } from "./errors.ts";
import { quote } from "./quote.ts";

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;

/** The instant that `7d`, `24h`, `90m` (before `now`), `2031-01-01` or `2031-01-01T12:00:00Z` names, in milliseconds since 1970. Errors: `usage`. */
export function pastInstant(when: string, now: number): number {
  const [, count, unit] = /^(\d{1,7})([dhm])$/.exec(when) ?? [];
  if (count !== undefined) return now - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  const isWritten = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z)?$/.test(when);
  const instant = isWritten ? Date.parse(when) : Number.NaN;
  if (!Number.isNaN(instant)) return instant;
  throw new EngineryError("usage", `${quote(when)} is no instant.`, {
    hint: "Write 24h, 7d, 90m, 2031-01-01 or 2031-01-01T12:00:00Z.",
  });
}
