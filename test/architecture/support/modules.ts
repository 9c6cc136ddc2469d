import { posix } from "node:path";
import { type Token, tokenize } from "./tokens.ts";
import type { Files } from "./tree.ts";

export interface ImportStatement {
  readonly from: string;
  readonly specifier: string;
  readonly line: number;
  /** `type`: gone when the types are stripped. `static`: loaded with the file. `dynamic`: `import()`. */
  readonly how: "type" | "static" | "dynamic";
}

/** Every import, re-export and `import()` of one file. An `import()` of anything but a plain string is named `(computed)`. */
export function importsOf(path: string, source: string): ImportStatement[] {
  const tokens = tokenize(source).filter((token) => token.kind !== "comment");
  const found: ImportStatement[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== "word" || tokens[at - 1]?.text === ".") continue;
    const statement =
      token.text === "import" ? readImport(tokens, at) : token.text === "export" ? readReexport(tokens, at) : undefined;
    if (statement !== undefined) found.push({ from: path, line: token.line, ...statement });
  }
  return found;
}

type Read = Pick<ImportStatement, "specifier" | "how"> | undefined;

function readImport(tokens: readonly Token[], at: number): Read {
  const next = tokens[at + 1];
  if (next === undefined || next.text === ".") return undefined;
  if (next.kind === "string") return { specifier: next.text, how: "static" };
  if (next.kind === "mark" && next.text === "(") {
    const name = tokens[at + 2];
    const plain =
      name !== undefined && (name.kind === "string" || (name.kind === "template" && tokens[at + 3]?.text === ")"));
    const how = tokens[at - 1]?.text === "typeof" ? "type" : "dynamic";
    return { specifier: plain ? name.text : "(computed)", how };
  }
  return readFrom(tokens, at + 1);
}

function readReexport(tokens: readonly Token[], at: number): Read {
  const next = tokens[at + 1]?.text === "type" ? tokens[at + 2] : tokens[at + 1];
  return next?.text === "{" || next?.text === "*" ? readFrom(tokens, at + 1) : undefined;
}

/** From after `import` or `export` to the string after `from`; undefined where the statement has none. */
function readFrom(tokens: readonly Token[], begin: number): Read {
  const follows = tokens[begin + 1];
  const how = tokens[begin]?.text === "type" && follows?.text !== "from" && follows?.text !== "," ? "type" : "static";
  for (let at = begin; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined || token.text === ";" || token.text === "=") return undefined;
    const next = tokens[at + 1];
    if (token.kind === "word" && token.text === "from" && next?.kind === "string") return { specifier: next.text, how };
    if (token.text === "}" && next?.text !== "from") return undefined;
  }
  return undefined;
}

export function allImports(files: Files): ImportStatement[] {
  return [...files].flatMap(([path, source]) => (path.endsWith(".ts") ? importsOf(path, source) : []));
}

/** The file that a relative import names; undefined for libraries and `node:` modules. */
export function fileOf(statement: ImportStatement): string | undefined {
  return statement.specifier.startsWith(".")
    ? posix.join(posix.dirname(statement.from), statement.specifier)
    : undefined;
}

/** `@scope/name/deep.js` is the library `@scope/name`; undefined for files and `node:` modules. */
export function libraryOf(statement: ImportStatement): string | undefined {
  if (/^(\.|node:|\(computed\))/.test(statement.specifier)) return undefined;
  return statement.specifier
    .split("/")
    .slice(0, statement.specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
