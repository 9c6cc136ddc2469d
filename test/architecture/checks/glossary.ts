import { type Token, tokenize } from "../support/tokens.ts";
import type { Files } from "../support/tree.ts";

/** A place where a word of the "never say" column means something else. */
export interface Exception {
  readonly word: string;
  /** What is said there: the identifier, or the words around it in a string or in prose. */
  readonly says: RegExp;
  /** Only in paths that begin so; everywhere where left out. */
  readonly within?: string;
  readonly why: string;
}

/** One saying of a forbidden word. */
interface Saying {
  readonly path: string;
  readonly line: number;
  readonly word: string;
  /** The identifier, or the line of prose. */
  readonly said: string;
}

/** The words in backquotes in the last column of the table of docs/GLOSSARY.md. */
export function forbiddenWords(glossary: string): string[] {
  const rows = glossary.split("\n").filter((line) => /^\|(?! word |--)/.test(line));
  const words = rows.flatMap((row) =>
    [...(row.split("|").at(-2) ?? "").matchAll(/`([a-z]+)`/g)].map((match) => match[1] ?? ""),
  );
  return [...new Set(words)].sort();
}

/** Sayings of forbidden words that no exception covers, and exceptions that nothing needs. */
export function checkGlossary(files: Files, forbidden: readonly string[], exceptions: readonly Exception[]): string[] {
  const needed = new Set<Exception>();
  const problems = [...files]
    .flatMap(([path, text]) => sayingsOf(path, text, forbidden))
    .filter((saying) => {
      const covering = exceptions.filter((exception) => covers(exception, saying));
      for (const exception of covering) needed.add(exception);
      return covering.length === 0;
    })
    .map(({ path, line, word, said }) => `${path}:${line}: never say "${word}": ${said}`);
  const idle = exceptions
    .filter((exception) => !needed.has(exception))
    .map(({ word, says }) => `the exception for "${word}" as ${says} is needed nowhere`);
  return [...problems, ...idle];
}

function covers(exception: Exception, { path, word, said }: Saying): boolean {
  return exception.word === word && path.startsWith(exception.within ?? "") && exception.says.test(said);
}

function sayingsOf(path: string, text: string, forbidden: readonly string[]): Saying[] {
  const found = path.endsWith(".ts") ? sourceTexts(text) : path.endsWith(".md") ? proseLines(text) : plainLines(text);
  return found.flatMap(({ said, line }) =>
    wordsOf(said)
      .filter((word) => forbidden.includes(word))
      .map((word) => ({ path, line, word, said: said.trim() })),
  );
}

/** `pruneStaleTools` says prune, stale, tool; a plural says its singular. */
function wordsOf(said: string): string[] {
  const words = said
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .map((word) =>
      word
        .replace(/(ch|sh|x|ss)es$/, "$1")
        .replace(/ies$/, "y")
        .replace(/([^su])s$/, "$1"),
    );
  return [...new Set(words)];
}

interface Said {
  readonly said: string;
  readonly line: number;
}

function sourceTexts(source: string): Said[] {
  const tokens = tokenize(source);
  return tokens
    .filter((_, at) => mayTalk(tokens, at))
    .flatMap(({ text, line }) => plainLines(text).map((part) => ({ said: part.said, line: line + part.line - 1 })));
}

/** Comments are for those who work on the code and may explain with any word; module names are their makers'. */
function mayTalk(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind === "string") return !isModuleName(tokens, at) && !/^(node:|\.\.?\/)/.test(token.text);
  return token?.kind === "word" || token?.kind === "template";
}

function isModuleName(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.text ?? "";
  return ["from", "import", "module"].includes(before) || (before === "(" && tokens[at - 2]?.text === "import");
}

/** Prose without what it quotes as code: fences, inline code, the addresses of links, comments. */
function proseLines(text: string): Said[] {
  const bare = text
    .replace(/^```[\s\S]*?^```/gm, blank)
    .replace(/<!--[\s\S]*?-->/g, blank)
    .replace(/`[^`\n]*`/g, blank)
    .replace(/\]\([^)\n]*\)/g, "]")
    .replace(/<[^>\n]+>/g, blank);
  return plainLines(bare);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

function plainLines(text: string): Said[] {
  return text.split("\n").map((said, at) => ({ said, line: at + 1 }));
}
