import { EngineryError, type ErrorDetails } from "../../core/errors.ts";
import type { MetadataRole } from "../../core/metadata-rules.ts";

/** `expires` as metadata says it; `now` in milliseconds since 1970. */
export function expiredError(
  role: MetadataRole,
  expires: string,
  now: number,
  details: ErrorDetails = {},
): EngineryError {
  const instant = `${new Date(now).toISOString().slice(0, 19)}Z`;
  return new EngineryError("trust-expired", `The ${role} expired at ${expires}, and it is ${instant} now.`, {
    ...details,
    context: { role, expires, now: instant },
  });
}
