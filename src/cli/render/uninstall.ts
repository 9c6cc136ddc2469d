import type { UninstallResult } from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";
import { bytes } from "./units.ts";

/** One line a thing: what went, what stays and why. */
export function uninstallText(result: UninstallResult, dryRun: boolean, paint: Paint): string {
  const verb = paint.alarm(dryRun ? "remove" : "removed");
  const removed = result.removed.map(({ kind, path }) => `${verb}  ${printable(kind)}  ${printable(path)}\n`);
  const kept = result.kept.map(
    ({ kind, path, why }) =>
      `${paint.dim(dryRun ? "keep" : "kept")}  ${printable(kind)}  ${printable(path)}  ${printable(why)}\n`,
  );
  return `${removed.join("")}${kept.join("")}${homeText(result, verb, dryRun)}`;
}

function homeText({ home }: UninstallResult, verb: string, dryRun: boolean): string {
  if (home === null) return "";
  return `${verb}  home  ${printable(home.path)}${dryRun ? "" : `  ${bytes(home.freedBytes)}`}\n`;
}
