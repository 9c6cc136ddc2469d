import { EngineryError } from "./errors.ts";
import type { Observation } from "./model/home.ts";
import type { Epoch } from "./model/manifest.ts";
import { quote } from "./quote.ts";

/**
 * What an observation says now; undefined where there is none, or it is older than `maxAge` seconds. So is one that is as far in the
 * future: the clock was set back since, and nobody knows how old it is.
 */
export function epochObserved(
  observation: Pick<Observation, "epoch" | "at"> | undefined,
  maxAge: number | undefined,
  nowMs: number,
): Epoch | undefined {
  if (observation === undefined || maxAge === undefined) return observation?.epoch;
  return Math.abs(nowMs - Date.parse(observation.at)) / 1000 <= maxAge ? observation.epoch : undefined;
}

/** Errors: `bad-epoch`. */
export function checkEpoch(epoch: number): Epoch {
  if (Number.isSafeInteger(epoch) && epoch >= 0) return epoch;
  throw new EngineryError("bad-epoch", `${String(epoch)} is not an epoch.`, { context: { epoch } });
}

/** A whole number from 0 to 9007199254740991, in digits without leading zeros. Errors: `bad-epoch`. */
export function parseEpoch(text: string): Epoch {
  const epoch = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(epoch)) return epoch;
  throw new EngineryError("bad-epoch", `${quote(text)} is not an epoch.`, { context: { text } });
}
