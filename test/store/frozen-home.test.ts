import assert from "node:assert/strict";
import { chmodSync, cpSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { history } from "../../src/ops/history.ts";
import { list } from "../../src/ops/list.ts";
import { pins } from "../../src/ops/pin.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { status } from "../../src/ops/status.ts";
import { verify } from "../../src/ops/verify.ts";
import { which } from "../../src/ops/which.ts";
import { homeOf, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

/**
 * test/fixtures/home-v1 was laid out by the first Enginery that wrote layout 1 and is never made again: three generations (install,
 * upgrade, rollback), one pin, an observation at 150. Whatever reads layout 1 must read it.
 */
function thawedHome(world: TestWorld): string {
  const home = homeOf(world);
  cpSync(new URL("../fixtures/home-v1", import.meta.url), home, { recursive: true, preserveTimestamps: true });
  // a checkout keeps one permission bit of each file, and no more
  for (const path of globSync("engines/*/*/**", { cwd: home })) {
    const file = join(home, path);
    const { mode } = statSync(file);
    if (statSync(file).isFile()) chmodSync(file, path.endsWith("SEAL.json") || (mode & 0o100) === 0 ? 0o444 : 0o555);
    else chmodSync(file, 0o755);
  }
  return home;
}

test("a home of layout 1 is read by every verb that looks", async () => {
  using world = makeTestWorld();
  const home = thawedHome(world);
  const { generation, engines } = await list(world, { home });
  assert.deepEqual(
    [generation, engines.map(({ version, state }) => [version, state])],
    [
      3,
      [
        ["1.0.0", "superseded"],
        ["2.0.0", "in-effect"],
      ],
    ],
  );
  assert.deepEqual(
    (await pins(world, { home })).pins.map(({ tenant, version }) => [tenant, version]),
    [["vat 1 / ä", "1.0.0"]],
  );
  assert.equal((await which(world, { home, engine: "toy", tenant: "vat 1 / ä" })).because, "pin");
  assert.equal((await which(world, { home, engine: "toy", epoch: 199 })).version, "2.0.0");
  const { generations, ledger } = await history(world, { home });
  assert.deepEqual(
    generations.map(({ cause, restores }) => [cause, restores]),
    [
      ["install", undefined],
      ["upgrade", undefined],
      ["rollback", 1],
    ],
  );
  assert.deepEqual(
    ledger.map(({ verb }) => verb),
    ["install", "pin", "upgrade", "rollback"],
  );
  assert.equal((await status(world, { home })).held, true);
});

test("a home of layout 1 verifies, signatures and all, and goes on from there", async () => {
  using world = makeTestWorld();
  const home = thawedHome(world);
  assert.deepEqual((await verify(world, verifyRequest(world))).problems, []);
  assert.deepEqual((await verify(world, verifyRequest(world))).chain, { lines: 4, from: null, sealed: 0 });
  const again = await rollback(world, { home, to: 2, dryRun: false });
  assert.equal(again.generation, 4);
  const { problems, chain } = await verify(world, verifyRequest(world));
  assert.deepEqual([problems, chain?.lines, chain?.from?.line], [[], 5, 5], "the chain begins with the first new line");
  assert.equal((await which(world, { home, engine: "toy", epoch: 200 })).version, "3.0.0");
});

test("what the frozen home says on disk has not been touched", () => {
  const home = new URL("../fixtures/home-v1/", import.meta.url);
  assert.equal(readFileSync(new URL("VERSION", home), "utf8"), "1\n");
  const newest = JSON.parse(readFileSync(new URL("generations/00000003.json", home), "utf8"));
  assert.equal(newest.checksum.length, 64);
});
