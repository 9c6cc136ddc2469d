import { isEngineryError } from "../../core/errors.ts";
import type { Config } from "../../core/model/home.ts";
import { watchSettings } from "../../core/watch/settings.ts";
import type { Home } from "../../store/home.ts";
import { problemOf } from "./problem.ts";
import type { Session } from "./session.ts";
import type { WatchRequest } from "./words.ts";

/** Looks at config.json again; one that cannot be used leaves what held before, and is told. */
export function readSettings(session: Session): void {
  try {
    session.config = configOf(session.home, session.request);
    session.settings = watchSettings(session.config);
    session.misconfigured = undefined;
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    session.misconfigured = problemOf(error);
  }
}

/** config.json, what the environment says over it, and what the command line does. Errors: `config-invalid`, `home-damaged`. */
export function configOf(home: Home, { config, settings }: Pick<WatchRequest, "config" | "settings">): Config {
  return { ...home.config.read(), ...config, ...settings };
}
