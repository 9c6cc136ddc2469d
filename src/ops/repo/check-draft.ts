import { EngineryError, isEngineryError } from "../../core/errors.ts";
import type { Epoch, Manifest } from "../../core/model/manifest.ts";
import { encodeManifest, parseManifest } from "../../core/parse-manifest.ts";
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

/** The manifest as a client will read it. Errors: `usage` where it would not: a reason too long, a probe with too many arguments, ... */
export function requireReadable(manifest: Manifest): Manifest {
  try {
    return parseManifest(encodeManifest(manifest));
  } catch (error) {
    if (!isEngineryError(error, "document-invalid")) throw error;
    throw new EngineryError("usage", `No client would read that: ${error.message}`, { cause: error });
  }
}
