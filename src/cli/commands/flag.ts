import type { ConfigOverrides, NameKind } from "../../ops/operator.ts";
import { strictBoolean } from "./values.ts";

/** One flag, declared once: parser, help, docs, man page and completions are made from it. */
export interface Flag<Value = unknown> {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** What its value is called, in capitals; absent: a boolean flag. */
  readonly value?: string;
  readonly repeats?: true;
  /** The variable that says the same. Several values of a flag that repeats are separated by line ends. */
  readonly env: string;
  /** The key of config.json that says the same for good. */
  readonly config?: keyof ConfigOverrides | "repository" | "channel";
  /** One sentence. */
  readonly doc: string;
  readonly choices?: readonly string[];
  /** What its value is, for completions. */
  readonly kind?: "file" | "folder";
  /** What of the home it names, for completions. */
  readonly names?: NameKind;
  /** `said` is the flag or variable that the text comes from, for the error. */
  readonly parse: (text: string, said: string) => Value;
}

type FlagWords = Omit<Flag, "parse" | "env"> & { readonly env?: string };

/** `--name`, present or not; its variable takes 1, true, 0 or false. */
export function switchFlag(words: Omit<FlagWords, "value" | "repeats" | "choices" | "kind" | "names">): Flag<boolean> {
  return { env: variableOf(words.name), ...words, parse: strictBoolean };
}

export function valueFlag<Value>(
  words: FlagWords & { readonly value: string },
  parse: (text: string, said: string) => Value,
): Flag<Value> {
  return { env: variableOf(words.name), ...words, parse };
}

function variableOf(name: string): string {
  return `ENGINERY_${name.toUpperCase().replaceAll("-", "_")}`;
}
