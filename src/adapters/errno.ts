import { EngineryError, type ErrorCode } from "../core/errors.ts";

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "disk-full",
  EDQUOT: "disk-full",
  EACCES: "permission",
  EPERM: "permission",
  EROFS: "read-only",
  ENOENT: "missing",
  ENOTDIR: "missing",
};

const MEANS: Partial<Readonly<Record<ErrorCode, string>>> = {
  "disk-full": "the disk is full",
  permission: "the operating system forbids it",
  "read-only": "the file system is read-only",
  missing: "there is no such file or folder",
};

/** The errno's name (`ENOENT`) of an error that Node made of one. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/**
 * An error of the operating system in our words. What is no errno (a bug) comes back as it is.
 * `call` is the system's name for what was asked (`rename`), `path` what it was asked for.
 */
export function translateErrno(error: unknown, call: string, path: string): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || error instanceof EngineryError) return error;
  const code = CODES[errno] ?? "io";
  const means = MEANS[code] ?? "the operating system reports an error";
  return new EngineryError(code, `Cannot ${call} ${path}: ${means} (${errno}).`, {
    context: { errno, call, path },
    cause: error,
  });
}

/** Runs `action`; an errno in `answers` gives its answer instead of an error, any other is translated. */
export function calling<T>(call: string, path: string, action: () => T, answers: Readonly<Record<string, T>> = {}): T {
  try {
    return action();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== undefined && Object.hasOwn(answers, errno)) return answers[errno] as T;
    throw translateErrno(error, call, path);
  }
}
