import { resolve as absolute } from "node:path";
import { nodePulse } from "./adapters/node-pulse.ts";
import { composeWorld } from "./compose.ts";
import { followHome, type HostHome } from "./ops/follow/host-home.ts";
import type { World } from "./ops/world.ts";
import type { Pulse } from "./ports/pulse.ts";

export { EngineryError, type ErrorCode, type ErrorDetails, type ExitStatus, isEngineryError } from "./core/errors.ts";
export type { Epoch, Guard, InputRule, Sha256, Version } from "./core/model/manifest.ts";
export type { HomeChange, HomeListener, PinChange, Stops } from "./ops/follow/changes.ts";
export type { Answer, HostHome, HostLease, Question } from "./ops/follow/host-home.ts";

/**
 * Opens a home for reading and follows it until it is closed or the process ends, which it does not hinder. Cost: some milliseconds;
 * the newest generation and its manifest are read. Errors: `no-home`, `not-a-home`, `home-newer`, `generation-unreadable`,
 * `home-damaged`.
 */
export function openHome(folder: string): HostHome {
  return hostHome(composeWorld(), absolute(folder));
}

/** `openHome` in another world: for tests. */
export function hostHome(world: World, folder: string, pulse: Pulse = nodePulse): HostHome {
  return followHome(world, pulse, folder);
}
