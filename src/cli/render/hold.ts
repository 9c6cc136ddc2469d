import { holdEndWords } from "../../core/hold.ts";
import type { HoldResult, StandingHold } from "../../ops/operator.ts";
import { printable } from "./paint.ts";

/** One line. */
export function holdWords(hold: StandingHold): string {
  const reason = hold.reason === undefined ? "" : `: ${printable(hold.reason)}`;
  return `automatic upgrades stop${holdEndWords(hold)}${reason} (said ${hold.at})`;
}

export function holdText({ hold, changed }: HoldResult, dryRun: boolean): string {
  const words = hold === null ? "automatic upgrades go on" : holdWords(hold);
  const would = dryRun && changed ? "Would be: " : changed ? "" : "As before: ";
  const line = `${would}${words}`;
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}.\n`;
}
