import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { writerLock } from "../../src/adapters/writer-lock.ts";
import { EngineryError } from "../../src/core/errors.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { hold, unhold } from "../../src/ops/hold.ts";
import { install } from "../../src/ops/install.ts";
import { observe } from "../../src/ops/observe.ts";
import { pin } from "../../src/ops/pin.ts";
import { prune } from "../../src/ops/prune.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { openHome } from "../../src/store/home.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installRequest, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld } from "../support/test-world.ts";
import type { ToyChannel } from "../support/toy-channel.ts";
import { copyOf, makeSoundHome, pinFile } from "./support/damages.ts";

/** What a home holds is moved outside and a link to it put in its place: no writer follows it, and none removes what lies there. */
const world = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()), lock: writerLock() });
const sound = join(world.folder, "sound");
let channel: ToyChannel;

before(async () => {
  channel = await makeSoundHome(world, sound);
  await channel.release("toy", "5.0.0");
  await channel.deploy("toy", "5.0.0", 1000, 150);
  await channel.publish(150);
});
after(() => world[Symbol.dispose]());

const FOLDERS = [
  "staging",
  "leases",
  "marks",
  "pins",
  "engines",
  "generations",
  "trust",
  "manifests",
  "trees",
  "clock",
  "quarantine",
  "cache",
  "cache/partial",
  "cache/documents",
  "index",
  "bin",
  "lib",
];

function writers(home: string): readonly (() => Promise<unknown>)[] {
  return [
    () => upgrade(world, upgradeRequest(world, { home, prune: true })),
    () => install(world, installRequest(world, channel, { home, names: [{ engine: "toy", version: "5.0.0" }] })),
    () => pin(world, { home, dryRun: false, pins: [{ tenant: "vat-1", engine: "toy", version: "2.0.0" }] }),
    () => pin(world, { home, dryRun: false, pins: [{ tenant: "vat-9", engine: "toy", version: "2.0.0" }] }),
    () => observe(world, { home, epoch: 160, dryRun: false }),
    () => hold(world, { home, dryRun: false, reason: "why" }),
    () => unhold(world, { home, dryRun: false }),
    () => prune(world, { home, dryRun: false, before: 160, keepGenerations: 1 }),
    () => verify(world, verifyRequest(world, { home, repair: true })),
    () => doctor(world, { home, fix: true }),
    async () => openHome(home, world).leases.take({ engine: "toy", version: "2.0.0" })[Symbol.dispose](),
  ];
}

/** Names, kinds and times of all below: whoever wrote through the link changed one of them. */
function look(path: string): readonly string[] {
  const status = lstatSync(path);
  const own = `${path} ${status.size} ${status.mtimeMs} ${status.mode}`;
  return status.isDirectory()
    ? [
        own,
        ...readdirSync(path)
          .sort()
          .flatMap((name) => look(join(path, name))),
      ]
    : [own];
}

/** Moves what is there outside, and puts a link to it in its place. */
function swap(home: string, name: string): string {
  const outside = `${home}-outside`;
  renameSync(join(home, name), outside);
  symlinkSync(outside, join(home, name));
  return outside;
}

let homes = 0;
const nextHome = () => copyOf(sound, join(world.folder, `home-${homes++}`));

async function ours(work: () => Promise<unknown>): Promise<EngineryError | undefined> {
  return await work().then(
    () => undefined,
    (error: unknown) => {
      assert.ok(error instanceof EngineryError, String(error));
      assert.notEqual(error.code, "internal");
      return error;
    },
  );
}

for (const name of FOLDERS) {
  test(`${name}/ as a link: nothing is written through it, and it is told`, async () => {
    const home = nextHome();
    const outside = swap(home, name);
    const before = look(outside);
    for (const work of writers(home)) {
      const error = await ours(work);
      if (error !== undefined) assert.match(error.message, /is a link|Generation|manifest/);
    }
    assert.deepEqual(look(outside), before);
    assert.ok(lstatSync(join(home, name)).isSymbolicLink(), "it stays for people to look at");
    const { ok, findings } = await doctor(world, { home, fix: false });
    assert.equal(ok, false);
    assert.ok(findings.some(({ message, mend }) => message.includes(`${name} is a link`) && mend?.includes("rm ")));
  });
}

for (const name of ["engines/toy", "trust/00000002", "engines/toy/2.0.0"]) {
  test(`${name} as a link: nothing is written through it`, async () => {
    const home = nextHome();
    const outside = swap(home, name);
    const before = look(outside);
    for (const work of writers(home)) await ours(work);
    assert.deepEqual(look(outside), before);
  });
}

test("a shard of pins as a link: nothing is written through it", async () => {
  const home = nextHome();
  const shard = pinFile(home).split("/").slice(-2, -1)[0] ?? "";
  const outside = swap(home, `pins/${shard}`);
  const before = look(outside);
  for (const work of writers(home)) await ours(work);
  assert.deepEqual(look(outside), before);
});

const FILES = [
  "generations/00000003.json",
  "clock/observed.json",
  "hold.json",
  "ledger.jsonl",
  "bin/toy",
  "VERSION",
  ".writer-holder",
  "config.json",
  "staging/tmp-x",
  "leases/toy@1.0.0.1-x.json",
  "marks/toy@5.0.0",
];
for (const name of FILES) {
  test(`${name} as a link to a file outside: that file stays as it is`, async () => {
    const home = nextHome();
    const outside = `${home}-file`;
    writeFileSync(outside, "not ours\n");
    rmSync(join(home, name), { force: true });
    symlinkSync(outside, join(home, name));
    const before = look(outside);
    for (const work of writers(home)) await ours(work);
    assert.deepEqual(look(outside), before);
  });
}

test("rubbish in staging/ that leads outside is removed as what it is", async () => {
  const home = nextHome();
  const outside = `${home}-kept`;
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "kept");
  mkdirSync(join(home, "staging/trash-1"));
  symlinkSync(outside, join(home, "staging/trash-1/link"));
  symlinkSync(outside, join(home, "staging/trash-2"));
  await prune(world, { home, dryRun: false });
  assert.equal(existsSync(join(home, "staging/trash-1")), false);
  assert.deepEqual(readdirSync(outside), ["file"]);
});
