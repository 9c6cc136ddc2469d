import type { EngineryError } from "../../core/errors.ts";
import type { Epoch } from "../../core/model/manifest.ts";
import type { PinChange } from "./pin-memory.ts";

export type { PinChange } from "./pin-memory.ts";

/** What a host is told of. Whoever is told is never answered by what was before it. */
export type HomeChange =
  /** Another generation is the newest: what is installed, the schedule or a selection may be another. */
  | { readonly kind: "generation"; readonly generation: number; readonly before: number }
  /** The epoch last observed, for questions that name none; null: unknown. */
  | { readonly kind: "epoch"; readonly epoch: Epoch | null; readonly before: Epoch | null }
  | { readonly kind: "pins"; readonly pins: readonly PinChange[] }
  /** Told once while it lasts. */
  | { readonly kind: "error"; readonly error: EngineryError; readonly stops: Stops }
  /** The home can be read again, and `resolve` answers. */
  | { readonly kind: "recovered" };

/**
 * What an error keeps from being answered. `all`: the home was seen to be wrong, and every `resolve` throws this. `soon`: the home
 * could not be looked at, and every `resolve` throws this once the last look is a second old. `some`: what needs what cannot be
 * read, such as one damaged pin, and nothing else.
 */
export type Stops = "all" | "soon" | "some";

export type HomeListener = (change: HomeChange) => void;

export interface Listeners {
  add(listener: HomeListener): Disposable;
  /** Each listener is called soon, in order, once what led here has returned; one that throws keeps no other from being called. */
  tell(change: HomeChange): void;
  clear(): void;
}

export function listenersOf(): Listeners {
  const entries = new Set<{ readonly listener: HomeListener }>();
  return {
    add: (listener) => {
      const entry = { listener };
      entries.add(entry);
      return { [Symbol.dispose]: () => void entries.delete(entry) };
    },
    tell: (change) => {
      for (const entry of entries) queueMicrotask(() => entries.has(entry) && entry.listener(change));
    },
    clear: () => entries.clear(),
  };
}
