import { ERROR_CODES, type ExitStatus } from "../../core/error-codes.ts";
import type { FailedRelease } from "../../ops/operator.ts";

/** What was sound is committed; the status tells of the first that was not. */
export function statusOfFailed(failed: readonly FailedRelease[]): ExitStatus {
  const first = failed[0];
  return first === undefined ? 0 : ERROR_CODES[first.code].exit;
}
