import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFileSystem } from "../../../src/adapters/node-file-system.ts";
import { install } from "../../../src/ops/install.ts";
import { observe } from "../../../src/ops/observe.ts";
import { unsynced } from "../../sim/unsynced-file-system.ts";
import { installRequest } from "../../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../../support/toy-channel.ts";

/** In memory where that can be. */
export const FAST = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export const real = unsynced(nodeFileSystem());

/** A home with toy 1.0.0 (from epoch 0), 2.0.0 (100), and rig 1.0.0 and 2.0.0 without a schedule; rig 3.0.0 and toy 3.0.0 (200) are offered. Epoch 150. */
export interface CheapHome extends Disposable {
  readonly world: TestWorld;
  readonly channel: ToyChannel;
  /** Where each round finds it. */
  readonly home: string;
  /** As it was at first. */
  reset(): void;
}

export async function cheapHome(): Promise<CheapHome> {
  const folder = mkdtempSync(join(FAST, "enginery-race-"));
  const world = makeTestWorld({ fileSystem: real });
  world.time = Date.now();
  const channel = await makeToyChannel(world);
  for (const version of ["1.0.0", "2.0.0"]) {
    await channel.release("toy", version);
    await channel.release("rig", version);
  }
  await channel.release("rig", "3.0.0");
  await channel.deploy("toy", "1.0.0", 0);
  await channel.deploy("toy", "2.0.0", 100);
  await channel.publish(10);
  const home = join(folder, "home");
  const names = ["1.0.0", "2.0.0"].flatMap((version) => [
    { engine: "rig", version },
    { engine: "toy", version },
  ]);
  await install(world, installRequest(world, channel, { home, names }));
  await observe(world, { home, epoch: 150, dryRun: false });
  await channel.release("toy", "3.0.0");
  await channel.deploy("toy", "3.0.0", 200, 150);
  await channel.publish(150);
  const first = join(folder, "first");
  cpSync(home, first, { recursive: true, preserveTimestamps: true });
  return {
    world,
    channel,
    home,
    reset: () => {
      rmSync(home, { recursive: true, force: true });
      cpSync(first, home, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    },
    [Symbol.dispose]: () => {
      world[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
