import { ERROR_CODES, type ErrorCode, type ExitStatus } from "./error-codes.ts";

export type { ErrorCode, ExitStatus } from "./error-codes.ts";

export interface ErrorDetails {
  /** What to do about it, one sentence; the code's own where left out. */
  readonly hint?: string;
  /** Facts for programs: names, paths, expected and found. Never a secret. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error that leaves any room: a code to match on, a sentence of what is wrong, a sentence of what to do. */
export class EngineryError extends Error {
  override readonly name = "EngineryError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? ERROR_CODES[code].mend;
    this.context = details.context ?? {};
  }

  /** The process exit status of docs/CLI.md. */
  get exitStatus(): ExitStatus {
    return ERROR_CODES[this.code].exit;
  }
}

/** Whether `error` is ours, and with one of `codes` where any are given. */
export function isEngineryError(error: unknown, ...codes: readonly ErrorCode[]): error is EngineryError {
  return error instanceof EngineryError && (codes.length === 0 || codes.includes(error.code));
}
