/** A line as somebody types it, up to the cursor. */
export interface TypedLine {
  /** Whole words, the command's name first, without quotes; assignments before it are in `env`. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The word that the cursor is at the end of; empty after a blank. */
  readonly last: TypedWord;
}

export interface TypedWord {
  /** As it stands there. */
  readonly raw: string;
  /** What it means. */
  readonly text: string;
  /** The quote that is open at its end. */
  readonly quote: "'" | '"' | "";
}

type Variables = Readonly<Record<string, string | undefined>>;

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;
const VARIABLE = /^\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/;

/**
 * Reads what all shells here have in common: quotes, backslashes, `~/` and variables. Undefined where a word depends on what a shell would
 * have to run or look up: nothing is run for a completion.
 */
export function readTypedLine(line: string, variables: Variables): TypedLine | undefined {
  const words: TypedWord[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(line.slice(at))?.[0].length ?? 0;
    const word = readWord(line.slice(at), variables);
    if (word === undefined) return undefined;
    words.push(word);
    at += word.raw.length;
    if (at === line.length) break;
  }
  const last = words.pop() ?? { raw: "", text: "", quote: "" };
  const first = words.findIndex(({ raw }) => !ASSIGNMENT.test(raw));
  const assigned = words.slice(0, first < 0 ? words.length : first).map(({ text }) => text);
  return { words: words.slice(assigned.length).map(({ text }) => text), env: variablesOf(assigned), last };
}

function variablesOf(assigned: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    assigned.map((text) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]),
  );
}

/** The word that `rest` begins with, to its end or to a blank. */
function readWord(rest: string, variables: Variables): TypedWord | undefined {
  let text = "";
  let quote: TypedWord["quote"] = "";
  let at = 0;
  while (at < rest.length) {
    const character = rest[at] ?? "";
    const next = rest[at + 1] ?? "";
    if (quote === "" && /\s/.test(character)) break;
    if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) quote = character;
    else if (quote === "'") text += character;
    else if (character === "\\") {
      const escapes = quote === "" || /["$`\\]/.test(next);
      text += escapes ? next : character + next;
      at += 1;
    } else if (character === "`" || (character === "$" && next === "(")) return undefined;
    else if (character === "$" && VARIABLE.test(rest.slice(at))) {
      const [form, braced, bare] = VARIABLE.exec(rest.slice(at)) ?? [""];
      text += variables[braced ?? bare ?? ""] ?? "";
      at += form.length - 1;
    } else if (character === "~" && isHome(rest, at) && variables["HOME"]) text += variables["HOME"];
    else text += character;
    at += 1;
  }
  return { raw: rest.slice(0, at), text, quote };
}

/** `~/` at the beginning of a word, or of the value after `=`. */
function isHome(rest: string, at: number): boolean {
  return (at === 0 || rest[at - 1] === "=") && /^\/|^$|^\s/.test(rest.slice(at + 1));
}
