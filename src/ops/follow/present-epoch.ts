import { epochObserved } from "../../core/epoch.ts";
import { type EngineryError, isEngineryError } from "../../core/errors.ts";
import type { Observation } from "../../core/model/home.ts";
import type { Epoch } from "../../core/model/manifest.ts";
import type { Home } from "../../store/home.ts";
import type { World } from "../world.ts";

/** The observation and how long it counts, as the last look saw them; what could not be read is an error for who needs it. */
export type PresentEpoch = Readonly<Record<"observation", Seen<Observation>> & Record<"maxAge", Seen<number>>>;

type Seen<T> = { readonly value: T | undefined } | { readonly error: EngineryError };

/** Cost: two small files. */
export function readPresentEpoch(home: Home): PresentEpoch {
  return {
    observation: seen(() => home.clock.read()),
    maxAge: seen(() => home.config.read().epochMaxAge),
  };
}

/** Undefined where no observation is young enough. Errors: `home-damaged`, `config-invalid`, those of a file that cannot be read. */
export function epochNow({ observation, maxAge }: PresentEpoch, { clock }: Pick<World, "clock">): Epoch | undefined {
  if ("error" in observation) throw observation.error;
  if ("error" in maxAge) throw maxAge.error;
  return epochObserved(observation.value, maxAge.value, clock.now());
}

function seen<T>(read: () => T | undefined): Seen<T> {
  try {
    return { value: read() };
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    return { error };
  }
}
