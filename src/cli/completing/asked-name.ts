import type { NameKind } from "../../ops/operator.ts";
import type { FlagTexts } from "../call.ts";
import type { Flag } from "../commands/flag.ts";
import { type Argument, flagsOf, type Verb } from "../commands/verb.ts";
import type { TypedWord } from "./typed-line.ts";

/** What the word at the cursor may name. */
export interface AskedName {
  readonly kind: NameKind;
  /** The version may be left out. */
  readonly engineAlone: boolean;
  /** What the word begins with and is no part of the name: `--entry=`. */
  readonly before: string;
  /** What is there of the name. */
  readonly begun: string;
  readonly given: ReadonlyMap<string, FlagTexts>;
  /** What other words name. */
  readonly said: ReadonlyMap<NameKind, string>;
}

/** `words` are those after the command's own name. Undefined where no name is asked for: a verb, a flag, a file, an engine's own arguments. */
export function askedName(verb: Verb, words: readonly string[], last: TypedWord): AskedName | undefined {
  const { given, others, waiting, ended } = readWords(verb, words);
  const named = others.slice(verb.words.length);
  const said = new Map<NameKind, string>();
  for (const [at, text] of named.entries()) note(said, argumentAt(verb, at), text);
  for (const flag of verb.flags) note(said, flag, given.get(flag.name)?.texts.at(-1));
  const ask = (place: Argument | Flag | undefined, begun: string, before = ""): AskedName | undefined =>
    place?.names === undefined
      ? undefined
      : { kind: place.names, engineAlone: place.name.includes("[@"), before, begun, given, said };

  if (waiting !== undefined) return ask(waiting, last.text);
  if (ended) return undefined;
  if (!last.text.startsWith("-")) return ask(argumentAt(verb, named.length), last.text);
  const [spelling, begun] = parted(last.text);
  return begun === undefined ? undefined : ask(flagOf(verb, spelling), begun, `${spelling}=`);
}

/** Goes through whole words as the parser does, and complains of nothing. */
function readWords(verb: Verb, words: readonly string[]) {
  const given = new Map<string, FlagTexts>();
  const others: string[] = [];
  let waiting: Flag | undefined;
  const give = ({ name }: Flag, text: string) => {
    given.set(name, { said: `--${name}`, fromCommandLine: true, texts: [text] });
  };
  for (const word of words) {
    if (waiting !== undefined) {
      give(waiting, word);
      waiting = undefined;
    } else if (word === "--") return { given, others, waiting, ended: true };
    else if (!word.startsWith("-")) others.push(word);
    else {
      const [spelling, value] = parted(word);
      const flag = flagOf(verb, spelling);
      if (flag?.value !== undefined && value === undefined) waiting = flag;
      else if (flag !== undefined) give(flag, value ?? "true");
    }
  }
  return { given, others, waiting, ended: false };
}

function note(said: Map<NameKind, string>, place: Argument | Flag | undefined, text: string | undefined): void {
  if (place?.names !== undefined && text !== undefined) said.set(place.names, text);
}

function argumentAt(verb: Verb, at: number): Argument | undefined {
  const last = verb.arguments.at(-1);
  return verb.arguments[at] ?? (last?.repeats ? last : undefined);
}

function flagOf(verb: Verb, spelling: string): Flag | undefined {
  return flagsOf(verb).find(
    ({ name, short }) => spelling === `--${name}` || (short !== undefined && spelling === `-${short}`),
  );
}

/** `--entry=main`: `--entry` and `main`. */
function parted(word: string): readonly [spelling: string, value?: string] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
