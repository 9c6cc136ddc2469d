import type { Flag } from "./commands/flag.ts";
import { DRY_RUN, GLOBAL_FLAGS } from "./commands/global-flags.ts";
import { usageOf, type Verb, type VerbGroup } from "./commands/verb.ts";

const WIDTH = 100;

/** All verbs, by group, one line each. */
export function helpOfProgram(verbs: readonly Verb[]): string {
  const groups = [...new Set(verbs.map((verb) => verb.group))];
  return [
    "Usage: enginery VERB [WORDS] [FLAGS]",
    "",
    ...groups.flatMap((group) => [`${group}:`, ...groupLines(verbs, group), ""]),
    "Every verb takes:",
    ...flagLines([...GLOBAL_FLAGS]),
    `  -h, --help, -V, --version`,
    "",
    "More: `enginery help VERB`. Each flag has a variable of its own; flags go before variables.",
    "",
  ].join("\n");
}

export function helpOfVerb(verb: Verb): string {
  return [
    `Usage: enginery ${usageOf(verb)} [FLAGS]`,
    "",
    ...[verb.summary, ...(verb.details ?? [])].flatMap((paragraph) => [...wrap(paragraph, WIDTH), ""]),
    ...section("Words:", columns(verb.arguments.map((argument) => [argument.name, argument.doc]))),
    ...section("Flags:", flagLines([...verb.flags, ...(verb.changes ? [DRY_RUN] : [])])),
    ...section(
      "Examples:",
      verb.examples.map((example) => `  ${example.line}\n      ${example.doc}`),
    ),
    ...section("Flags of every verb:", flagLines(GLOBAL_FLAGS)),
  ].join("\n");
}

/** `-n, --dry-run`, `--home DIR`. */
export function flagForm(flag: Flag): string {
  const long = flag.value === undefined ? `--${flag.name}` : `--${flag.name} ${flag.value}`;
  return flag.short === undefined ? long : `-${flag.short}, ${long}`;
}

function groupLines(verbs: readonly Verb[], group: VerbGroup): readonly string[] {
  return columns(verbs.filter((verb) => verb.group === group).map((verb) => [verb.words.join(" "), verb.summary]));
}

function flagLines(flags: readonly Flag[]): readonly string[] {
  return columns(
    flags.map((flag) => [flagForm(flag), `${flag.doc}${flag.repeats ? " May be repeated." : ""} [${flag.env}]`]),
  );
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines, ""];
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const left = Math.min(28, Math.max(0, ...rows.map(([name]) => name.length)));
  return rows.flatMap(([name, doc]) => {
    const [first = "", ...rest] = wrap(doc, WIDTH - left - 4);
    const indent = " ".repeat(left + 4);
    const head = name.length > left ? [`  ${name}`, `${indent}${first}`] : [`  ${name.padEnd(left)}  ${first}`];
    return [...head, ...rest.map((line) => `${indent}${line}`)];
  });
}

function wrap(paragraph: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of paragraph.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
