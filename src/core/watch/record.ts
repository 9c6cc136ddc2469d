import type { Observation } from "../model/home.ts";
import type { Epoch } from "../model/manifest.ts";

/**
 * Whether an epoch that was read is written down: where it differs, and, with `epochMaxAge`, at the half of it, so that readers never see it
 * run out. `now` in milliseconds since 1970; a clock that was set makes the recorded instant lie far off, and is reason enough.
 */
export function mustRecord(
  recorded: Observation | undefined,
  epoch: Epoch,
  { now, maxAgeSeconds }: { readonly now: number; readonly maxAgeSeconds: number | undefined },
): boolean {
  if (recorded === undefined || recorded.epoch !== epoch) return true;
  if (maxAgeSeconds === undefined) return false;
  return Math.abs(now - Date.parse(recorded.at)) >= (maxAgeSeconds * 1000) / 2;
}
