import type { Outside, ReportManner } from "../../../src/cli/outside.ts";
import { runCommandLine } from "../../../src/cli/run.ts";
import { EngineryError } from "../../../src/core/errors.ts";
import type { Operator } from "../../../src/ops/operator.ts";
import type { Publisher } from "../../../src/ops/publisher.ts";
import { type Asked, cannedOperator, cannedPublisher } from "./canned.ts";

export interface Scene {
  readonly env?: Readonly<Record<string, string>>;
  readonly system?: string;
  /** stdin and stderr are terminals. */
  readonly interactive?: boolean;
  /** stdout and stderr are terminals. */
  readonly terminal?: boolean;
  /** What the person says, in order; more questions than answers is a failure. */
  readonly answers?: readonly (boolean | string | readonly string[])[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly operator?: Partial<Operator>;
  readonly publisher?: Partial<Publisher>;
}

export interface Played {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly asked: readonly Asked[];
  /** Files written, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly questions: readonly string[];
  readonly manner: ReportManner | undefined;
}

/** Plays one command line against canned operators. */
export async function play(argv: readonly string[], scene: Scene = {}): Promise<Played> {
  const asked: Asked[] = [];
  const questions: string[] = [];
  const answers = [...(scene.answers ?? [])];
  const files: Record<string, string> = {};
  const written = { stdout: "", stderr: "" };
  let manner: ReportManner | undefined;
  const ask = (question: string): never => {
    questions.push(question);
    if (answers.length === 0) throw new Error(`nobody answers: ${question}`);
    return answers.shift() as never;
  };
  const output = (name: keyof typeof written) => ({
    isTerminal: scene.terminal === true,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const outside: Outside = {
    argv,
    env: { HOME: "/home/x", ...scene.env },
    system: scene.system ?? "linux",
    stdout: output("stdout"),
    stderr: output("stderr"),
    interactive: scene.interactive === true,
    version: "0.1.0",
    now: () => Date.parse("2026-01-02T03:04:05Z"),
    absolutePath: (path) => (path.startsWith("/") || /^[A-Z]:/.test(path) ? path : `/work/${path}`),
    readFile: async (path) => {
      const content = scene.files?.[path];
      if (content === undefined) throw new EngineryError("missing", `There is no file ${path}.`);
      return typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
    writeFile: async (path, content) => {
      files[path] = content;
    },
    prompter: async () => ({
      confirm: async (question) => ask(question),
      choose: async (question) => ask(question),
      password: async (question) => ask(question),
    }),
    reporter: async (chosen) => {
      manner = chosen;
      return {
        note: () => {},
        warn: () => {},
        progress: () => ({ advance: () => {}, [Symbol.dispose]: () => {} }),
        [Symbol.dispose]: () => {},
      };
    },
    operator: async () => cannedOperator(asked, scene.operator),
    publisher: async () => cannedPublisher(asked, scene.publisher),
  };
  const status = await runCommandLine(outside);
  return { status, ...written, files, asked, questions, manner };
}

/** The last request to `verb`. */
export function requestTo(played: Played, verb: string): Readonly<Record<string, unknown>> {
  const found = played.asked.findLast((each) => each.verb === verb);
  if (found === undefined) throw new Error(`${verb} was not asked: ${played.stderr}`);
  return found.request;
}
