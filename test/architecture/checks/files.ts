import { tokenize } from "../support/tokens.ts";
import type { Files } from "../support/tree.ts";

export const MOST_LINES = 350;

/** Files of src/ that are too long, export by default, or are named for no thing in particular. */
export function checkFiles(files: Files): string[] {
  return [...files]
    .filter(([path]) => path.startsWith("src/"))
    .flatMap(([path, source]) => {
      const problems: string[] = [];
      const lines = source.replace(/\n$/, "").split("\n").length;
      if (lines > MOST_LINES) problems.push(`${path} has ${lines} lines, ${MOST_LINES} are the most`);
      if (/(^|[/.-])(utils?|helpers?|misc|common)([./-]|$)/.test(path)) problems.push(`${path} is named for no thing`);
      const tokens = tokenize(source).filter((token) => token.kind !== "comment");
      for (const [at, token] of tokens.entries()) {
        if (token.kind === "word" && token.text === "export" && tokens[at + 1]?.text === "default") {
          problems.push(`${path}:${token.line}: exports by default`);
        }
      }
      return problems;
    });
}
