import type { Generation } from "../core/model/home.ts";
import type { TrustKeeper } from "../ports/trust.ts";
import type { Home } from "../store/home.ts";
import { isVouchedFor, trustSetProblem, wholeSets } from "./trust-state.ts";

export interface TrustMend {
  /** Sets that cannot be read or whose signatures do not hold. */
  readonly damaged: readonly number[];
  /** The damaged set that the newest generation names was put back from another whole one that vouches for the same manifest. */
  readonly restored: boolean;
  /** Whether any set of this home is whole: else nothing but the publisher's root helps. */
  readonly lost: boolean;
  /** Whether the newest generation still names no sound set: the repository has to be asked. */
  readonly open: boolean;
}

/** What of a home's trust is damaged; changes nothing. `manifest`: of the newest generation, where it can be read. */
export function surveyTrust(
  keeper: TrustKeeper,
  home: Home,
  newest: Generation,
  manifest: Uint8Array | undefined,
): TrustMend {
  const whole = wholeSets(keeper, home, newest.channel);
  const known = new Set([...home.trust.numbers(), newest.trustSet]);
  const damaged = [...known].filter((number) => !whole.includes(number)).sort((one, other) => one - other);
  const open = !isNamedSound(keeper, home, newest, manifest);
  return { damaged, restored: false, lost: whole.length === 0, open };
}

/**
 * Mends from the home alone: never takes an older set for what another one vouched for. What is damaged is set aside, so that the next
 * refresh goes on from the newest whole set; the accepted manifest, and with it the lowest serial that is taken, stays what it was.
 */
export function mendTrust(
  keeper: TrustKeeper,
  home: Home,
  newest: Generation,
  manifest: Uint8Array | undefined,
): TrustMend {
  const found = surveyTrust(keeper, home, newest, manifest);
  // with nothing whole left the damaged sets stay where people can look at them
  if (found.lost) return found;
  const restored = found.open && manifest !== undefined && restoreNamed(keeper, home, newest, manifest);
  for (const number of found.damaged) {
    if (!restored || number !== newest.trustSet) home.trust.setAside(number);
  }
  return { ...found, restored, open: found.open && !restored };
}

function restoreNamed(keeper: TrustKeeper, home: Home, newest: Generation, manifest: Uint8Array): boolean {
  const twin = wholeSets(keeper, home, newest.channel).findLast(
    (number) => trustSetProblem(keeper, home, number, newest.channel, manifest) === undefined,
  );
  if (twin === undefined) return false;
  home.trust.restore(newest.trustSet, home.trust.read(twin));
  return true;
}

function isNamedSound(keeper: TrustKeeper, home: Home, newest: Generation, manifest: Uint8Array | undefined): boolean {
  return manifest === undefined
    ? trustSetProblem(keeper, home, newest.trustSet, newest.channel) === undefined
    : isVouchedFor(keeper, home, newest, manifest);
}
