import { EngineryError, type ErrorDetails } from "../../core/errors.ts";
import type { MetadataRole } from "../../core/metadata-rules.ts";

/** What expired so is never taken, whatever is said. */
const NEVER_ALLOWED = "Ask the publisher: --allow-expired takes timestamp and snapshot alone.";

/** `expires` as metadata says it; `now` in milliseconds since 1970. */
export function expiredError(
  role: MetadataRole,
  expires: string,
  now: number,
  details: ErrorDetails = {},
): EngineryError {
  const instant = `${new Date(now).toISOString().slice(0, 19)}Z`;
  return new EngineryError("trust-expired", `The ${role} expired at ${expires}, and it is ${instant} now.`, {
    ...(role === "root" || role === "targets" ? { hint: NEVER_ALLOWED } : {}),
    ...details,
    context: { role, expires, now: instant },
  });
}
