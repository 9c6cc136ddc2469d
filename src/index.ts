import { resolve as absolute } from "node:path";
import { nodeClock } from "./adapters/node-clock.ts";
import { nodeDigester } from "./adapters/node-digester.ts";
import { nodeFileSystem } from "./adapters/node-file-system.ts";
import { nodeHost } from "./adapters/node-host.ts";
import { nodeIdentifiers } from "./adapters/node-identifiers.ts";
import { nodePulse } from "./adapters/node-pulse.ts";
import { SILENT_REPORTER } from "./adapters/silent-reporter.ts";
import { EngineryError } from "./core/errors.ts";
import { followHome, type HostHome } from "./ops/follow/host-home.ts";
import type { Pulse } from "./ports/pulse.ts";
import type { StorePorts } from "./store/ports.ts";

export { EngineryError, type ErrorCode, type ErrorDetails, type ExitStatus, isEngineryError } from "./core/errors.ts";
export type { Epoch, Guard, InputRule, Sha256, Version } from "./core/model/manifest.ts";
export type { HomeChange, HomeListener, PinChange, Stops } from "./ops/follow/changes.ts";
export type { Answer, HostHome, HostLease, Question } from "./ops/follow/host-home.ts";

/**
 * Opens a home for reading and follows it until it is closed or the process ends, which it does not hinder. Cost: some milliseconds;
 * the newest generation and its manifest are read. Errors: `no-home`, `not-a-home`, `home-newer`, `generation-unreadable`,
 * `home-damaged`; `usage` where it is asked for by what is no path.
 */
export function openHome(folder: string): HostHome {
  if (typeof folder !== "string" || folder === "" || folder.includes("\0")) {
    throw new EngineryError("usage", "What names the home is no path.", {
      hint: "Give the folder's path as a string.",
    });
  }
  return hostHome(hostWorld(), absolute(folder));
}

/** `openHome` in another world: for tests. */
export function hostHome(world: StorePorts, folder: string, pulse: Pulse = nodePulse): HostHome {
  return followHome(world, pulse, folder);
}

/** What a look into a home needs, and nothing of what fetches, unpacks or asks: a host carries no more of Enginery than that. */
function hostWorld(): StorePorts {
  return {
    fileSystem: nodeFileSystem(),
    clock: nodeClock,
    identifiers: nodeIdentifiers,
    digester: nodeDigester,
    host: nodeHost(),
    reporter: SILENT_REPORTER,
  };
}
