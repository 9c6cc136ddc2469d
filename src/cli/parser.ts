import { Command, CommanderError } from "commander";
import { EngineryError } from "../core/errors.ts";
import type { FlagTexts } from "./call.ts";
import type { Flag } from "./commands/flag.ts";
import { DRY_RUN, GLOBAL_FLAGS } from "./commands/global-flags.ts";
import { type Argument, argumentForm, flagsOf, type Verb } from "./commands/verb.ts";
import { helpOfProgram, helpOfVerb } from "./help.ts";
import { usageError } from "./usage-error.ts";
import { verbOf, wordsAlone } from "./verb-of.ts";

export type Parsed =
  | { readonly verb: Verb; readonly words: readonly string[]; readonly given: Given }
  | { readonly help: string; readonly given: Given; readonly missingVerb?: true }
  | { readonly version: true; readonly given: Given };

/** Flag names to what the command line says of them. */
export type Given = ReadonlyMap<string, FlagTexts>;

/** Words of the command line to a verb, its arguments and the texts of its flags. Errors: `usage`. */
export function parseArguments(verbs: readonly Verb[], argv: readonly string[]): Parsed {
  const given = new Map<string, FlagTexts>();
  const outcome: { parsed?: Parsed } = {};
  const written: string[] = [];
  const asked = verbOf(verbs, argv);
  const program = programOf(verbs, asked, given, (parsed) => {
    outcome.parsed ??= parsed;
  });
  everyCommand(program, (command) =>
    command.configureOutput({
      writeOut: (text) => written.push(text),
      writeErr: (text) => written.push(text),
      outputError: () => {},
    }),
  );
  try {
    program.parse(helpWordToFlag(verbs, argv), { from: "user" });
  } catch (error) {
    if (outcome.parsed !== undefined) return outcome.parsed;
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help") return { help: written.join(""), given, missingVerb: true };
    if (error.exitCode === 0) return { help: written.join(""), given };
    throw usageError(error, asked?.words.join(" ") ?? familyOf(verbs, argv));
  }
  refuseIdleDryRun(outcome.parsed);
  return outcome.parsed ?? { help: helpOfProgram(verbs), given, missingVerb: true };
}

function programOf(
  verbs: readonly Verb[],
  asked: Verb | undefined,
  given: Map<string, FlagTexts>,
  settle: (parsed: Parsed) => void,
): Command {
  const program = takeFlags(quiet(new Command("enginery")), [...GLOBAL_FLAGS, DRY_RUN], given);
  program
    .helpCommand(false)
    .option("-V, --version")
    .on("option:version", () => settle({ version: true, given }));
  program.helpInformation = () => helpOfProgram(verbs);
  for (const verb of verbs) {
    const command = commandAt(program, verb.words, verbs);
    // All flags of all verbs cost milliseconds at each start: of the others the name is enough, for what may have been meant.
    if (asked !== undefined && verb !== asked) continue;
    takeFlags(command, flagsOf(verb), given);
    for (const argument of verb.arguments) command.argument(commanderForm(argument));
    command.helpInformation = () => helpOfVerb(verb);
    command.action(() => settle({ verb, words: command.args, given }));
  }
  const family = asked?.words.slice(0, -1) ?? [];
  if (family.length > 0) takeFlags(commandAt(program, family, verbs), [...GLOBAL_FLAGS, DRY_RUN], given);
  return program;
}

/** `service` of `service isntall`; empty where the first word is none of a family. */
function familyOf(verbs: readonly Verb[], argv: readonly string[]): string {
  const [first = ""] = wordsAlone(argv);
  return verbs.some(({ words }) => words.length > 1 && words[0] === first) ? first : "";
}

/** Before the verb every flag of all verbs is taken, and this one does not belong to all. */
function refuseIdleDryRun(parsed: Parsed | undefined): void {
  if (parsed === undefined || !("verb" in parsed) || parsed.verb.changes || !parsed.given.has(DRY_RUN.name)) return;
  throw new EngineryError("usage", "There is no flag --dry-run here.", {
    hint: `\`${parsed.verb.words.join(" ")}\` changes nothing anyhow.`,
  });
}

/** `help repo init` is `repo init --help`; words that name no verb stay, to be complained about. */
function helpWordToFlag(verbs: readonly Verb[], argv: readonly string[]): string[] {
  if (wordsAlone(argv)[0] !== "help") return [...argv];
  const at = argv.indexOf("help");
  const topic = [...argv.slice(0, at), ...argv.slice(at + 1)];
  const names = topic.filter((word) => !word.startsWith("-"));
  const known = verbs.some((verb) => names.every((name, depth) => verb.words[depth] === name));
  return known ? [...topic, "--help"] : topic;
}

function quiet(command: Command): Command {
  return command.exitOverride().enablePositionalOptions().allowExcessArguments(false);
}

function commandAt(parent: Command, words: readonly string[], verbs: readonly Verb[]): Command {
  return words.reduce((command, word, depth) => {
    const known = command.commands.find((each) => each.name() === word);
    if (known !== undefined) return known;
    const made = quiet(command.command(word)).helpCommand(false);
    const family = words.slice(0, depth + 1);
    made.helpInformation = () =>
      helpOfProgram(verbs.filter((verb) => family.every((each, at) => verb.words[at] === each)));
    return made;
  }, parent);
}

/** Texts only: what they mean is the flag's own affair. A flag given twice counts with its last value unless it repeats. */
function takeFlags(command: Command, flags: readonly Flag[], given: Map<string, FlagTexts>): Command {
  for (const flag of flags) {
    const long = flag.value === undefined ? `--${flag.name}` : `--${flag.name} <${flag.value}>`;
    command.option(flag.short === undefined ? long : `-${flag.short}, ${long}`);
    command.on(`option:${flag.name}`, (value: string | null) => {
      const before = flag.repeats ? (given.get(flag.name)?.texts ?? []) : [];
      given.set(flag.name, { said: `--${flag.name}`, fromCommandLine: true, texts: [...before, value ?? "true"] });
    });
  }
  return command;
}

function commanderForm(argument: Argument): string {
  const form = argumentForm(argument);
  return argument.optional ? form : `<${form}>`;
}

function everyCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) everyCommand(child, visit);
}
