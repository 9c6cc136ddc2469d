import { EngineryError } from "./errors.ts";
import type { Epoch } from "./model/manifest.ts";
import { quote } from "./quote.ts";

/** A whole number from 0 to 9007199254740991, in digits without leading zeros. Errors: `bad-epoch`. */
export function parseEpoch(text: string): Epoch {
  const epoch = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(epoch)) return epoch;
  throw new EngineryError("bad-epoch", `${quote(text)} is not an epoch.`, { context: { text } });
}
