import type { ExitStatus } from "../../core/errors.ts";
import type { NameKind } from "../../ops/operator.ts";
import type { Call } from "../call.ts";
import type { Paint } from "../render/paint.ts";
import type { Flag } from "./flag.ts";
import { DRY_RUN, GLOBAL_FLAGS } from "./global-flags.ts";

export type VerbGroup = "Engines" | "Answers" | "Home" | "Publishing" | "Enginery";

/** One verb of the command line, declared once: everything that a person or a shell learns about it is made from this. */
export interface Verb {
  /** `["install"]`, `["repo", "init"]`. */
  readonly words: readonly [string, ...string[]];
  readonly group: VerbGroup;
  /** One sentence. */
  readonly summary: string;
  /** More sentences, each a paragraph. */
  readonly details?: readonly string[];
  /** Changes something: takes -n. */
  readonly changes?: true;
  readonly arguments: readonly Argument[];
  readonly flags: readonly Flag[];
  readonly examples: readonly Example[];
  /** Members of the --json document that others rely on. */
  readonly json?: string;
  readonly run: (call: Call) => Promise<Answer>;
}

export interface Argument {
  /** In capitals. */
  readonly name: string;
  readonly optional?: true;
  readonly repeats?: true;
  readonly doc: string;
  readonly choices?: readonly string[];
  readonly kind?: "file" | "folder";
  /** What of the home it names, for completions. */
  readonly names?: NameKind;
}

export interface Example {
  readonly line: string;
  readonly doc: string;
}

/** What a verb ends with: the --json document, the same for a person, the exit status. */
export interface Answer {
  readonly document: unknown;
  /** Whole lines; empty: nothing is printed. */
  readonly text: (paint: Paint) => string;
  /** 0 where left out; exec passes the engine's own on. */
  readonly status?: ExitStatus | number;
  /** Stdout belongs to somebody else: no document is printed. */
  readonly silent?: true;
}

/** `repo init DIR`. */
export function usageOf(verb: Verb): string {
  return [...verb.words, ...verb.arguments.map(argumentForm)].join(" ");
}

/** `ENGINE`, `[ENGINE...]`. */
export function argumentForm(argument: Argument): string {
  const name = argument.repeats ? `${argument.name}...` : argument.name;
  return argument.optional ? `[${name}]` : name;
}

/** Global flags and the verb's own. */
export function flagsOf(verb: Verb): readonly Flag[] {
  return [...verb.flags, ...(verb.changes ? [DRY_RUN] : []), ...GLOBAL_FLAGS];
}
