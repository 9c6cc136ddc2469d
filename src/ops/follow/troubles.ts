import type { EngineryError } from "../../core/errors.ts";
import type { Listeners, Stops } from "./changes.ts";

/** Each trouble that looks meet is told once while it lasts. */
export interface Troubles {
  /** A look begins. */
  begin(): void;
  met(error: EngineryError, stops: Stops): void;
  /** It is over: what it did not meet is no more. */
  end(): void;
}

export function troublesOf(listeners: Listeners): Troubles {
  let known = new Map<string, Stops>();
  let met = new Map<string, Stops>();
  return {
    begin: () => {
      met = new Map();
    },
    met: (error, stops) => {
      const key = `${error.code} ${error.message}`;
      met.set(key, stops);
      if (known.get(key) !== stops) listeners.tell({ kind: "error", error, stops });
    },
    end: () => {
      const wasStopped = [...known.values()].some(isStop);
      if (wasStopped && ![...met.values()].some(isStop)) listeners.tell({ kind: "recovered" });
      known = met;
    },
  };
}

function isStop(stops: Stops): boolean {
  return stops !== "some";
}
