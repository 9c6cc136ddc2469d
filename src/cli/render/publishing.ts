import type {
  AddResult,
  DraftResult,
  ExportResult,
  InitResult,
  PruneRepositoryResult,
  PublicKeySummary,
  RotateRootResult,
  SignResult,
  VerifyRepositoryResult,
} from "../../ops/publisher.ts";
import { type Paint, printable } from "./paint.ts";
import { facts, table } from "./table.ts";
import { bytes, counted, short } from "./units.ts";

export function initText(result: InitResult, dryRun: boolean, paint: Paint): string {
  const about = facts(
    [
      ["channel", result.channel],
      ["root", `version ${result.root.version}, ${result.root.path}`],
      ["sha256", result.root.sha256],
      ["threshold", `${result.threshold} of ${result.keys.filter((key) => key.roles.includes("root")).length}`],
    ],
    paint,
  );
  const next = dryRun ? "Nothing was changed.\n" : "Next: enginery repo add, repo deploy, repo sign.\n";
  return `${about}\n${keysTable(result.keys, paint)}${next}`;
}

export function addText(result: AddResult, dryRun: boolean, paint: Paint): string {
  const from = result.archive.source === undefined ? "" : ` from ${printable(result.archive.source)}`;
  const about = facts(
    [
      ["release", `${result.engine} ${result.version} ${result.platform}`],
      ["tree", `${result.tree}, ${counted(result.files, "file")}, ${bytes(result.unpackedBytes)}`],
      ["archive", `${short(result.archive.sha256)}, ${bytes(result.archive.bytes)}${from}`],
      ["entries", printable(result.entries.join(", "))],
      ...result.deltas.map((delta): [string, string] => ["delta", `from ${delta.version}, ${bytes(delta.bytes)}`]),
    ],
    paint,
  );
  return `${about}${draftText(result, dryRun)}`;
}

export function draftText(result: DraftResult, dryRun: boolean): string {
  const draft = `the draft of ${printable(result.channel)}, serial ${result.serial}`;
  if (!result.changed) return `Nothing to do: ${draft}, says so already.\n`;
  return dryRun ? `Would change ${draft}.\n` : `Changed ${draft}. Make it visible: enginery repo sign\n`;
}

/** Who signed, who is missing, and whether it is visible. */
export function signText(result: SignResult, dryRun: boolean, paint: Paint): string {
  const columns = [
    { title: "ROLE" },
    { title: "VERSION", right: true as const },
    { title: "SIGNED" },
    { title: "EXPIRES" },
  ];
  const rows = result.roles.map((each) => {
    const before = each.before === undefined ? "" : `, of the old keys ${each.before.have} of ${each.before.threshold}`;
    return [each.role, String(each.version), `${each.have} of ${each.threshold}${before}`, each.expires];
  });
  const missing = result.missing.map(
    (each) => `${paint.alarm("Missing")}  ${each.role}  ${printable(each.name ?? "")} ${short(each.keyid)}\n`,
  );
  const channels = result.channels.map((each) => `${printable(each.channel)} serial ${each.serial}`).join(", ");
  return `${table(columns, rows, paint)}${missing.join("")}${outcome(result, dryRun, channels, paint)}`;
}

function outcome(result: SignResult, dryRun: boolean, channels: string, paint: Paint): string {
  const root = `root ${result.root.version}, sha256 ${result.root.sha256}`;
  if (result.visible && !result.changed) return `Nothing to do: ${channels} is visible already; ${root}.\n`;
  if (result.visible) return `${paint.good(dryRun ? "Would be visible:" : "Visible:")} ${channels}; ${root}.\n`;
  return `${counted(result.added, "signature")} ${dryRun ? "would be " : ""}added; not visible yet: more signatures are needed.\n`;
}

export function rotateText(result: RotateRootResult, dryRun: boolean, paint: Paint): string {
  const changes = [
    ...result.added.map((key) => `${paint.good("Added")}    ${printable(key)}\n`),
    ...result.removed.map((key) => `${paint.alarm("Removed")}  ${printable(key)}\n`),
  ];
  const next = dryRun ? "Nothing was changed.\n" : "Next: enginery repo sign, with the old and the new keys.\n";
  return `${keysTable(result.keys, paint)}${changes.join("")}Root ${result.root.version}, threshold ${result.threshold}. ${next}`;
}

export function verifiedRepositoryText(result: VerifyRepositoryResult, paint: Paint): string {
  const problems = result.problems.map(
    (each) => `${paint.bad("Problem")}  ${printable(each.path)}  ${each.code}: ${printable(each.message)}\n`,
  );
  const about = facts(
    [
      ...result.channels.map((each) => ["channel", `${printable(each.channel)} serial ${each.serial}`] as const),
      ["root", `version ${result.root.version}, sha256 ${result.root.sha256}`],
      ...Object.entries(result.expires).map(([role, at]) => [role, `expires ${at}`] as const),
    ],
    paint,
  );
  const checked = `Checked ${counted(result.checked.files, "file")}, ${bytes(result.checked.bytes)}`;
  const verdict = result.ok
    ? paint.good("as a client wants it")
    : paint.bad(counted(result.problems.length, "problem"));
  return `${about}${problems.join("")}${checked}: ${verdict}.\n`;
}

export function exportText(result: ExportResult, paint: Paint): string {
  const columns = [
    { title: "ENGINE" },
    { title: "VERSION" },
    { title: "PLATFORM" },
    { title: "FILES", right: true as const },
    { title: "SIZE", right: true as const },
  ];
  const rows = result.releases.map((each) => [
    each.engine,
    each.version,
    each.platform,
    String(each.files),
    bytes(each.unpackedBytes),
  ]);
  const left = result.left.map(
    (each) => `${paint.alarm("Left out")}  ${each.engine} ${each.version}, withdrawn: ${printable(each.reason)}\n`,
  );
  const { file } = result;
  const written =
    file === null
      ? "Nothing was written.\n"
      : `Wrote ${printable(file.path)}, ${bytes(file.bytes)}, sha256 ${file.sha256}.\n`;
  const about = `${printable(result.channel)} serial ${result.serial}, root ${result.root.version}, sha256 ${result.root.sha256}`;
  return `${table(columns, rows, paint)}${left.join("")}${about}.\n${written}`;
}

export function prunedRepositoryText(result: PruneRepositoryResult, dryRun: boolean, paint: Paint): string {
  const word = paint.alarm(dryRun ? "remove" : "removed");
  const removed = result.removed.map((each) => `${word}  ${printable(each.path)}  ${bytes(each.bytes)}\n`);
  const kept = `${counted(result.kept.files, "file")} kept, ${bytes(result.kept.bytes)}`;
  return `${removed.join("")}${dryRun ? "Would free" : "Freed"} ${bytes(result.freedBytes)}; ${kept}.\n`;
}

function keysTable(keys: readonly PublicKeySummary[], paint: Paint): string {
  const columns = [{ title: "KEY" }, { title: "NAME" }, { title: "ROLES" }, { title: "FILE" }, { title: "" }];
  return table(
    columns,
    keys.map((key) => [
      short(key.keyid),
      key.name ?? "",
      key.roles.join(", "),
      key.path ?? "",
      key.encrypted === undefined ? "" : key.encrypted ? "encrypted" : "not encrypted",
    ]),
    paint,
  );
}
