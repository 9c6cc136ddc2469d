import { watch } from "node:fs";
import type { Pulse } from "../ports/pulse.ts";

export const nodePulse: Pulse = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
  watch: (folder, ring) => {
    try {
      const watcher = watch(folder, { persistent: false }, ring);
      // the folder is gone, or the system has no watches left
      watcher.on("error", () => watcher.close());
      return { [Symbol.dispose]: () => watcher.close() };
    } catch {
      return undefined;
    }
  },
};
