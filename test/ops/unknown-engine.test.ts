import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { install } from "../../src/ops/install.ts";
import { schedule } from "../../src/ops/list.ts";
import { pins } from "../../src/ops/pin.ts";
import { retire } from "../../src/ops/repo/retire.ts";
import { which } from "../../src/ops/which.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf, installRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import type { ToyChannel } from "../support/toy-channel.ts";

const world: TestWorld & Disposable = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
let channel: ToyChannel;
before(async () => {
  channel = await installedToys(world);
});
after(() => world[Symbol.dispose]());

test("an engine that the channel has not is said to be unknown in the same words by every verb", async () => {
  const home = homeOf(world);
  const name = { engine: "toi" };
  const words = [
    which(world, { home, ...name, epoch: 50 }),
    install(world, installRequest(world, channel, { names: [name] })),
    pins(world, { home, ...name }),
    schedule(world, { home, ...name }),
  ];
  const told = await Promise.all(
    words.map((asked) =>
      asked.then(
        () => assert.fail("nobody knows it"),
        (error) => [isEngineryError(error, "unknown-engine"), error.message, error.hint, error.context],
      ),
    ),
  );
  const expected = [true, 'The channel toys has no engine "toi".', "It has toy.", { engine: "toi", known: ["toy"] }];
  for (const one of told) assert.deepEqual(one, expected);
  const draft = { directory: channel.repository, keysDir: channel.keysDir, dryRun: false };
  await assert.rejects(retire(world, { ...draft, ...name, version: "1.0.0" }), {
    code: "unknown-engine",
    message: expected[1],
    hint: /repo add/,
  });
});
