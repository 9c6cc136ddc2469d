import { type EngineryError, isEngineryError } from "../../core/errors.ts";
import type { Generation } from "../../core/model/home.ts";
import type { Home } from "../../store/home.ts";
import { acceptedManifest } from "../snapshot.ts";
import type { World } from "../world.ts";

/** One run of `doctor`. */
export interface Examination {
  readonly world: World;
  readonly home: Home;
  readonly fix: boolean;
  readonly versionProblem: EngineryError | undefined;
  /** As it is now; undefined where there is none or it cannot be read. */
  newest(): Generation | undefined;
  /** Of the newest generation; undefined where it is lost. */
  manifest(): Uint8Array | undefined;
}

export function begunAs(run: Pick<Examination, "world" | "home" | "fix" | "versionProblem">): Examination {
  const newest = () => orNone(() => run.home.generations.newest());
  return {
    ...run,
    newest,
    manifest: () => {
      const generation = newest();
      return generation && orNone(() => acceptedManifest(run.home, generation));
    },
  };
}

/** Damage is told by the examiner whose matter it is. */
export function orNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isEngineryError(error)) return undefined;
    throw error;
  }
}
