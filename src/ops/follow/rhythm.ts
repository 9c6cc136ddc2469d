import { EngineryError, isEngineryError } from "../../core/errors.ts";
import type { Pulse } from "../../ports/pulse.ts";
import type { StorePorts } from "../../store/ports.ts";
import type { Listeners } from "./changes.ts";
import type { HomeMemory } from "./home-memory.ts";

/** How often we look without being told of anything. */
export const LOOK_EVERY_MS = 500;
/** How long after a look the next one begins at the earliest, however often the home changes. */
const LOOK_AFTER_MS = 100;
/** For so long pins are read before others may have the thread, and for so long they have it. */
const SLICE_MS = 5;

/** Has a memory look now and then, and soon after the OS tells that something has changed; keeps no process alive. */
export interface Rhythm extends Disposable {
  /** Something was seen that is to be read. */
  readSoon(): void;
}

export function rhythmOf(world: StorePorts, pulse: Pulse, memory: HomeMemory, listeners: Listeners): Rhythm {
  const watched = new Map<string, { readonly inode: number | undefined; readonly watcher: Disposable | undefined }>();
  const waiting = new Map<"look" | "early" | "read", Disposable>();
  let lookedAt = pulse.now();

  /** One of each kind waits at a time. */
  function later(kind: "look" | "early" | "read", ms: number, act: () => void): void {
    if (waiting.has(kind)) return;
    const run = () => {
      waiting.delete(kind);
      act();
    };
    waiting.set(kind, pulse.after(ms, run));
  }

  function look(): void {
    lookedAt = pulse.now();
    try {
      memory.look();
    } catch (error) {
      // ours were told; a bug is no reason to end the host, and whoever asks meets it
      if (!isEngineryError(error)) {
        const bug = new EngineryError("internal", `The home could not be followed: ${String(error)}`, { cause: error });
        listeners.tell({ kind: "error", error: bug, stops: "soon" });
      }
    }
    watchFolders();
    readSoon();
  }

  function readSoon(): void {
    later("read", 0, readSlice);
  }

  function readSlice(): void {
    const until = pulse.now() + SLICE_MS;
    if (!memory.readOn(() => pulse.now() >= until)) later("read", SLICE_MS, readSlice);
  }

  function lookNowAndThen(): void {
    later("look", LOOK_EVERY_MS, () => {
      look();
      lookNowAndThen();
    });
  }

  const lookEarly = () => later("early", Math.max(0, lookedAt + LOOK_AFTER_MS - pulse.now()), look);

  /** A folder that was put in another's place is another one to watch. */
  function watchFolders(): void {
    for (const folder of memory.home.tidings) {
      const inode = inodeOf(folder);
      const known = watched.get(folder);
      if (known !== undefined && known.inode === inode) continue;
      known?.watcher?.[Symbol.dispose]();
      watched.set(folder, { inode, watcher: inode === undefined ? undefined : pulse.watch(folder, lookEarly) });
    }
  }

  function inodeOf(folder: string): number | undefined {
    try {
      return world.fileSystem.status(folder)?.inode;
    } catch (error) {
      if (isEngineryError(error)) return undefined;
      throw error;
    }
  }

  watchFolders();
  lookNowAndThen();
  readSoon();
  return {
    readSoon,
    [Symbol.dispose]: () => {
      for (const timer of waiting.values()) timer[Symbol.dispose]();
      for (const { watcher } of watched.values()) watcher?.[Symbol.dispose]();
      waiting.clear();
      watched.clear();
    },
  };
}
