import type { Flag } from "../commands/flag.ts";

export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

/** What every shell's completions are made from. */
export interface CompletionModel {
  readonly verbs: readonly CompletionVerb[];
  /** Every flag there is, one a name. */
  readonly flags: readonly Flag[];
  readonly globals: readonly Flag[];
}

export interface CompletionVerb {
  /** `install`, `repo init`; `repo` alone too. */
  readonly path: string;
  readonly doc: string;
  readonly flags: readonly Flag[];
  /** Words that its arguments may be. */
  readonly words: readonly string[];
  readonly places: "file" | "folder" | undefined;
}

/** The words that may follow `path`: verbs at the top, or those of a family. */
export function nextWords(model: CompletionModel, path: string): readonly CompletionVerb[] {
  const depth = path === "" ? 0 : path.split(" ").length;
  return model.verbs.filter(
    (verb) => verb.path.split(" ").length === depth + 1 && (path === "" || verb.path.startsWith(`${path} `)),
  );
}

/** `--from`, and `-n` where there is one. */
export function spellings(flag: Flag): readonly string[] {
  return flag.short === undefined ? [`--${flag.name}`] : [`--${flag.name}`, `-${flag.short}`];
}

export function lastWord(path: string): string {
  return path.slice(path.lastIndexOf(" ") + 1);
}

export const HELP_SPELLINGS = ["--help", "-h"] as const;
