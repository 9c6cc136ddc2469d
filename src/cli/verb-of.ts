import { GLOBAL_FLAGS } from "./commands/global-flags.ts";
import type { Verb } from "./commands/verb.ts";

/** The verb that these words begin with, global flags before it aside. */
export function verbOf(verbs: readonly Verb[], argv: readonly string[]): Verb | undefined {
  const words = wordsAlone(argv);
  return verbs
    .filter((verb) => verb.words.every((word, at) => words[at] === word))
    .toSorted((one, other) => other.words.length - one.words.length)[0];
}

export function wordsAlone(argv: readonly string[]): readonly string[] {
  const withValue = GLOBAL_FLAGS.filter((flag) => flag.value !== undefined).map((flag) => `--${flag.name}`);
  return argv.filter((word, at) => !word.startsWith("-") && !withValue.includes(argv[at - 1] ?? ""));
}
