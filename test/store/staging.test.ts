import assert from "node:assert/strict";
import { readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { nodeHost } from "../../src/adapters/node-host.ts";
import { begin, fill, NOW, newHome, OPERATION, ports, reopen, scratch } from "./support/scratch.ts";

const FILES = { "bin/a": "abc" };

test("sweep removes what dead operations left and nothing of living ones", () => {
  using place = scratch();
  const home = newHome(place.home);
  fill(begin(home, "a", "1.0.0", FILES), FILES);
  const here = nodeHost();
  const host = { ...ports().host, platform: here.platform, self: () => ({ ...here.self(), started: "1" }) };
  fill(begin(reopen(place.home, { host }), "a", "1.0.0", FILES, "d".repeat(32)), FILES);
  assert.ok(home.staging.sweep() > 3);
  assert.deepEqual(readdirSync(`${place.home}/staging`), [OPERATION]);
});

test("sweep leaves young files without an owner, and removes old ones", () => {
  using place = scratch();
  const home = newHome(place.home);
  for (const [name, age] of [
    ["tmp-young", 60_000],
    ["tmp-old", 7_200_000],
  ] as const) {
    const path = `${place.home}/staging/${name}`;
    writeFileSync(path, "12345");
    utimesSync(path, new Date(NOW - age), new Date(NOW - age));
  }
  assert.equal(home.staging.sweep(), 5);
  assert.deepEqual(readdirSync(`${place.home}/staging`), ["tmp-young"]);
});

test("an operation stages several releases, and drops or reads a verified one", async () => {
  using place = scratch();
  const home = newHome(place.home);
  const first = begin(home, "a", "1.0.0", FILES);
  const second = begin(home, "a", "2.0.0", FILES);
  fill(first, FILES);
  fill(second, FILES);
  const verified = await second.finish();
  assert.equal(
    Buffer.concat([...home.staging.readFile(verified, "bin/a")].map((chunk) => chunk.slice())).toString(),
    "abc",
  );
  home.staging.drop(verified);
  home.installations.adopt(await first.finish());
  assert.deepEqual(readdirSync(`${place.home}/staging`), []);
});

test("staging may vanish at any time before something is staged", () => {
  using place = scratch();
  const home = newHome(place.home);
  rmSync(`${place.home}/staging`, { recursive: true });
  fill(begin(home, "a", "1.0.0", FILES), FILES);
  rmSync(`${place.home}/staging`, { recursive: true });
  home.clock.write({ format: 1, epoch: 1, at: "2027-01-01T00:00:00Z", from: "observe" });
  assert.equal(home.clock.read()?.epoch, 1);
});
