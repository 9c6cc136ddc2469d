import { isEngineryError } from "../../core/errors.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, mended } from "./findings.ts";

const REASON = "The record of the hold was damaged.";

/** That somebody stopped automatic upgrades must not be forgotten: written anew it has no end. */
export function holdFindings({ world, home, fix }: Examination): readonly Finding[] {
  try {
    home.hold.read();
    return [];
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    if (!fix) return [bad(error.code, error.message, "enginery doctor --fix, or enginery unhold")];
    home.hold.write({ format: 1, at: new Date(world.clock.now()).toISOString(), reason: REASON });
    return [mended(error.code, `${error.message} Automatic upgrades stay stopped.`, "Let them go on: enginery unhold")];
  }
}
