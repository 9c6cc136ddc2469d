import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Removing } from "../ports/removing.ts";
import { removingThread } from "./removing-thread.ts";

/** A thread takes some 20 ms to start, in which this one has removed as many. */
const WORTH_FILES = 1000;
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 } as const;

/** `cores`: how many threads may work at once; left out: as many as the machine has. */
export function nodeRemoving(platform: string = process.platform, cores?: number): Removing {
  return {
    help: ({ folders, files }) => {
      // Windows refuses to remove what is on its way out already
      if (platform === "win32" || files < WORTH_FILES || (cores ?? availableParallelism()) < 2) return undefined;
      try {
        const worker = new Worker(`(${removingThread.toString()})()`, {
          eval: true,
          execArgv: [],
          env: {},
          workerData: folders,
          resourceLimits: LIMITS,
        });
        worker.unref();
        worker.on("error", () => {});
        return { [Symbol.dispose]: () => void worker.terminate() };
      } catch {
        return undefined;
      }
    },
  };
}
