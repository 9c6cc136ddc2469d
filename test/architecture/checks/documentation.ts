import { posix } from "node:path";
import { tokenize } from "../support/tokens.ts";
import type { Files } from "../support/tree.ts";

/** Links in Markdown files that lead to no file or no heading of the project. `exists` knows files that are not in the map. */
export function checkLinks(files: Files, exists: (path: string) => boolean = () => false): string[] {
  return markdown(files).flatMap(([path, text]) =>
    linksOf(text).flatMap((link) => {
      const [address = "", anchor] = link.split("#");
      const file = address === "" ? path : posix.join(posix.dirname(path), address);
      const page = files.get(file);
      if (page === undefined && !exists(file)) return [`${path}: ${link} leads nowhere`];
      if (anchor === undefined || page === undefined || anchorsOf(page).includes(anchor)) return [];
      return [`${path}: ${link} names no heading of ${file}`];
    }),
  );
}

/** Links of Markdown and of HTML (`href`, `src`, `srcset`) that are not addresses on the web. */
function linksOf(text: string): string[] {
  const bare = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  const links = [...bare.matchAll(/\]\(([^)\s]+)[^)]*\)|(?:href|src|srcset)="([^"\s]+)"/g)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

/** As GitHub makes them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#{1,6} +(.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

const OPERATIONS = "docs/operations/";

/** Verbs of an interface in `source` that no page of docs/operations/ is named for or has a heading for. */
export function checkOperationPages(files: Files, source: string, interfaceName: string): string[] {
  const pages = markdown(files).filter(([path]) => path.startsWith(OPERATIONS));
  const headings = pages.flatMap(([path, text]) => [
    path.slice(OPERATIONS.length, -".md".length),
    ...[...text.matchAll(/^#+ .*$/gm)].flatMap(([line]) =>
      [...line.matchAll(/`([\w-]+)/g)].map((match) => match[1] ?? ""),
    ),
  ]);
  return methodsOf(source, interfaceName)
    .filter((method) => !headings.includes(method))
    .map((method) => `${interfaceName}.${method} has no page and no section under ${OPERATIONS}`);
}

export function methodsOf(source: string, interfaceName: string): string[] {
  const tokens = tokenize(source).filter((token) => token.kind !== "comment");
  const begin =
    tokens.findIndex((token, at) => token.text === "interface" && tokens[at + 1]?.text === interfaceName) + 2;
  const methods: string[] = [];
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (begin < 2 || at < begin) continue;
    if (depth === 1 && token.kind === "word" && tokens[at + 1]?.text === "(") methods.push(token.text);
    if (token.kind === "mark" && "{(".includes(token.text)) depth += 1;
    if (token.kind === "mark" && "})".includes(token.text)) depth -= 1;
    if (depth === 0) break;
  }
  return methods;
}

/** Numbered steps of docs/operations/ that do not end with "If we die here: ..."; numbers that do not count from 1. */
export function checkSteps(files: Files): string[] {
  return markdown(files)
    .filter(([path]) => path.startsWith(OPERATIONS))
    .flatMap(([path, text]) =>
      stepsOf(text).flatMap((step, at) => {
        const problems: string[] = [];
        if (step.number !== at + 1) problems.push(`${path}: step ${step.number} is the ${at + 1}th`);
        // the last sentence of the step begins with the words
        if (!/If we die here: [^.]+(\.\S[^.]*)*\.$/.test(step.text))
          problems.push(`${path}: step ${step.number} does not end with "If we die here: ..."`);
        return problems;
      }),
    );
}

/** The one numbered list of a page, each step on one line of text. */
function stepsOf(text: string): { readonly number: number; readonly text: string }[] {
  const blocks = text.replace(/^```[\s\S]*?^```/gm, "").split(/\n(?=\d+\. |\n\S)/);
  return blocks.flatMap((block) => {
    const match = /^(\d+)\. ([\s\S]*)$/.exec(block.trim());
    return match === null ? [] : [{ number: Number(match[1]), text: (match[2] ?? "").replace(/\s+/g, " ").trim() }];
  });
}

/** Citations in comments, `// install.md 4`, of pages or steps that are not there. */
export function checkCitations(files: Files): string[] {
  return [...files].flatMap(([path, source]) => {
    if (!path.startsWith("src/")) return [];
    return tokenize(source)
      .filter((token) => token.kind === "comment")
      .flatMap((comment) =>
        [...comment.text.matchAll(/\b([a-z-]+)\.md (\d+)/g)].map(([said, page, step]) => ({
          said,
          page,
          step,
          line: comment.line,
        })),
      )
      .filter(
        ({ page, step }) =>
          !stepsOf(files.get(`${OPERATIONS}${page}.md`) ?? "").some(({ number }) => number === Number(step)),
      )
      .map(({ said, line }) => `${path}:${line}: cites ${said}, which is not there`);
  });
}

function markdown(files: Files): [string, string][] {
  return [...files].filter(([path]) => path.endsWith(".md"));
}
