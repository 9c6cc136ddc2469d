import { isEngineryError } from "../src/core/errors.ts";

/** The words that were said are wrong; what the script takes is said with it. */
export class WrongWords extends Error {}

/**
 * Does the work of a script that publishers call. What is wrong with its words or files is one line and what mends it on stderr, and the exit
 * code 2 (words) or 1; a bug of ours keeps its stack. `usage`: the whole command.
 */
export async function plainly(name: string, usage: string, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isWords = error instanceof WrongWords || codeOf(error)?.startsWith("ERR_PARSE_ARGS");
    if (!(error instanceof Error) || !(isWords || isTold(error))) throw error;
    const mend = isWords ? `Use: ${usage}` : isEngineryError(error) ? error.hint : undefined;
    process.stderr.write(`${name}: error ${error.message}\n${mend === undefined ? "" : `${mend}\n`}`);
    process.exitCode = isWords ? 2 : 1;
  }
}

/** By us or by the system; a TypeError is neither. */
function isTold(error: Error): boolean {
  return isEngineryError(error) || error.constructor === Error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
