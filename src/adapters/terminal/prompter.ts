import { EngineryError } from "../../core/errors.ts";
import type { Prompter } from "../../ports/prompter.ts";

/** Asks on stderr, reads from stdin. Errors: `refused` where the question is broken off. */
export async function createPrompter(): Promise<Prompter> {
  const { checkbox, confirm, password } = await import("./questions.ts");
  const terminal = { input: process.stdin, output: process.stderr, clearPromptOnDone: false };
  return {
    confirm: (question, byDefault) => answered(confirm({ message: question, default: byDefault }, terminal)),
    choose: (question, choices) =>
      answered(
        checkbox(
          { message: question, choices: choices.map((choice) => ({ ...choice, checked: true })), required: true },
          terminal,
        ),
      ),
    password: (question) => answered(password({ message: question, mask: "*" }, terminal)),
  };
}

async function answered<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof Error) || !["ExitPromptError", "AbortPromptError"].includes(cause.name)) throw cause;
    throw new EngineryError("refused", "The question was broken off; nothing was changed.", {
      hint: "Say it again with --yes where nobody is to be asked.",
      cause,
    });
  }
}
