import { checkMaxFuture } from "./check-schedule.ts";
import { EngineryError } from "./errors.ts";
import type { Engine, Epoch, Manifest, Rules } from "./model/manifest.ts";
import { checkReleaseChanges } from "./transition-releases.ts";
import { checkScheduleChange } from "./transition-schedule.ts";

export { lateChanges } from "./late-changes.ts";

/**
 * May `after` follow `before`, judged at `epoch` (the `publishedEpoch` of `after`, or the publisher's own)? Where the epoch
 * is unknown, additions may and alterations may not. The first manifest of a channel may always.
 * Errors: `trust-channel`, `trust-rollback`, `schedule-epoch-lower`, `schedule-empty`, `schedule-in-effect`, `schedule-hole`,
 * `schedule-past-change`, `schedule-alter-pending`, `schedule-alter-unknown`, `schedule-max-future`, `release-changed`.
 */
export function checkTransition(before: Manifest | undefined, after: Manifest, epoch: Epoch | undefined): void {
  if (before === undefined) return;
  checkIdentity(before, after);
  const floor = before.publishedEpoch ?? undefined;
  checkEpoch(floor, epoch);
  checkMaxFuture(after, epoch);
  for (const name of new Set([...Object.keys(before.engines), ...Object.keys(after.engines)])) {
    const [old, next] = [ownEngine(before, name), ownEngine(after, name)];
    checkScheduleChange({
      engine: name,
      before: old?.deployments ?? [],
      after: next?.deployments ?? [],
      rules: (next ?? old)?.rules ?? DEFAULT_RULES,
      epoch,
      floor,
    });
    checkScheduleKept(name, old, next);
    if (old !== undefined && next !== undefined) checkReleaseChanges(name, old, next);
  }
}

const DEFAULT_RULES: Rules = { maxFuture: null, maxDeployments: null, alterPending: "deny" };

function ownEngine(manifest: Manifest, name: string): Engine | undefined {
  return Object.hasOwn(manifest.engines, name) ? manifest.engines[name] : undefined;
}

function checkIdentity(before: Manifest, after: Manifest): void {
  if (after.channel !== before.channel) {
    throw new EngineryError(
      "trust-channel",
      `The manifest is for the channel ${after.channel}, and this is ${before.channel}.`,
      { context: { expected: before.channel, found: after.channel } },
    );
  }
  if (after.serial > before.serial) return;
  throw new EngineryError(
    "trust-rollback",
    `The manifest has serial ${after.serial}, and ${before.serial} was accepted before.`,
    { context: { accepted: before.serial, found: after.serial } },
  );
}

/** Epochs do not go back: who could say a lower one could change what has begun. */
function checkEpoch(floor: Epoch | undefined, epoch: Epoch | undefined): void {
  if (floor === undefined || epoch === undefined || epoch >= floor) return;
  throw new EngineryError(
    "schedule-epoch-lower",
    `The manifest is published at epoch ${epoch}, and the one before it at ${floor}.`,
    { context: { before: floor, after: epoch } },
  );
}

function checkScheduleKept(name: string, before: Engine | undefined, after: Engine | undefined): void {
  if (before === undefined || before.deployments.length === 0 || after?.deployments.length !== 0) return;
  throw new EngineryError("schedule-empty", `${name} had a schedule, and is to have no deployment any more.`, {
    context: { engine: name },
  });
}
