import { isEngineryError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { ToldAlarm, ToldAlarms, Watcher } from "../core/model/home.ts";
import { parseToldAlarms, parseWatcher } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { RECORD_MODE } from "./layout.ts";
import { ownerState } from "./owner.ts";

/** clock/watcher.json: the process that follows the network here. It saves double work; two of them do no harm. */
export interface WatcherRecord {
  /**
   * Writes this process's claim where no living process of this host has one. Answers the process that does; `foreign` where it cannot be
   * told from here, and then the claim is taken over.
   */
  claim(operation: string): { readonly holder: Watcher | undefined; readonly foreign: boolean };
  /** Whether the claim of `operation` is still there. */
  isMine(operation: string): boolean;
  /** Only its own. */
  release(operation: string): void;
  /** What the last `watch` left firing; undefined where nothing was, or it cannot be read: then it is told again. */
  told(): ToldAlarms | undefined;
  /** Durable when it returns. None: the record goes. */
  tell(alarms: readonly ToldAlarm[]): void;
}

export function watcherOf({ layout, durable, reading, host, clock }: Ground): WatcherRecord {
  /** One that cannot be read claims nothing. */
  const read = () => readOrNone(layout.watcher, parseWatcher);

  function readOrNone<T>(path: string, parse: (bytes: Uint8Array) => T): T | undefined {
    try {
      return reading.record(path, parse);
    } catch (error) {
      if (isEngineryError(error, "home-damaged")) return undefined;
      throw error;
    }
  }

  return {
    claim: (operation) => {
      const before = read();
      const owner = before === undefined ? "gone" : ownerState(before.owner, host);
      if (before !== undefined && owner === "alive" && before.owner.pid !== host.self().pid)
        return { holder: before, foreign: false };
      const at = new Date(clock.now()).toISOString();
      const mine: Watcher = { format: 1, operation, at, owner: host.self() };
      durable.replace(layout.watcher, canonicalJson(mine), RECORD_MODE);
      return { holder: undefined, foreign: owner === "foreign" };
    },
    isMine: (operation) => read()?.operation === operation,
    release: (operation) => {
      if (read()?.operation === operation) durable.unlink(layout.watcher);
    },
    told: () => readOrNone(layout.toldAlarms, parseToldAlarms),
    tell: (alarms) => {
      if (alarms.length === 0) {
        durable.unlink(layout.toldAlarms);
        return;
      }
      const told: ToldAlarms = { format: 1, at: new Date(clock.now()).toISOString(), alarms };
      durable.replace(layout.toldAlarms, canonicalJson(told), RECORD_MODE);
    },
  };
}
