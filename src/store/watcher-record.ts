import { isEngineryError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { Watcher } from "../core/model/home.ts";
import { parseWatcher } from "../core/parse-home.ts";
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
}

export function watcherOf({ layout, durable, reading, host, clock }: Ground): WatcherRecord {
  /** One that cannot be read claims nothing. */
  function read(): Watcher | undefined {
    try {
      return reading.record(layout.watcher, parseWatcher);
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
  };
}
