import { join } from "node:path";
import type { InstallRequest, UpgradeRequest, VerifyRequest } from "../../src/ops/operator.ts";
import type { TestWorld } from "./test-world.ts";
import type { ToyChannel } from "./toy-channel.ts";

export const homeOf = (world: TestWorld): string => join(world.folder, "home");

const QUIET = { dryRun: false, offline: false, allowHttp: false } as const;

export function installRequest(
  world: TestWorld,
  channel: ToyChannel,
  more: Partial<InstallRequest> = {},
): InstallRequest {
  const { repository: from, rootSha256 } = channel;
  return { home: homeOf(world), names: [], from, channel: "toys", rootSha256, ...QUIET, ...more };
}

export function upgradeRequest(world: TestWorld, more: Partial<UpgradeRequest> = {}): UpgradeRequest {
  return { home: homeOf(world), names: [], stageOnly: false, again: false, prune: false, ...QUIET, ...more };
}

export function verifyRequest(world: TestWorld, more: Partial<VerifyRequest> = {}): VerifyRequest {
  return { home: homeOf(world), names: [], repair: false, quick: false, ...QUIET, ...more };
}
