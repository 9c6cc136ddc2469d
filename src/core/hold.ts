import { parseEpoch } from "./epoch.ts";
import { EngineryError, isEngineryError } from "./errors.ts";
import { expiryInstant } from "./expiry.ts";
import type { Hold } from "./model/home.ts";
import type { Epoch } from "./model/manifest.ts";
import { quote } from "./quote.ts";

export interface HoldFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined: not known. */
  readonly epoch: Epoch | undefined;
}

/** Whether automatic upgrades stop. An end that cannot be told (an epoch while the epoch is unknown) has not come. */
export function holds({ until, untilEpoch }: Omit<Hold, "format">, { now, epoch }: HoldFacts): boolean {
  if (until !== undefined && Date.parse(until) <= now) return false;
  return untilEpoch === undefined || epoch === undefined || epoch < untilEpoch;
}

/**
 * When a hold ends: `24h`, `7d`, `90m`, `2031-01-01`, `2031-01-01T12:00:00Z`, `epoch:4711`.
 * Errors: `usage`; `refused` where that has come already.
 */
export function holdEnd(when: string, facts: HoldFacts): Pick<Hold, "until" | "untilEpoch"> {
  if (when.startsWith("epoch:")) return { untilEpoch: futureEpoch(when.slice("epoch:".length), facts) };
  try {
    return { until: expiryInstant(/^\d{4}-\d{2}-\d{2}$/.test(when) ? `${when}T00:00:00Z` : when, facts.now) };
  } catch (error) {
    if (isEngineryError(error, "refused")) throw passed(when);
    if (isEngineryError(error, "usage")) throw unusable(when);
    throw error;
  }
}

/** ` until 2031-01-01T00:00:00Z`, ` until epoch 4711`; empty where it has no end. */
export function holdEndWords({ until, untilEpoch }: Pick<Hold, "until" | "untilEpoch">): string {
  if (until !== undefined) return ` until ${until}`;
  return untilEpoch === undefined ? "" : ` until epoch ${untilEpoch}`;
}

function futureEpoch(text: string, { epoch }: HoldFacts): Epoch {
  const end = parseEpoch(text);
  if (epoch !== undefined && end <= epoch) throw passed(`epoch:${text}`);
  return end;
}

function passed(when: string): EngineryError {
  return new EngineryError("refused", `A hold until ${quote(when)} would be over already.`, {
    hint: "Give a later end, or none: then it holds until `enginery unhold`.",
  });
}

function unusable(when: string): EngineryError {
  return new EngineryError("usage", `--until is ${quote(when)}, which is no end of a hold.`, {
    hint: "Write 24h, 7d, 90m, 2031-01-01, 2031-01-01T12:00:00Z or epoch:4711.",
  });
}
