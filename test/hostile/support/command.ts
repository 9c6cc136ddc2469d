import { readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Outside } from "../../../src/cli/outside.ts";
import { runCommandLine } from "../../../src/cli/run.ts";
import { composeOperator, composePublisher, writeNamed } from "../../../src/compose.ts";
import type { TestWorld } from "../../support/test-world.ts";

export interface Commanded {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of the error's document, where `--json` was said and there is one. */
  readonly code: string | undefined;
}

/** One command line on the real disk and the real network, in this process: no terminal, no settings of the caller's, everything answered with yes. */
export async function command(world: TestWorld, argv: readonly string[]): Promise<Commanded> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({
    isTerminal: false,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const outside: Outside = {
    argv,
    env: { HOME: world.folder, ENGINERY_YES: "1" },
    system: "linux",
    stdout: output("stdout"),
    stderr: output("stderr"),
    interactive: false,
    version: "0.0.0",
    now: () => world.time,
    absolutePath: (path) => (isAbsolute(path) ? path : resolve(world.folder, path)),
    readFile: async (path) => readFileSync(path),
    writeFile: writeNamed,
    prompter: () => Promise.reject(new Error("nobody is there")),
    reporter: async () => ({ ...world.reporter, [Symbol.dispose]: () => {} }),
    operator: async () => composeOperator(world),
    publisher: async () => composePublisher(world),
  };
  const status = await runCommandLine(outside);
  return { status, ...written, code: codeOf(written.stdout) };
}

function codeOf(stdout: string): string | undefined {
  try {
    return JSON.parse(stdout).error?.code;
  } catch {
    return undefined;
  }
}
