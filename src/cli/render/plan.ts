import type { InstallResult, UpgradeResult } from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";
import { table } from "./table.ts";
import { bytes, counted, wayWords } from "./units.ts";

/** What an install or upgrade would do, with true numbers. */
export function planText(plan: InstallResult, paint: Paint): string {
  if (!plan.changed) return heldText(plan) || "There is nothing to do.\n";
  return [
    plan.installed.length > 0 ? `${paint.strong("To be installed")}\n` : "",
    releasesTable(plan, paint),
    failedText(plan, paint),
    lateText(plan, paint),
    spaceText(plan),
  ].join("");
}

/** What an install or upgrade has done. */
export function doneText(result: InstallResult | UpgradeResult, paint: Paint): string {
  const trouble = `${failedText(result, paint)}${lateText(result, paint)}`;
  if (!result.changed) {
    const nothing = `Nothing to do: generation ${result.generation} has all that is asked for.\n`;
    return `${trouble}${heldText(result) || (result.failed.length > 0 ? "" : nothing)}`;
  }
  const deltas = result.deltas > 0 ? `, ${counted(result.deltas, "delta")}` : "";
  return [
    result.installed.length > 0 ? `${paint.strong("Installed")}\n` : "",
    releasesTable(result, paint),
    trouble,
    "pruned" in result ? prunedText(result, paint) : "",
    `${paint.good("Done:")} ${movement(result)}; downloaded ${bytes(result.downloadedBytes)}${deltas}.\n`,
  ].join("");
}

function movement(result: InstallResult | UpgradeResult): string {
  if (!("from" in result)) return `generation ${result.generation}`;
  const generations = result.from === result.to ? `${result.from} stays` : `${result.from} -> ${result.to}`;
  return `generation ${generations}, manifest serial ${result.manifest.serial}`;
}

function releasesTable(result: InstallResult, paint: Paint): string {
  const columns = [
    { title: "ENGINE" },
    { title: "VERSION" },
    { title: "PLATFORM" },
    { title: "SIZE", right: true as const },
    { title: "COMES AS" },
    { title: "PATH" },
  ];
  const rows = result.installed.map((each) => {
    const taken = result.ways.find(({ engine, version }) => engine === each.engine && version === each.version);
    const comes = taken === undefined ? "" : wayWords(taken, each.engine);
    return [each.engine, each.version, each.platform, bytes(each.bytes), comes, each.path];
  });
  return table(columns, rows, paint);
}

function spaceText({ space }: InstallResult): string {
  const need = space.downloadBytes + space.unpackedBytes + space.reserveBytes;
  return (
    `Download ${bytes(space.downloadBytes)}, unpacked ${bytes(space.unpackedBytes)}, ` +
    `reserve ${bytes(space.reserveBytes)}: ${bytes(need)} of ${bytes(space.freeBytes)} free.\n`
  );
}

function failedText(result: InstallResult, paint: Paint): string {
  return result.failed
    .map((each) => `${paint.bad("Failed")}  ${each.engine} ${each.version}  ${each.code}: ${printable(each.message)}\n`)
    .join("");
}

function lateText(result: InstallResult, paint: Paint): string {
  return result.late
    .map(
      (each) =>
        `${paint.alarm("Late")}  ${each.engine} ${each.version} ${each.change} for epoch ${each.validFrom}, which had begun here.\n`,
    )
    .join("");
}

function prunedText(result: UpgradeResult, paint: Paint): string {
  return result.pruned
    .map((each) => `${paint.dim("Pruned")}  ${each.engine} ${each.version}  ${bytes(each.bytes)}\n`)
    .join("");
}

function heldText(result: InstallResult | UpgradeResult): string {
  return "held" in result && result.held !== undefined ? `Held still: ${printable(result.held)}\n` : "";
}
