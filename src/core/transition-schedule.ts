import { EngineryError, type ErrorCode } from "./errors.ts";
import type { Deployment, Epoch, Rules, Version } from "./model/manifest.ts";
import { inEffect } from "./schedule.ts";

export interface ScheduleChange {
  readonly engine: string;
  readonly before: readonly Deployment[];
  readonly after: readonly Deployment[];
  /** Of the manifest that makes the change: it is signed by the same people as the rule. */
  readonly rules: Rules;
  readonly epoch: Epoch | undefined;
  /** An epoch that was reached for certain, known or not what it is now. */
  readonly floor: Epoch | undefined;
}

/** One engine's deployments against those before: see `checkTransition`. */
export function checkScheduleChange(asked: ScheduleChange): void {
  const { before: old, epoch } = asked;
  const change = {
    ...asked,
    answer: epoch === undefined ? undefined : inEffect(old, epoch)?.version,
    oldest: asked.after.toSorted((one, other) => one.validFrom - other.validFrom)[0],
  };
  const after = byVersion(change.after);
  for (const old of change.before) {
    const now = after.get(old.version);
    if (now?.validFrom !== old.validFrom) checkAltered(change, old, now);
  }
  const before = byVersion(change.before);
  for (const added of change.after) {
    if (!before.has(added.version)) checkAhead(change, added);
  }
}

interface JudgedChange extends ScheduleChange {
  /** In effect before, at `epoch`. */
  readonly answer: Version | undefined;
  /** Of those after. */
  readonly oldest: Deployment | undefined;
}

function byVersion(deployments: readonly Deployment[]): ReadonlyMap<string, Deployment> {
  return new Map(deployments.map((deployment) => [deployment.version, deployment]));
}

function checkAltered(change: JudgedChange, old: Deployment, now: Deployment | undefined): void {
  const { engine, epoch } = change;
  const what = now === undefined ? "removed" : `moved to ${now.validFrom}`;
  const subject = `${engine}@${old.version}, valid from ${old.validFrom}, is ${what}`;
  if (epoch === undefined)
    throw refusal("schedule-alter-unknown", change, old, `${subject}, and the epoch is unknown.`);
  if (old.validFrom > epoch) {
    if (now !== undefined) checkAhead(change, now);
    if (change.rules.alterPending === "allow") return;
    throw refusal("schedule-alter-pending", change, old, `${subject}, and its rules forbid to alter what is pending.`);
  }
  if (change.answer === old.version) {
    throw refusal("schedule-in-effect", change, old, `${subject}, and is in effect at ${epoch}.`);
  }
  if (now !== undefined) {
    throw refusal("schedule-past-change", change, old, `${subject}, and that epoch has passed at ${epoch}.`);
  }
  checkNoHole(change, old);
}

/** What is superseded goes oldest first: an older one that stayed would answer for its epochs. */
function checkNoHole(change: JudgedChange, removed: Deployment): void {
  const older = change.oldest;
  if (older === undefined || older.validFrom >= removed.validFrom) return;
  const message = `${change.engine}@${removed.version} is removed, and the older ${older.version} would answer for its epochs.`;
  throw refusal("schedule-hole", change, removed, message);
}

function checkAhead(change: ScheduleChange, added: Deployment): void {
  const reached = change.epoch ?? change.floor;
  if (reached === undefined || added.validFrom > reached) return;
  const message = `${change.engine}@${added.version} is to be valid from ${added.validFrom}, and the epoch is ${reached} already.`;
  throw refusal("schedule-past-change", change, added, message);
}

function refusal(code: ErrorCode, change: ScheduleChange, deployment: Deployment, message: string): EngineryError {
  const { engine, epoch } = change;
  return new EngineryError(code, message, { context: { engine, ...deployment, epoch: epoch ?? null } });
}
