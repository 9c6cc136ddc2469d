import type { Flag } from "../commands/flag.ts";

export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

/** What every shell's completions are made from. */
export interface CompletionModel {
  readonly verbs: readonly CompletionVerb[];
  /** Spellings of every flag that takes a value, with some verb. */
  readonly withValue: readonly string[];
  readonly globals: readonly Flag[];
}

export interface CompletionVerb {
  /** `install`, `repo init`; `repo` alone too. */
  readonly path: string;
  readonly doc: string;
  /** Its own, and those of every verb. */
  readonly flags: readonly Flag[];
  /** Words that its arguments may be. */
  readonly words: readonly string[];
  readonly places: "file" | "folder" | undefined;
  /** Its arguments name something of the home: the command is asked for it. */
  readonly names: boolean;
}

/** The words that may follow `path`: verbs at the top, or those of a family. */
export function nextWords(model: CompletionModel, path: string): readonly CompletionVerb[] {
  const depth = path === "" ? 0 : path.split(" ").length;
  return model.verbs.filter(
    (verb) => verb.path.split(" ").length === depth + 1 && (path === "" || verb.path.startsWith(`${path} `)),
  );
}

/** What may follow the verb and is no flag. */
export function wordsAfter(model: CompletionModel, verb: CompletionVerb): readonly string[] {
  const next = verb.path === "help" ? nextWords(model, "") : nextWords(model, verb.path);
  return [...next.map(({ path }) => lastWord(path)), ...verb.words];
}

/** Flags of that verb that take a value, where they differ from verb to verb. */
export function ownFlagsWithValue(model: CompletionModel, verb: CompletionVerb): readonly Flag[] {
  return verb.flags.filter((flag) => flag.value !== undefined && !model.globals.includes(flag));
}

/** `--from`, and `-n` where there is one. */
export function spellings(flag: Flag): readonly string[] {
  return flag.short === undefined ? [`--${flag.name}`] : [`--${flag.name}`, `-${flag.short}`];
}

export function lastWord(path: string): string {
  return path.slice(path.lastIndexOf(" ") + 1);
}

export const HELP_SPELLINGS = ["--help", "-h"] as const;
