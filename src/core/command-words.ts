import { EngineryError, type ErrorCode } from "./errors.ts";

/** Words of a command line: blanks separate, quotes hold together. Errors: `usage`, or `code`, where a quote is left open. */
export function commandWords(value: string, said: string, code: ErrorCode = "usage"): readonly string[] {
  const words = [...value.matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"'])+/g)].map((match) =>
    match[0].replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"),
  );
  if (/["']/.test(value.replaceAll(/"[^"]*"|'[^']*'/g, ""))) {
    throw new EngineryError(code, `${said} has a quote that is not closed.`);
  }
  return words;
}
