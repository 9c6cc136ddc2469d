import type { SelfUpdateResult } from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";
import { bytes } from "./units.ts";

export function selfUpdateText(result: SelfUpdateResult, planned: boolean, paint: Paint): string {
  const { from, to, offered, path, changed, held, downloadedBytes } = result;
  if (held !== undefined) return `${printable(held)}\n`;
  if (!changed) {
    return offered === null
      ? `No release of Enginery is offered for this platform; ${from} stays.\n`
      : `There is nothing later than ${from}.\n`;
  }
  if (planned) return `enginery ${from} would become ${to}: enginery self-update\n`;
  const came = downloadedBytes === 0 ? "" : ` (${bytes(downloadedBytes)})`;
  return `${paint.good("Done:")} enginery ${from} is now ${to}${came}: ${printable(path)}\n`;
}
