import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { install } from "../../src/ops/install.ts";
import { observe } from "../../src/ops/observe.ts";
import { pruneUnderLock } from "../../src/ops/prune.ts";
import { verify } from "../../src/ops/verify.ts";
import { which } from "../../src/ops/which.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf, installRequest, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld } from "../support/test-world.ts";
import { makeToyChannel } from "../support/toy-channel.ts";

test("a prune between the adoption and the commit of an install leaves what is about to be committed", async () => {
  using world = makeTestWorld();
  // the age of temporary files is told by the disk's own clock
  world.time = Date.now();
  const channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0");
  await channel.release("toy", "2.0.0");
  await channel.deploy("toy", "1.0.0", 0);
  await channel.publish(10);
  await install(world, installRequest(world, channel));
  await observe(world, { home: homeOf(world), epoch: 50, dryRun: false });
  const real = nodeFileSystem();
  let pruned = 0;
  const fileSystem: typeof real = {
    ...real,
    link: (from, to) => {
      if (to.endsWith("generations/00000002.json") && pruned++ === 0) {
        // the lock of this world lets everybody in: safety must not rest on it
        pruneUnderLock({ ...world, fileSystem: real }, { home: homeOf(world), dryRun: false });
      }
      return real.link(from, to);
    },
  };
  const names = [{ engine: "toy", version: "2.0.0" }];
  await install({ ...world, fileSystem }, installRequest(world, channel, { names }));
  assert.equal(pruned > 0, true);
  assert.deepEqual((await verify(world, verifyRequest(world))).problems, []);
  assert.equal((await which(world, { home: homeOf(world), engine: "toy", version: "2.0.0" })).because, "explicit");
});

test("what is pruned while verify looks at it is nothing wrong", async () => {
  using world = makeTestWorld();
  world.time = Date.now();
  await installedToys(world);
  await observe(world, { home: homeOf(world), epoch: 500, dryRun: false });
  const real = nodeFileSystem();
  let pruned = 0;
  const fileSystem: typeof real = {
    ...real,
    openRead: (path) => {
      if (path.includes("/engines/toy/1.0.0/") && pruned++ === 0) {
        pruneUnderLock({ ...world, fileSystem: real }, { home: homeOf(world), before: 400, dryRun: false });
      }
      return real.openRead(path);
    },
  };
  const { problems, checked } = await verify({ ...world, fileSystem }, verifyRequest(world));
  assert.equal(pruned > 0, true);
  assert.deepEqual(problems, []);
  assert.equal(checked.files, 2, "of the one that is left");
});
