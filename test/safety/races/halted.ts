import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Ran, run } from "../support/run.ts";

const AHEAD = fileURLToPath(new URL("ahead.mjs", import.meta.url));
const HALT = fileURLToPath(new URL("halt.mjs", import.meta.url));

/** Right before the first call of that name (as in node:fs) with a path that contains `path`. */
export interface Halt {
  readonly call: string;
  readonly path: string;
}

/** A command that was stopped in its midst. */
export interface Halted {
  /** Lets it go on to its end. */
  goOn(): Promise<Ran>;
}

/** Starts the command and answers once it is stopped. `told`: a file that is not there yet. */
export async function halted(
  program: string,
  words: readonly string[],
  { call, path }: Halt,
  told: string,
): Promise<Halted> {
  const env = { NODE_OPTIONS: `--import=${HALT}`, SAFETY_HALT: `${call}|${path}|${told}` };
  let isOver = false;
  const ran = run(program, words, { env }).finally(() => {
    isOver = true;
  });
  for (let tries = 0; !isStopped(told); tries++) {
    if (isOver) throw new Error(`It was not stopped before ${call} ${path}: ${JSON.stringify(await ran)}`);
    if (tries === 3000) throw new Error(`It was neither stopped nor over: ${words.join(" ")}`);
    await pause(10);
  }
  return {
    goOn: async () => {
      process.kill(Number(readFileSync(told, "utf8")), "SIGCONT");
      return await ran;
    },
  };
}

function isStopped(told: string): boolean {
  if (!existsSync(told)) return false;
  const pid = readFileSync(told, "utf8");
  if (pid === "") return false;
  const text = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
  return text.slice(text.lastIndexOf(")") + 2).startsWith("T");
}

/** Runs with a clock that is an hour ahead. */
export async function runAhead(program: string, words: readonly string[]): Promise<Ran> {
  return await run(program, words, { env: { NODE_OPTIONS: `--import=${AHEAD}` } });
}

/** Removes the lock's folder again and again until it is disposed of. */
export function removingLock(home: string): Disposable {
  const child = spawn("sh", ["-c", `while :; do rm -rf '${home}/.writer'; sleep 0.01; done`], { stdio: "ignore" });
  return { [Symbol.dispose]: () => void child.kill("SIGKILL") };
}
