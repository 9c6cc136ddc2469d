import { ERROR_CODES, type ErrorCode, type ExitStatus } from "../../core/error-codes.ts";
import type { FailedRelease } from "../../ops/operator.ts";

/** Decided before: nothing was tried, and a timer is not to be red for ever over what it was told to leave alone. */
const LEFT_ALONE: readonly ErrorCode[] = ["release-quarantined", "release-withdrawn"];

/** What was sound is committed; the status tells of the first that was tried and failed. */
export function statusOfFailed(failed: readonly FailedRelease[]): ExitStatus {
  const first = failed.find(({ code }) => !LEFT_ALONE.includes(code));
  return first === undefined ? 0 : ERROR_CODES[first.code].exit;
}
