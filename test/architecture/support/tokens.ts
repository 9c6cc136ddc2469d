export type TokenKind = "word" | "string" | "template" | "number" | "regex" | "comment" | "mark";

export interface Token {
  readonly kind: TokenKind;
  /** Strings and template pieces without their quotes, escapes as written. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** Cuts TypeScript source into tokens. Knows comments, strings, templates and regular expressions; nothing of grammar. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** One entry for each template that is open: how deep in braces its `${` is. */
  const templates: number[] = [];
  let depth = 0;
  let place = 0;
  let line = 1;

  const push = (kind: TokenKind, text: string, end: number) => {
    tokens.push({ kind, text, line });
    for (let at = place; at < end; at += 1) if (source[at] === "\n") line += 1;
    place = end;
  };
  const pushTemplatePiece = (begin: number) => {
    const end = endOfTemplatePiece(source, begin);
    push("template", source.slice(begin, end), Math.min(end + (source[end] === "$" ? 2 : 1), source.length));
    if (source[end] === "$") {
      templates.push(depth);
      depth += 1;
    }
  };

  while (place < source.length) {
    const rest = source.slice(place, place + 2);
    const first = source.charAt(place);
    if (first === "\n" || /\s/.test(first)) {
      if (first === "\n") line += 1;
      place += 1;
    } else if (rest === "//" || rest === "#!") {
      const end = source.indexOf("\n", place);
      push("comment", source.slice(place, end < 0 ? source.length : end), end < 0 ? source.length : end);
    } else if (rest === "/*") {
      const end = source.indexOf("*/", place + 2);
      push("comment", source.slice(place, end < 0 ? source.length : end + 2), end < 0 ? source.length : end + 2);
    } else if (first === '"' || first === "'") {
      const end = endOfString(source, place + 1, first);
      push("string", source.slice(place + 1, end), Math.min(end + 1, source.length));
    } else if (first === "`") {
      pushTemplatePiece(place + 1);
    } else if (first === "}" && templates.at(-1) === depth - 1) {
      templates.pop();
      depth -= 1;
      pushTemplatePiece(place + 1);
    } else if (/[\p{ID_Start}$_#]/u.test(first)) {
      push(
        "word",
        matchAt(/[\p{ID_Continue}$#]+/uy, source, place),
        place + matchAt(/[\p{ID_Continue}$#]+/uy, source, place).length,
      );
    } else if (/\d/.test(first)) {
      const text = matchAt(/[\w.]+/y, source, place);
      push("number", text, place + text.length);
    } else if (first === "/" && regexMayBegin(tokens)) {
      const end = endOfRegex(source, place + 1);
      push("regex", source.slice(place, end), end);
    } else {
      if (first === "{") depth += 1;
      if (first === "}") depth -= 1;
      push("mark", first, place + 1);
    }
  }
  return tokens;
}

function matchAt(pattern: RegExp, source: string, place: number): string {
  pattern.lastIndex = place;
  return pattern.exec(source)?.[0] ?? source.charAt(place);
}

function endOfString(source: string, begin: number, quote: string): number {
  let at = begin;
  while (at < source.length && source[at] !== quote && source[at] !== "\n") at += source[at] === "\\" ? 2 : 1;
  return at;
}

function endOfTemplatePiece(source: string, begin: number): number {
  let at = begin;
  while (at < source.length && source[at] !== "`" && source.slice(at, at + 2) !== "${")
    at += source[at] === "\\" ? 2 : 1;
  return at;
}

function endOfRegex(source: string, begin: number): number {
  let inClass = false;
  let at = begin;
  while (at < source.length && source[at] !== "\n" && (inClass || source[at] !== "/")) {
    if (source[at] === "[") inClass = true;
    if (source[at] === "]") inClass = false;
    at += source[at] === "\\" ? 2 : 1;
  }
  at += 1;
  while (/[a-z]/.test(source.charAt(at))) at += 1;
  return at;
}

const BEFORE_A_VALUE = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "new",
  "delete",
  "void",
  "throw",
  "await",
  "yield",
  "else",
  "do",
]);

function regexMayBegin(tokens: readonly Token[]): boolean {
  const before = tokens.findLast((token) => token.kind !== "comment");
  if (before === undefined) return true;
  if (before.kind === "word") return BEFORE_A_VALUE.has(before.text);
  return before.kind === "mark" && !")]}".includes(before.text);
}
