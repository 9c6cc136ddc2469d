import assert from "node:assert/strict";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import type { Home } from "../../src/store/home.ts";
import { AT, begin, CONFIG, fill, generation, newHome, OPERATION, scratch } from "./support/scratch.ts";

const TREE = "a".repeat(64);
const RELEASE = { engine: "xsnap", version: "1.0.0", tree: TREE };
const FILES = { "bin/xsnap": "#!/bin/sh\n" };

/** What writes into which folder of the home. */
const WRITES: readonly (readonly [folder: string, write: (home: Home) => unknown])[] = [
  ["generations", (home) => home.generations.commit(generation(1))],
  ["manifests", (home) => home.manifests.keep(new Uint8Array([1]))],
  ["trees", (home) => home.trees.keep({ format: 1, files: [] })],
  ["trust", (home) => home.trust.commit(new Map([["root.json", new Uint8Array([1])]]))],
  ["pins", (home) => home.pins.put({ format: 1, tenant: "t", ...RELEASE, at: AT })],
  ["marks", (home) => home.marks.put("xsnap", "1.0.0", OPERATION)],
  ["leases", (home) => home.leases.take(RELEASE)],
  ["quarantine", (home) => home.quarantine.put({ format: 1, ...RELEASE, reason: "bad", at: AT })],
  ["clock", (home) => home.clock.write({ format: 1, epoch: 3, at: AT, from: "observe" })],
  ["engines", (home) => adopt(home)],
  ["staging", (home) => home.config.write(CONFIG)],
  ["staging", (home) => adopt(home)],
  ["cache", (home) => home.cache.partial(TREE).append(new Uint8Array([1]))],
  ["cache", (home) => home.cache.documents.keep(TREE, new Uint8Array([1]))],
];

async function adopt(home: Home): Promise<void> {
  const stage = begin(home, "xsnap", "1.0.0", FILES);
  fill(stage, FILES);
  home.installations.adopt(await stage.finish());
}

for (const [at, [folder, write]] of WRITES.entries()) {
  test(`${folder}/ that is a link is not written through (${at + 1})`, async () => {
    using place = scratch();
    const home = newHome(place.home);
    const elsewhere = `${place.path}/elsewhere`;
    mkdirSync(elsewhere);
    rmSync(`${place.home}/${folder}`, { recursive: true, force: true });
    symlinkSync(elsewhere, `${place.home}/${folder}`);
    await assert.rejects(async () => write(home), { code: "home-damaged" });
    assert.deepEqual(readdirSync(elsewhere), []);
    rmSync(`${place.home}/${folder}`);
    renameSync(elsewhere, `${place.home}/${folder}`);
    if (folder !== "leases") await assert.doesNotReject(async () => write(home), "only the link was in its way");
  });
}
