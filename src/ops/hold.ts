import { isEngineryError } from "../core/errors.ts";
import { holdEnd, holds } from "../core/hold.ts";
import type { Hold } from "../core/model/home.ts";
import type { Epoch } from "../core/model/manifest.ts";
import type { Home } from "../store/home.ts";
import type { StandingHold } from "./answers.ts";
import { record } from "./commit.ts";
import { prepareToWrite } from "./locking.ts";
import type { ChangeRequest, HoldResult } from "./operator.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

type HoldRequest = ChangeRequest & { readonly until?: string | undefined; readonly reason?: string | undefined };

/** Stops automatic upgrades (docs/operations/hold.md); one file, replaced by rename. Errors: `usage`, `refused` for an end that has come. */
export async function hold(world: World, request: HoldRequest): Promise<HoldResult> {
  const snapshot = takeSnapshot(world, request);
  const { home } = snapshot;
  const now = world.clock.now();
  // an end that is an instant can be said where the observation is damaged
  const facts = { now, epoch: request.until?.startsWith("epoch:") ? snapshot.epoch : undefined };
  const next: Hold = {
    format: 1,
    at: new Date(now).toISOString(),
    ...(request.until === undefined ? {} : holdEnd(request.until, facts)),
    ...(request.reason === undefined ? {} : { reason: request.reason }),
  };
  const before = readOrUndefined(home);
  const changed = !sameWords(before, next);
  if (!request.dryRun && changed) {
    prepareToWrite(world, home);
    home.hold.write(next);
    const { format, at, ...said } = next;
    record(world, home, world.identifiers.operation(), "hold", said);
  }
  const kept = changed || before === undefined ? next : before;
  return { hold: shown(kept), before: shown(before), changed, ...(request.dryRun ? { dryRun: true as const } : {}) };
}

/** Automatic upgrades go on. A hold that cannot be read goes as well: whoever says this knows that there was one. */
export async function unhold(world: World, request: ChangeRequest): Promise<HoldResult> {
  const { home } = takeSnapshot(world, request);
  const before = readOrUndefined(home);
  const changed = home.hold.isThere();
  if (!request.dryRun && changed) {
    prepareToWrite(world, home);
    home.hold.remove();
    record(world, home, world.identifiers.operation(), "unhold", {});
  }
  return { hold: null, before: shown(before), changed, ...(request.dryRun ? { dryRun: true as const } : {}) };
}

/** The hold that is not over; undefined where automatic upgrades go on. Errors: `home-damaged`. */
export function standingHold(
  world: World,
  { home, epoch }: { readonly home: Home; readonly epoch: Epoch | undefined },
): StandingHold | undefined {
  const said = home.hold.read();
  if (said === undefined || !holds(said, { now: world.clock.now(), epoch })) return undefined;
  const { format, ...rest } = said;
  return rest;
}

/** A damaged hold is replaced or removed: whoever says anew what holds knows it. */
function readOrUndefined(home: Home): Hold | undefined {
  try {
    return home.hold.read();
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return undefined;
    throw error;
  }
}

/** The instant at which it was said aside. */
function sameWords(one: Hold | undefined, other: Hold): boolean {
  return (
    one !== undefined && one.until === other.until && one.untilEpoch === other.untilEpoch && one.reason === other.reason
  );
}

function shown(hold: Hold | undefined): StandingHold | null {
  if (hold === undefined) return null;
  const { format, ...rest } = hold;
  return rest;
}
