import { EngineryError } from "../../core/errors.ts";

export function malformed(
  why: string,
  context: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): EngineryError {
  return new EngineryError("archive-malformed", `The archive is not well formed: ${why}.`, { context, cause });
}

export function hostile(why: string, context: Readonly<Record<string, unknown>> = {}): EngineryError {
  return new EngineryError("archive-hostile", `The archive must not be unpacked: ${why}.`, { context });
}
