import type { Flag } from "../../src/cli/commands/flag.ts";
import { VERBS } from "../../src/cli/commands/table.ts";
import { flagsOf } from "../../src/cli/commands/verb.ts";
import { SETTINGS } from "../../src/cli/config-overrides.ts";
import { OTHER_VARIABLES } from "../../src/cli/other-variables.ts";
import { configPath } from "../../src/core/parse-config.ts";
import { tableOf } from "./markdown.ts";

/** docs/ENVIRONMENT.md. */
export function environmentPage(): string {
  return [
    "# Environment",
    "",
    "<!-- made by `npm run docs` from the tables of src/cli -->",
    "",
    "What is said on the command line goes before a variable, a variable before config.json. A variable that is set but empty counts",
    "as not set. Flags without a value take `1` or `true`, `0` or `false`, and nothing else.",
    "",
    "## Twins of flags",
    "",
    tableOf(["variable", "flag", "verbs"], twinRows()),
    "",
    "## Keys of config.json",
    "",
    tableOf(
      ["variable", "key", "what it does"],
      Object.entries(SETTINGS).map(([key, setting]) => [
        `\`${setting.env}\` ${setting.value}`,
        `\`${configPath(key)}\``,
        setting.doc,
      ]),
    ),
    "",
    "## Others",
    "",
    tableOf(
      ["variable", "what it does"],
      OTHER_VARIABLES.map(({ name, doc }) => [`\`${name}\``, doc]),
    ),
    "",
  ].join("\n");
}

function twinRows(): readonly (readonly string[])[] {
  const uses = new Map<string, { readonly flag: Flag; readonly verbs: string[] }>();
  for (const verb of VERBS) {
    for (const flag of flagsOf(verb)) {
      const use = uses.get(flag.env) ?? { flag, verbs: [] };
      use.verbs.push(verb.words.join(" "));
      uses.set(flag.env, use);
    }
  }
  return [...uses]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([env, { flag, verbs }]) => [
      `\`${env}\``,
      `\`--${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`}\``,
      verbs.length === VERBS.length
        ? "every verb"
        : verbs.length > 8
          ? "every verb that changes something"
          : verbs.join(", "),
    ]);
}
