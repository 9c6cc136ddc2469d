import type { EngineryError } from "../../core/errors.ts";
import type { Problem } from "../../core/watch/conditions.ts";

export function problemOf({ code, message, hint }: EngineryError): Problem {
  return { code, message, hint };
}
