import { EngineryError } from "../core/errors.ts";
import { type Call, type FlagTexts, flagValue, fromVariable, isOn } from "./call.ts";
import type { Flag } from "./commands/flag.ts";
import { COLOR, DRY_RUN, JSON_DOCUMENT, NO_PROGRESS, PROGRESS, QUIET, VERBOSE } from "./commands/global-flags.ts";
import { SHORT_VERBS } from "./commands/short.ts";
import { type Answer, flagsOf, type Verb } from "./commands/verb.ts";
import { asEngineryError, failureDocument, failureText } from "./failure.ts";
import type { Outside, ReportManner, TextOutput } from "./outside.ts";
import { readPlainly } from "./plain-words.ts";
import { COLOURS, NO_COLOURS, type Paint } from "./render/paint.ts";
import { verbOf } from "./verb-of.ts";

type Given = ReadonlyMap<string, FlagTexts>;

/** What the completions of a shell ask for names (docs/CLI.md, "Completions"). */
const COMPLETE = "__complete";

/** One command line, from words to exit status. Never throws. */
export async function runCommandLine(outside: Outside): Promise<number> {
  if (outside.argv[0] === COMPLETE) return await (await import("./completing/complete.ts")).complete(outside);
  const plain = readPlainly(SHORT_VERBS, outside.argv);
  try {
    if (plain !== undefined) return await runVerb(outside, plain.verb, plain.words, plain.given);
    return await runParsed(outside);
  } catch (thrown) {
    return fail(outside, thrown, plain?.verb ?? verbOf(await everyVerb(), outside.argv));
  }
}

async function runParsed(outside: Outside): Promise<number> {
  const { parseArguments } = await import("./parser.ts");
  const parsed = parseArguments(await everyVerb(), outside.argv);
  if ("verb" in parsed) return await runVerb(outside, parsed.verb, parsed.words, parsed.given);
  const json = wantsJson(outside, parsed.given);
  if ("version" in parsed) {
    outside.stdout.write(json ? documentText({ version: outside.version }) : `enginery ${outside.version}\n`);
    return 0;
  }
  if (parsed.missingVerb !== true) {
    outside.stdout.write(json ? documentText({ help: parsed.help }) : parsed.help);
    return 0;
  }
  if (!json) outside.stderr.write(`${parsed.help}\n`);
  throw new EngineryError("usage", "No verb was given.");
}

async function everyVerb(): Promise<readonly Verb[]> {
  return (await import("./commands/table.ts")).VERBS;
}

async function runVerb(outside: Outside, verb: Verb, words: readonly string[], given: Given): Promise<number> {
  const texts = (flag: Flag) => given.get(flag.name) ?? fromVariable(outside, flag);
  const call: Call = {
    outside,
    verb,
    everyVerb,
    words,
    texts,
    talkPaint: paintFor(colour(texts), outside, outside.stderr),
    reporter: () => reporter,
  };
  // Words that are wrong are said before anything is begun.
  for (const flag of flagsOf(verb)) flagValue(call, flag);
  using reporter = await outside.reporter(mannerOf(call));
  const answer = await verb.run(call);
  // bars end before the result is printed, or they would be drawn over it
  reporter[Symbol.dispose]();
  const dryRun = verb.changes === true && isOn(call, DRY_RUN);
  print(call, answer, dryRun);
  return dryRun ? 0 : (answer.status ?? 0);
}

function print(call: Call, answer: Answer, dryRun: boolean): void {
  if (answer.silent) return;
  const { stdout } = call.outside;
  if (isOn(call, JSON_DOCUMENT)) {
    stdout.write(documentText(dryRun ? { ...(answer.document as object), dryRun: true } : answer.document));
  } else {
    stdout.write(answer.text(paintFor(colour(call.texts), call.outside, stdout)));
  }
}

function fail(outside: Outside, thrown: unknown, verb: Verb | undefined): number {
  const error = asEngineryError(thrown);
  const flags = wordsBeforeArguments(outside.argv);
  const verbose = flags.includes("--verbose") || flags.includes("-v") || outside.env[VERBOSE.env] === "1";
  const runsEngine = verb?.words[0] === "exec";
  const json = flags.includes(`--${JSON_DOCUMENT.name}`) || /^(1|true)$/.test(outside.env[JSON_DOCUMENT.env] ?? "");
  // While an engine runs stdout is the engine's: exec says its own failures on stderr alone (docs/CLI.md, "Exit codes").
  if (json && !runsEngine) outside.stdout.write(documentText(failureDocument(error, verbose)));
  else outside.stderr.write(failureText(error, verbose, paintFor(undefined, outside, outside.stderr)));
  return runsEngine ? 120 + error.exitStatus : error.exitStatus;
}

function wordsBeforeArguments(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end < 0 ? argv : argv.slice(0, end);
}

function wantsJson(outside: Outside, given: Given): boolean {
  const json = given.get(JSON_DOCUMENT.name) ?? fromVariable(outside, JSON_DOCUMENT);
  return json !== undefined && JSON_DOCUMENT.parse(json.texts.at(-1) ?? "", json.said);
}

function mannerOf(call: Call): ReportManner {
  const asked = flagValue(call, PROGRESS);
  const quiet = isOn(call, QUIET);
  const terminal = call.outside.stderr.isTerminal;
  const bars = terminal && !isOn(call, NO_PROGRESS) ? "bars" : "none";
  const progress = quiet ? "none" : asked === "json" || asked === "none" ? asked : bars;
  return { progress, notes: isOn(call, VERBOSE) && !quiet, colours: call.talkPaint === COLOURS };
}

function colour(texts: Call["texts"]): string | undefined {
  const given = texts(COLOR);
  return given === undefined ? undefined : COLOR.parse(given.texts.at(-1) ?? "", given.said);
}

/** https://no-color.org: set and not empty means none, unless --color asks for it. */
function paintFor(when: string | undefined, outside: Outside, output: TextOutput): Paint {
  if (when === "always") return COLOURS;
  if (when === "never" || outside.env["NO_COLOR"]) return NO_COLOURS;
  return output.isTerminal ? COLOURS : NO_COLOURS;
}

function documentText(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
