import type { Flag } from "../../src/cli/commands/flag.ts";
import { DRY_RUN, GLOBAL_FLAGS } from "../../src/cli/commands/global-flags.ts";
import { VERBS } from "../../src/cli/commands/table.ts";
import { usageOf, type Verb } from "../../src/cli/commands/verb.ts";
import { SETTINGS } from "../../src/cli/config-overrides.ts";
import { flagForm } from "../../src/cli/help.ts";
import { OTHER_VARIABLES } from "../../src/cli/other-variables.ts";
import { VERSION } from "../../src/cli/version.ts";

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "Done."],
  ["1", "A bug of ours."],
  ["2", "Usage."],
  ["3", "Refused by a rule or policy."],
  ["4", "Trust: signature, expiry, rollback."],
  ["5", "Integrity: damaged or hostile content."],
  ["6", "Conflict: somebody else is at it; try again."],
  ["7", "Unavailable: network, disk full, permission."],
  ["8", "Nothing in effect, in effect but not installed, or the epoch is unknown."],
  ["10", "Something to do: updates, signatures missing, findings."],
  ["120 and more", "Of exec: 120 plus the status above, where the failure is ours and not the engine's."],
];

/** The manual page enginery(1), in roff. */
export function manualPage(): string {
  return [
    `.TH ENGINERY 1 "" "enginery ${VERSION}" "General Commands"`,
    ".SH NAME",
    "enginery \\- installs, upgrades, verifies and rolls back the execution engines of a blockchain node",
    ".SH SYNOPSIS",
    ".B enginery",
    roff("VERB [WORDS] [FLAGS]"),
    ".SH DESCRIPTION",
    roff(
      "Keeps every version of an execution engine that history still needs side by side, and answers exactly which one is in effect for a tenant at an epoch. Data goes to stdout, talk to stderr; without a terminal nothing waits for an answer.",
    ),
    ".SH VERBS",
    ...VERBS.flatMap(verbSection),
    ".SH FLAGS OF EVERY VERB",
    ...GLOBAL_FLAGS.flatMap(flagEntry),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, doc]) => entry(code, doc)),
    ".SH ENVIRONMENT",
    roff("Each flag has the variable that stands in brackets after it. Others:"),
    ...Object.values(SETTINGS).flatMap((setting) => entry(setting.env, setting.doc)),
    ...OTHER_VARIABLES.flatMap((variable) => entry(variable.name, variable.doc)),
    "",
  ].join("\n");
}

function verbSection(verb: Verb): readonly string[] {
  return [
    `.SS "${roff(`enginery ${usageOf(verb)}`)}"`,
    roff(verb.summary),
    ...(verb.details ?? []).flatMap((paragraph) => [".PP", roff(paragraph)]),
    ...verb.arguments.flatMap((argument) => entry(argument.name, argument.doc)),
    ...[...verb.flags, ...(verb.changes ? [DRY_RUN] : [])].flatMap(flagEntry),
    ...verb.examples.flatMap((example) => [".PP", roff(example.doc), ".PP", ".nf", roff(example.line), ".fi"]),
  ];
}

function flagEntry(flag: Flag): readonly string[] {
  return entry(flagForm(flag), `${flag.doc}${flag.repeats ? " May be repeated." : ""} [${flag.env}]`);
}

function entry(name: string, doc: string): readonly string[] {
  return [".TP", `.B ${roff(name)}`, roff(doc)];
}

/** Text that roff takes as it is. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll('"', "\\(dq")
    .replaceAll("'", "\\(aq")
    .replace(/^\./, "\\&.");
}
