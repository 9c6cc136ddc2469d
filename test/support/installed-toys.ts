import { install } from "../../src/ops/install.ts";
import { observe } from "../../src/ops/observe.ts";
import { homeOf, installRequest } from "./operator-requests.ts";
import type { TestWorld } from "./test-world.ts";
import { makeToyChannel, type ToyChannel, type ToyOptions } from "./toy-channel.ts";

/** toy 1.0.0 from 0 and 2.0.0 from 100, installed; the epoch is 50. */
export async function installedToys(world: TestWorld): Promise<ToyChannel> {
  const channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0");
  await channel.release("toy", "2.0.0");
  await channel.deploy("toy", "1.0.0", 0);
  await channel.deploy("toy", "2.0.0", 100);
  await channel.publish(10);
  await install(world, installRequest(world, channel));
  await observe(world, { home: homeOf(world), epoch: 50, dryRun: false });
  return channel;
}

/** toy 3.0.0 from 200. */
export async function publishThird(channel: ToyChannel, options: ToyOptions = {}): Promise<void> {
  await channel.release("toy", "3.0.0", options);
  await channel.deploy("toy", "3.0.0", 200, 50);
  await channel.publish(50);
}
