import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import type { Installation } from "../../src/core/model/home.ts";
import { encodeManifest } from "../../src/core/parse-manifest.ts";
import { prune } from "../../src/ops/prune.ts";
import { createHome, openHome } from "../../src/store/home.ts";
import { naiveVerdict } from "../core/support/naive-retention.ts";
import { type RandomHome, randomHome, type Sizes } from "../core/support/random-homes.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { digestOf, install } from "../store/support/scratch.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const HOMES = 100;
const SEED = Number(process.env["RETENTION_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const DEAD = 4_194_303;

const filesOf = (engine: string, version: string) => ({ "bin/xs": `#!/bin/sh\necho ${engine} ${version}\n` });
const SMALL: Sizes = {
  engines: 3,
  versions: 6,
  claims: 8,
  generations: 5,
  work: 20,
  lastEpoch: 40,
  treeOf: (engine, version) => digestOf(filesOf(engine, version)),
  describes: true,
};

/** Lays all of it out with real files: installations, generations, pins, leases of the living, the dead and strangers, the record of work. */
async function layDown(world: TestWorld, path: string, facts: RandomHome): Promise<void> {
  const home = createHome(path, world, { format: 1, repository: "/nowhere", channel: "main" });
  const all = [facts.newest, ...facts.generations].flatMap(({ installations }) => installations).concat(facts.unnamed);
  for (const { engine, version } of new Map(all.map((one) => [`${one.engine}@${one.version}`, one])).values()) {
    await install(home, engine, version, filesOf(engine, version), world.identifiers.operation());
  }
  const sha256 = home.manifests.keep(encodeManifest(facts.manifest));
  const trustSet = home.trust.commit(new Map([["root.json", new Uint8Array([1])]]));
  for (const generation of [...facts.generations, facts.newest].sort((one, other) => one.number - other.number)) {
    const stated = {
      ...generation,
      trustSet,
      manifest: { serial: 1, sha256 },
      operation: world.identifiers.operation(),
    };
    assert.equal(home.generations.commit(stated), "committed");
  }
  for (const pin of facts.pins) home.pins.put(pin);
  const self = world.host.self();
  const owners = {
    alive: self,
    gone: { ...self, pid: DEAD, started: "1" },
    foreign: { ...self, machine: "elsewhere", boot: "another" },
  };
  for (const { lease, state } of facts.leases) {
    const id = lease.id.replace(/.*\./, "");
    writeFileSync(join(path, "leases", `${lease.id}.json`), JSON.stringify({ ...lease, ...owners[state], id }));
  }
  for (const { at, by, ...row } of facts.work) {
    const detail = by === "ran" ? { ran: [row] } : { epoch: null, ...row };
    home.ledger.append({ at, operation: world.identifiers.operation(), verb: by, detail });
  }
  for (const tree of facts.quarantined) {
    home.quarantine.put({ format: 1, tree, engine: "xs", version: "1.0.0", reason: "bad", at: facts.newest.at });
  }
  if (facts.epoch !== undefined)
    home.clock.write({ format: 1, epoch: facts.epoch, at: facts.newest.at, from: "observe" });
}

/** What `prune` is asked, and what its config says. */
function asked(home: string, { policy }: RandomHome) {
  const { keepGenerations, keepEpochs, keepSuperseded, keepLastKnownGood, keepUnscheduled, before } = policy;
  const config = {
    ...(keepEpochs === undefined ? {} : { keepEpochs }),
    ...(keepSuperseded === undefined ? {} : { keepSuperseded }),
    ...(keepLastKnownGood === undefined ? {} : { keepLastKnownGood }),
  };
  const force = policy.overrulesPublisher ? "told" : undefined;
  return { home, config, keepGenerations, keepUnscheduled, before, force };
}

const names = (list: readonly Pick<Installation, "engine" | "version">[]) =>
  list.map(({ engine, version }) => `${engine}@${version}`).sort();

test(`prune of ${HOMES} random homes of real files does what a naive oracle says, and says why`, async (t) => {
  const seen = { removed: 0, kept: 0, retired: 0, refused: 0 };
  using world = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "enginery-prune-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (let number = 0; number < HOMES; number += 1) {
    const seed = (SEED + number) >>> 0;
    const why = `RETENTION_SEED=${seed}`;
    const facts = randomHome(seed, SMALL);
    const path = join(folder, String(number));
    await layDown(world, path, facts);
    const expected = naiveVerdict(facts);
    const request = asked(path, facts);
    if (facts.policy.before !== undefined && expected.publisherOnly.length > 0) {
      await assert.rejects(
        prune(world, { ...request, dryRun: false }),
        (error) => isEngineryError(error, "prune-below-retention"),
        why,
      );
      assert.deepEqual(
        names(openHome(path, world).installations.list()),
        [...expected.removed, ...Object.keys(expected.kept)].sort(),
        why,
      );
      seen.refused += 1;
      continue;
    }
    const planned = await prune(world, { ...request, dryRun: true });
    const done = await prune(world, { ...request, dryRun: false });
    assert.deepEqual(names(done.removed), expected.removed, why);
    assert.deepEqual([done.removed, done.kept], [planned.removed, planned.kept], `${why}: what was planned was done`);
    assert.deepEqual(names(done.kept), Object.keys(expected.kept).sort(), why);
    const home = openHome(path, world);
    assert.deepEqual(names(home.installations.list()), Object.keys(expected.kept).sort(), `${why}: on disk`);
    assert.deepEqual(names(home.generations.newest()?.installations ?? []), expected.restated, why);
    const all = [facts.newest, ...facts.generations].map((one) => one.number);
    const left = all.filter((one) => !expected.retired.includes(one));
    const isReplaced = expected.retired.includes(facts.newest.number);
    assert.deepEqual(
      home.generations.numbers(),
      [...left, ...(isReplaced ? [facts.newest.number + 1] : [])].sort((a, b) => a - b),
      why,
    );
    assert.deepEqual(home.ledger.examine([]).breaks, []);
    assert.equal(home.leases.all().length, facts.leases.filter(({ state }) => state !== "gone").length, why);
    seen.removed += expected.removed.length;
    seen.kept += Object.keys(expected.kept).length;
    seen.retired += expected.retired.length;
    rmSync(path, { recursive: true });
  }
  t.diagnostic(
    `seed ${SEED}: ${HOMES} homes, ${Object.entries(seen)
      .map(([what, count]) => `${count} ${what}`)
      .join(", ")}`,
  );
  assert.ok(seen.removed > HOMES / 2);
});
