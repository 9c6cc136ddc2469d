import type { InstallServiceResult, RemoveServiceResult, ServiceStatus } from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";

export function serviceStatusText({ files }: ServiceStatus, paint: Paint): string {
  const says = {
    absent: "not there",
    same: paint.good("as it would be written"),
    outdated: paint.alarm("as an earlier Enginery wrote it, or for other words: `service install` makes it anew"),
    changed: paint.alarm("changed by somebody"),
  };
  return files.map(({ path, found }) => `${printable(path)}  ${says[found]}\n`).join("");
}

export function installedServiceText(result: InstallServiceResult, dryRun: boolean, paint: Paint): string {
  if (result.written.length === 0) return "Nothing to do: all of it is there.\n";
  const files = result.written.map(({ path, text }) =>
    dryRun
      ? `Would write ${printable(path)}:\n${printableLines(text)}\n`
      : `${paint.good("Wrote")}  ${printable(path)}\n`,
  );
  return `${files.join("")}${nextText(result.next)}`;
}

export function removedServiceText(result: RemoveServiceResult, dryRun: boolean, paint: Paint): string {
  const removed = result.removed.map(
    (path) => `${paint.alarm(dryRun ? "Would remove" : "Removed")}  ${printable(path)}\n`,
  );
  const kept = result.kept.map(({ path }) => `Kept  ${printable(path)}: it was changed; --changed-too removes it.\n`);
  if (removed.length + kept.length === 0) return "Nothing to do: none is there.\n";
  return `${removed.join("")}${kept.join("")}${nextText(result.next)}`;
}

function nextText(next: readonly string[]): string {
  return next.map((line) => `Next: ${printable(line)}\n`).join("");
}

function printableLines(text: string): string {
  return text
    .replace(/^\ufeff/, "")
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${printable(line)}`))
    .join("\n");
}
