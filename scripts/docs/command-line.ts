import type { Flag } from "../../src/cli/commands/flag.ts";
import { DRY_RUN, GLOBAL_FLAGS } from "../../src/cli/commands/global-flags.ts";
import { VERBS } from "../../src/cli/commands/table.ts";
import { usageOf, type Verb } from "../../src/cli/commands/verb.ts";
import { flagForm } from "../../src/cli/help.ts";
import { flagDoc, tableOf } from "./markdown.ts";

/** The part of docs/CLI.md that the table of verbs says. */
export function commandLinePart(): string {
  const groups = [...new Set(VERBS.map((verb) => verb.group))];
  return [
    "## Flags of every verb",
    "",
    "They may stand before the verb or after it. `-n`, `--dry-run` (`ENGINERY_DRY_RUN`) belongs to every verb that changes something. Also `-h`, `--help` and, without a verb, `-V`, `--version`.",
    "",
    flagTable(GLOBAL_FLAGS),
    "",
    ...groups.flatMap((group) => [
      `## ${group}`,
      "",
      ...VERBS.filter((verb) => verb.group === group).flatMap(verbSection),
    ]),
  ]
    .join("\n")
    .trimEnd();
}

function verbSection(verb: Verb): readonly string[] {
  const flags = [...verb.flags, ...(verb.changes ? [DRY_RUN] : [])];
  return [
    `### ${verb.words.join(" ")}`,
    "",
    "```",
    `enginery ${usageOf(verb)}`,
    "```",
    "",
    ...[verb.summary, ...(verb.details ?? [])].flatMap((paragraph) => [paragraph, ""]),
    ...verb.arguments.map((argument) => `- \`${argument.name}\`: ${argument.doc}`),
    ...(verb.arguments.length > 0 ? [""] : []),
    ...(flags.length > 0 ? [flagTable(flags), ""] : []),
    ...(verb.json === undefined ? [] : [`With --json: \`${verb.json}\``, ""]),
    ...verb.examples.flatMap((example) => ["```sh", `# ${example.doc}`, example.line, "```", ""]),
  ];
}

function flagTable(flags: readonly Flag[]): string {
  return tableOf(
    ["flag", "variable", "what it does"],
    flags.map((flag) => [`\`${flagForm(flag)}\``, `\`${flag.env}\``, flagDoc(flag)]),
  );
}
