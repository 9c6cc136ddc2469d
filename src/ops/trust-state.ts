import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Generation } from "../core/model/home.ts";
import { channelFile } from "../core/repository-paths.ts";
import type { TrustKeeper, TrustSet } from "../ports/trust.ts";
import type { Home } from "../store/home.ts";
import type { World } from "./world.ts";

export const ROOT_AGAIN = "Give the publisher's root again: enginery install --root FILE (or --root-sha256 HEX).";

/** What reads and checks sets, and never fetches. */
export function offlineKeeper(world: World): Promise<TrustKeeper> {
  const offline = new EngineryError("offline", "Signatures are checked from the home alone.");
  return world.trust({ open: () => Promise.reject(offline) });
}

/** What is wrong with that set by itself, expiry aside; with `manifest`: as the one that vouches for it too. One sentence. */
export function trustSetProblem(
  keeper: TrustKeeper,
  home: Home,
  number: number,
  channel: string,
  manifest?: Uint8Array,
): string | undefined {
  try {
    const problems = keeper.check(home.trust.read(number), channel, manifest ?? new Uint8Array());
    return problems.find(({ file }) => manifest !== undefined || file !== channelFile(channel))?.message;
  } catch (error) {
    if (isEngineryError(error)) return error.message;
    throw error;
  }
}

/** Ascending. */
export function wholeSets(keeper: TrustKeeper, home: Home, channel: string): readonly number[] {
  return home.trust.numbers().filter((number) => trustSetProblem(keeper, home, number, channel) === undefined);
}

/** The newest set, from which a refresh goes on: never an older one instead. Errors: `home-damaged`. */
export function believedSet(keeper: TrustKeeper, home: Home, newest: Generation): TrustSet {
  const number = home.trust.newest() ?? newest.trustSet;
  const problem = trustSetProblem(keeper, home, number, newest.channel);
  if (problem === undefined) return home.trust.read(number);
  const hint = wholeSets(keeper, home, newest.channel).length > 0 ? "Mend it: enginery doctor --fix" : ROOT_AGAIN;
  throw new EngineryError("home-damaged", `The trust set ${number} of this home is damaged: ${problem}`, {
    hint,
    context: { trustSet: number },
  });
}

/** Whether the set that a generation names is there, whole, and vouches for its manifest. */
export function isVouchedFor(keeper: TrustKeeper, home: Home, newest: Generation, manifest: Uint8Array): boolean {
  return trustSetProblem(keeper, home, newest.trustSet, newest.channel, manifest) === undefined;
}
