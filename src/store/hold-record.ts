import { canonicalJson } from "../core/json.ts";
import type { Hold } from "../core/model/home.ts";
import { parseHold } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { RECORD_MODE } from "./layout.ts";

/** hold.json: an operator's word that automatic upgrades stop; whether it is over is for core to decide. */
export interface HoldRecord {
  /** Errors: `home-damaged`. */
  read(): Hold | undefined;
  /** Whether there is one, readable or not. */
  isThere(): boolean;
  /** Durable when it returns. */
  write(hold: Hold): void;
  /** Durable when it returns; false where there was none. */
  remove(): boolean;
}

export function holdOf({ layout, fileSystem, durable, reading }: Ground): HoldRecord {
  return {
    read: () => reading.record(layout.hold, parseHold),
    isThere: () => fileSystem.status(layout.hold) !== undefined,
    write: (hold) => durable.replace(layout.hold, canonicalJson(hold), RECORD_MODE),
    remove: () => durable.unlink(layout.hold),
  };
}
