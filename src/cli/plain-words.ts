import type { FlagTexts } from "./call.ts";
import type { Flag } from "./commands/flag.ts";
import { type Argument, flagsOf, type Verb } from "./commands/verb.ts";

export interface PlainCall {
  readonly verb: Verb;
  readonly words: readonly string[];
  readonly given: ReadonlyMap<string, FlagTexts>;
}

/**
 * Reads a command line that is written plainly: one of `verbs`, then arguments and whole flags. Undefined for anything else, right or
 * wrong: that is for the parser, which says the same of what is answered here (test/cli/plain-words.test.ts).
 */
export function readPlainly(verbs: readonly Verb[], argv: readonly string[]): PlainCall | undefined {
  const verb = verbs.find(({ words }) => words.length === 1 && words[0] === argv[0]);
  if (verb === undefined) return undefined;
  const flags = flagsOf(verb);
  const given = new Map<string, FlagTexts>();
  const words: string[] = [];
  for (let at = 1; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith("-")) {
      words.push(word);
      continue;
    }
    const flag = flags.find(({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`));
    if (flag === undefined) return undefined;
    if (flag.value !== undefined) at += 1;
    const value = flag.value === undefined ? "true" : argv[at];
    if (value === undefined || value.startsWith("-")) return undefined;
    take(given, flag, value);
  }
  return takes(verb.arguments, words.length) ? { verb, words, given } : undefined;
}

function take(given: Map<string, FlagTexts>, flag: Flag, value: string): void {
  const before = flag.repeats ? (given.get(flag.name)?.texts ?? []) : [];
  given.set(flag.name, { said: `--${flag.name}`, fromCommandLine: true, texts: [...before, value] });
}

function takes(taken: readonly Argument[], count: number): boolean {
  const least = taken.filter(({ optional }) => !optional).length;
  const most = taken.some(({ repeats }) => repeats) ? Number.POSITIVE_INFINITY : taken.length;
  return count >= least && count <= most;
}
