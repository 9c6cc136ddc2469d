/**
 * Records the network's epoch, which rises with the clock, as fast as it can until its input ends; then tells how often it was taken, refused
 * as lower, or failed. node recorder.ts HOME ORIGIN, ORIGIN in milliseconds since 1970; with a third word without taking turns.
 */
import { setTimeout as pause } from "node:timers/promises";
import { writerLock } from "../../../src/adapters/writer-lock.ts";
import { isEngineryError } from "../../../src/core/errors.ts";
import { takeEpoch } from "../../../src/ops/observe.ts";
import { openHome } from "../../../src/store/home.ts";
import { makeTestWorld } from "../../support/test-world.ts";
import { real } from "./cheap-home.ts";

const [path = "", origin = "", unlocked] = process.argv.slice(2);
const none = { acquire: async () => ({ [Symbol.asyncDispose]: async () => undefined }) };
using world = makeTestWorld({
  fileSystem: real,
  lock: unlocked === undefined ? writerLock() : none,
  clock: { now: () => Date.now() },
});
const home = openHome(path, world);
const done = { taken: 0, lower: 0 };
const ended = { yet: false };
process.stdin
  .on("data", () => undefined)
  .on("end", () => {
    ended.yet = true;
  });
process.stdout.write("ready\n");
while (!ended.yet) {
  // what a source said, and some time later what is made of it
  const epoch = 1000 + Date.now() - Number(origin);
  await pause(Math.random() * 3);
  try {
    await takeEpoch(world, home, { epoch, from: "race" }, {});
    done.taken += 1;
  } catch (error) {
    if (!isEngineryError(error, "observation-lower")) throw error;
    done.lower += 1;
  }
}
process.stdout.write(`${JSON.stringify(done)}\n`);
