import { EngineryError } from "../core/errors.ts";
import { NO_COLOURS, type Paint, printable } from "./render/paint.ts";

/** What anything thrown is for a person or a program: ours as it is, all else a bug of ours. */
export function asEngineryError(thrown: unknown): EngineryError {
  if (thrown instanceof EngineryError) return thrown;
  // Cleaning up after a failure failed as well, as it does where a disk is read-only: the first failure is the one to tell.
  if (thrown instanceof SuppressedError) return asEngineryError(thrown.suppressed);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EngineryError("internal", message === "" ? "Something went wrong." : sentence(message), { cause: thrown });
}

/** The --json document of a failure. */
export function failureDocument(error: EngineryError, verbose: boolean): unknown {
  const stack = verbose && error.code === "internal" ? { stack: stackOf(error) } : {};
  return {
    error: { code: error.code, message: error.message, hint: error.hint, context: { ...error.context, ...stack } },
  };
}

/** Two lines: what is wrong, what to do. Under -v with a bug of ours: where. */
export function failureText(error: EngineryError, verbose: boolean, paint: Paint = NO_COLOURS): string {
  const lines = [`${paint.bad("enginery: error")} ${error.code} ${printable(error.message)}`, printable(error.hint)];
  if (verbose && error.code === "internal") lines.push(stackOf(error));
  return `${lines.join("\n")}\n`;
}

function stackOf(error: EngineryError): string {
  const cause = error.cause;
  return (cause instanceof Error ? cause.stack : error.stack) ?? "";
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
