import type { Epoch, Manifest } from "../../core/model/manifest.ts";
import { checkSchedule } from "../../core/schedule.ts";
import { checkTransition } from "../../core/transition.ts";

/**
 * The rules that a client will hold the manifest to, at the publisher's epoch.
 * Errors: `schedule-*`, `library-name-conflict`, `release-changed`.
 */
export function checkDraft(published: Manifest | undefined, draft: Manifest, epoch: Epoch | undefined): void {
  checkSchedule({ ...draft, publishedEpoch: epoch ?? null });
  checkTransition(published, draft, epoch);
}
