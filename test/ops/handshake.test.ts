import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { commitGeneration } from "../../src/ops/commit.ts";
import { exec } from "../../src/ops/exec.ts";
import { install } from "../../src/ops/install.ts";
import { observe } from "../../src/ops/observe.ts";
import { prune } from "../../src/ops/prune.ts";
import type { FileSystem } from "../../src/ports/file-system.ts";
import { openHome } from "../../src/store/home.ts";
import { homeOf, installRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel } from "../support/toy-channel.ts";

const OLD = { engine: "toy", version: "1.0.0" };

/** A home in which prune has exactly toy 1.0.0 to remove. */
async function home(world: TestWorld): Promise<void> {
  world.time = Date.now();
  const channel = await makeToyChannel(world);
  for (const [at, version] of ["1.0.0", "2.0.0", "3.0.0"].entries()) {
    await channel.release("toy", version);
    await channel.deploy("toy", version, at * 10);
  }
  await channel.publish(0);
  await install(world, installRequest(world, channel));
  await observe(world, { home: homeOf(world), epoch: 50, dryRun: false });
}

const request = (world: TestWorld) => ({ home: homeOf(world), dryRun: false, before: 15, keepGenerations: 1 });

/** `act` once, before the first call of `name` on a path that matches. */
function before(name: "rename" | "link" | "createExclusive", match: RegExp, act: () => void): FileSystem {
  const real = nodeFileSystem();
  let acted = false;
  const call = (path: string) => {
    if (acted || !match.test(path)) return;
    acted = true;
    act();
  };
  return {
    ...real,
    rename: (from, to) => {
      if (name === "rename") call(to);
      real.rename(from, to);
    },
    link: (from, to) => {
      if (name === "link") call(to);
      return real.link(from, to);
    },
    createExclusive: (path, mode) => {
      if (name === "createExclusive") call(path);
      return real.createExclusive(path, mode);
    },
  };
}

test("prune removes what nothing keeps", async () => {
  using world = makeTestWorld();
  await home(world);
  assert.deepEqual(
    (await prune(world, request(world))).removed.map(({ version }) => version),
    ["1.0.0"],
  );
});

test("a claim that came before prune's mark is seen when everything is read again", async () => {
  using world = makeTestWorld();
  await home(world);
  const rival = openHome(homeOf(world), world);
  let took = 0;
  const fileSystem = before("link", /\/marks\//, () => {
    rival.leases.take(OLD);
    took += 1;
  });
  const result = await prune({ ...world, fileSystem }, request(world));
  assert.equal(took, 1);
  assert.deepEqual(result.removed, []);
  assert.ok(rival.installations.isThere(OLD.engine, OLD.version));
});

test("a claim that comes after prune has read again finds its mark", async () => {
  using world = makeTestWorld();
  await home(world);
  const rival = openHome(homeOf(world), world);
  const refused: unknown[] = [];
  const fileSystem = before("link", /\/generations\//, () => {
    try {
      rival.leases.take(OLD);
    } catch (error) {
      refused.push(error);
    }
  });
  const result = await prune({ ...world, fileSystem }, request(world));
  assert.equal(result.removed.length, 1);
  assert.deepEqual(
    refused.map((error) => (error as { code?: string }).code),
    ["marked"],
  );
  assert.deepEqual(rival.leases.all(), []);
});

test("a commit is lost where another generation than the planned one is the newest", async () => {
  using world = makeTestWorld();
  await home(world);
  const there = openHome(homeOf(world), world);
  const newest = there.generations.newest();
  assert.ok(newest);
  const manifest = JSON.parse(new TextDecoder().decode(there.manifests.read(newest.manifest.sha256)));
  for (const after of [undefined, { ...newest, number: newest.number + 1 }]) {
    const { outcome } = commitGeneration(world, there, world.identifiers.operation(), after, newest, manifest);
    assert.equal(outcome, "lost");
  }
  assert.deepEqual(there.generations.numbers(), [newest.number]);
});

test("an engine inherits the caller's environment, and never a passphrase", async () => {
  using world = makeTestWorld();
  await home(world);
  const given: Readonly<Record<string, string | undefined>>[] = [];
  const children = {
    ...world.children,
    replace: async (_file: string, _args: readonly string[], env: Readonly<Record<string, string | undefined>>) => {
      given.push(env);
      return 0;
    },
  };
  const env = { LANG: "C", ENGINERY_PASSPHRASE: "secret", ENGINERY_PASSPHRASE_FILE: "secret" };
  await exec({ ...world, children }, { home: homeOf(world), engine: "toy", args: [], env });
  assert.deepEqual(given, [{ LANG: "C", ENGINERY_ENGINE: "toy", ENGINERY_ENGINE_VERSION: "3.0.0" }]);
});
