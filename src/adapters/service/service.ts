import type { Service } from "../../ports/service.ts";
import { createChildProcess } from "../child-process.ts";
import { serviceManager } from "./service-manager.ts";

/** This process, as signals and the environment tell it. */
export function createService(env: Readonly<Record<string, string | undefined>>): Service {
  return {
    listen: ({ stop, reload }) => {
      let asked = false;
      const dispose = () => {
        for (const name of STOPS) process.removeListener(name, stopping);
        process.removeListener("SIGHUP", reload);
      };
      const stopping = (signal: NodeJS.Signals) => {
        if (!asked) {
          // The listener stays: the lock's library raises a signal again that nobody else listens to.
          asked = true;
          stop(signal);
          return;
        }
        dispose();
        process.kill(process.pid, signal);
      };
      for (const name of STOPS) process.on(name, stopping);
      process.on("SIGHUP", reload);
      return { [Symbol.dispose]: dispose };
    },
    manager: serviceManager(env, createChildProcess()),
  };
}

const STOPS = ["SIGTERM", "SIGINT"] as const;
