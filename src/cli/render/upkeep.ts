import type {
  CheckResult,
  DoctorResult,
  KeptBy,
  PruneResult,
  RollbackResult,
  VerifyProblem,
  VerifyResult,
} from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";
import { table } from "./table.ts";
import { bytes, counted, wayWords } from "./units.ts";

const RIGHT = { right: true } as const;

export function checkText(result: CheckResult, paint: Paint): string {
  if (result.updates.length === 0) return `There is nothing new: manifest serial ${result.manifest.serial}.\n`;
  const columns = [
    { title: "ENGINE" },
    { title: "VERSION" },
    { title: "VALID FROM", ...RIGHT },
    { title: "SIZE", ...RIGHT },
    { title: "COMES AS" },
  ];
  const rows = result.updates.map((each) => [
    each.engine,
    each.version,
    each.validFrom === null ? "" : String(each.validFrom),
    bytes(each.bytes),
    wayWords(each, each.engine),
  ]);
  const need = `Download ${bytes(result.downloadBytes)}, on disk ${bytes(result.diskBytes)}. Take them: enginery upgrade\n`;
  return `${table(columns, rows, paint)}${need}`;
}

export function verifyText(result: VerifyResult, dryRun: boolean, paint: Paint): string {
  const { files, bytes: size } = result.checked;
  const checked = `${chainText(result)}Checked ${counted(files, "file")}, ${bytes(size)}`;
  const repaired = problemsText(dryRun ? "Would repair" : "Repaired", result.repaired, paint.good);
  const problems = problemsText("Problem", result.problems, paint.bad);
  if (result.ok) return `${repaired}${checked}: ${paint.good("all as sealed and signed")}.\n`;
  const count = counted(result.problems.length, "problem");
  const mends = [
    ...(result.problems.some(({ kind }) => kind !== "ledger") ? ["enginery verify --repair"] : []),
    ...(result.problems.some(({ kind }) => kind === "ledger") ? ["enginery doctor --fix"] : []),
  ];
  return `${repaired}${problems}${checked}: ${paint.bad(count)}. Mend: ${mends.join(", ")}\n`;
}

function chainText({ chain }: VerifyResult): string {
  if (chain === undefined || chain.lines === 0) return "";
  const sealed = chain.sealed === 0 ? "" : `, ${counted(chain.sealed, "break")} on record`;
  const from =
    chain.from === null ? "none of them chained" : `chained from line ${chain.from.line} (${chain.from.at}) on`;
  return `Ledger: ${counted(chain.lines, "line")}, ${from}${sealed}.\n`;
}

function problemsText(word: string, problems: readonly VerifyProblem[], paint: (text: string) => string): string {
  return problems
    .map((each) => {
      const where = each.engine === "" ? "home" : `${each.engine} ${each.version}`;
      const detail = each.detail === undefined ? "" : `  ${printable(each.detail)}`;
      return `${paint(word)}  ${where}  ${each.kind}  ${printable(each.path)}${detail}\n`;
    })
    .join("");
}

export function rollbackText(result: RollbackResult, dryRun: boolean, paint: Paint): string {
  const lost = result.lost
    .map((each) => `${dryRun ? "No longer installed then" : "No longer installed"}  ${each.engine} ${each.version}\n`)
    .join("");
  const selected = result.selections.map((each) => selectionText(each, dryRun)).join("");
  if (dryRun)
    return `${lost}${selected}Generation ${result.generation} would restate ${result.restores}; nothing is downloaded.\n`;
  return `${lost}${selected}${paint.good("Done:")} generation ${result.generation} restates ${result.restores}. \`upgrade\` now holds still until there is something newer, or --again.\n`;
}

function selectionText({ engine, before, after }: RollbackResult["selections"][number], dryRun: boolean): string {
  const then = dryRun ? " then" : "";
  if (after === null) return `No longer selected${then}  ${engine} ${before}\n`;
  return `Selected${then}  ${engine} ${after}${before === null ? "" : `, and not ${before}`}\n`;
}

/** What goes, what stays and why. */
export function pruneText(result: PruneResult, dryRun: boolean, paint: Paint): string {
  const verb = dryRun ? "remove" : "removed";
  const columns = [
    { title: "" },
    { title: "ENGINE" },
    { title: "VERSION" },
    { title: "SIZE", ...RIGHT },
    { title: "WHY" },
  ];
  const removed = result.removed.map((each) => [
    { text: verb, paint: paint.alarm },
    each.engine,
    each.version,
    bytes(each.bytes),
    "nothing keeps it",
  ]);
  const kept = result.kept.map((each) => [
    { text: dryRun ? "keep" : "kept", paint: paint.dim },
    each.engine,
    each.version,
    bytes(each.bytes),
    `kept by ${each.keptBy.map(keptByText).join("; ")}`,
  ]);
  const retired = result.retiredGenerations;
  const generations =
    retired.length === 0 ? "" : `Generations ${dryRun ? "to retire" : "retired"}: ${retired.join(", ")}.\n`;
  const freed = `${dryRun ? "Would free" : "Freed"} ${bytes(result.freedBytes)}.\n`;
  return `${table(columns, [...removed, ...kept], paint)}${generations}${freed}`;
}

function keptByText({ kind, ...rest }: KeptBy): string {
  const told = Object.entries(rest)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
  return told.length === 0 ? kind : `${kind} (${told.join(", ")})`;
}

export function doctorText(result: DoctorResult, paint: Paint): string {
  const colours = { ok: paint.good, warning: paint.alarm, error: paint.bad };
  const findings = result.findings.map((each) => {
    const mend = each.fixed ? "    mended\n" : each.mend === undefined ? "" : `    mend: ${printable(each.mend)}\n`;
    return `${colours[each.severity](each.severity.padEnd(7))}  ${each.code}: ${printable(each.message)}\n${mend}`;
  });
  return `${findings.join("")}${result.ok ? paint.good("All is well.") : paint.bad("Something is not as it should be.")}\n`;
}
