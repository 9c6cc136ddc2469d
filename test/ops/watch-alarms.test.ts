import assert from "node:assert/strict";
import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { EngineryError } from "../../src/core/errors.ts";
import { hold, unhold } from "../../src/ops/hold.ts";
import { withdraw } from "../../src/ops/repo/withdraw.ts";
import { verify } from "../../src/ops/verify.ts";
import type { FileSystem } from "../../src/ports/file-system.ts";
import { publishThird } from "../support/installed-toys.ts";
import { verifyRequest } from "../support/operator-requests.ts";
import { TEST_TIME } from "../support/test-world.ts";
import { type Watching, watching } from "./support/watching.ts";

const words = ({ home }: Watching) => ({ home, dryRun: false });

/** Files of an installation are sealed: whoever spoils them is root, or the disk. */
function spoil(path: string): () => void {
  const sound = readFileSync(path);
  chmodSync(path, 0o755);
  writeFileSync(path, "#!/bin/sh\necho other\n");
  chmodSync(path, 0o555);
  return () => {
    chmodSync(path, 0o755);
    writeFileSync(path, sound);
    chmodSync(path, 0o555);
  };
}

/** The publisher is away until the answer is called. */
function away({ channel }: Watching): () => void {
  renameSync(channel.repository, `${channel.repository}-away`);
  return () => renameSync(`${channel.repository}-away`, channel.repository);
}

test("O4: the next release is absent: an alarm with the epochs left, again at each of them, over when it is here", async () => {
  await using it = await watching();
  await publishThird(it.channel);
  await hold(it.world, words(it));
  it.say(197);
  it.begin();
  // the publisher's schedule is not accepted while a hold stands: nobody here knows of 3.0.0
  await it.untilEvent("upgrade");
  await unhold(it.world, words(it));
  it.reload();
  await it.timer.until(() => existsSync(join(it.home, "engines/toy/3.0.0")), "3.0.0 is here");
  await hold(it.world, words(it));
  const gone = join(it.home, "engines/toy/3.0.0");
  renameSync(gone, `${it.world.folder}/3.0.0`);
  for (const epoch of [197, 198, 199]) {
    it.say(epoch);
    await it.untilTold(`firing next-not-installed toy@3.0.0 ${200 - epoch}`);
  }
  await it.timer.pass(120_000);
  assert.equal(it.told("next-not-installed").length, 3, "not at each look");
  await unhold(it.world, words(it));
  await it.untilTold("cleared next-not-installed toy@3.0.0");
  assert.ok(existsSync(gone));
  it.say(200);
  await it.timer.pass(60_000);
  assert.deepEqual(it.firing(), []);
});

test("absent beyond its epoch: in effect and not installed", async () => {
  await using it = await watching();
  const back = away(it);
  renameSync(join(it.home, "engines/toy/2.0.0"), `${it.world.folder}/2.0.0`);
  it.say(99);
  it.begin();
  await it.untilTold("firing next-not-installed toy@2.0.0 1");
  it.say(100);
  await it.untilTold("firing in-effect-not-installed toy@2.0.0");
  await it.untilTold("cleared next-not-installed toy@2.0.0");
  back();
  await it.untilTold("cleared in-effect-not-installed toy@2.0.0");
  assert.ok(existsSync(join(it.home, "engines/toy/2.0.0/SEAL.json")));
});

test("files of the next release, and of the one in effect, are damaged: told, and over when they are mended", async () => {
  await using it = await watching();
  spoil(join(it.home, "engines/toy/2.0.0/toy"));
  it.say(98);
  it.begin();
  await it.untilTold("firing next-damaged toy@2.0.0 2");
  await verify(it.world, verifyRequest(it.world, { repair: true }));
  await it.untilTold("cleared next-damaged toy@2.0.0");
  // what was proven is proven again every quarter of an hour
  const mend = spoil(join(it.home, "engines/toy/1.0.0/toy"));
  await it.untilTold("firing in-effect-damaged toy@1.0.0");
  mend();
  await it.untilTold("cleared in-effect-damaged toy@1.0.0");
});

test("a release that this host can no longer run is not provable", async () => {
  const arrange = async (world: Parameters<NonNullable<Parameters<typeof watching>[0]>["arrange"] & object>[0]) => {
    const { makeToyChannel } = await import("../support/toy-channel.ts");
    const { install } = await import("../../src/ops/install.ts");
    const { installRequest } = await import("../support/operator-requests.ts");
    const channel = await makeToyChannel(world);
    await channel.release("toy", "1.0.0");
    await channel.release("toy", "2.0.0", { files: { helper: "" } });
    await channel.deploy("toy", "1.0.0", 0);
    await channel.deploy("toy", "2.0.0", 100);
    await channel.publish(10);
    await install(world, installRequest(world, channel));
    return channel;
  };
  await using it = await watching({ arrange });
  const { children } = it.world;
  let lacks = true;
  Object.assign(it.world, {
    children: {
      ...children,
      run: async (...asked: Parameters<typeof children.run>) =>
        lacks && asked[0].includes("2.0.0")
          ? { outcome: "exit", status: 1, output: "toy: version `GLIBC_2.99' not found\n" }
          : await children.run(...asked),
    },
  });
  it.say(98);
  it.begin();
  await it.untilTold("firing next-not-provable toy@2.0.0 2");
  const alarm = it.events.find((event) => event.event === "alarm");
  assert.match(alarm?.event === "alarm" ? alarm.message : "", /GLIBC 2\.99/);
  lacks = false;
  await it.untilTold("cleared next-not-provable toy@2.0.0");
});

test("withdrawn by the publisher: told of what is in effect and of what is next, also while a hold stands", async () => {
  await using it = await watching();
  await hold(it.world, words(it));
  const directory = it.channel.repository;
  await withdraw(it.world, { directory, engine: "toy", version: "1.0.0", reason: "corrupts", dryRun: false });
  await withdraw(it.world, { directory, engine: "toy", version: "2.0.0", reason: "hangs", dryRun: false });
  await it.channel.publish(50);
  it.begin();
  await it.untilTold("firing in-effect-withdrawn toy@1.0.0");
  await it.untilTold("firing next-withdrawn toy@2.0.0 50");
  assert.ok(it.events.some((event) => event.event === "upgrade" && event.held !== undefined));
});

test("a change for an epoch that has begun here is told", async () => {
  await using it = await watching();
  await it.channel.release("toy", "3.0.0");
  await it.channel.deploy("toy", "3.0.0", 140, 110);
  await it.channel.publish(110);
  it.say(150);
  it.begin();
  await it.untilTold("firing late-change toy@3.0.0");
});

test("sources: one that fails and one that goes astray are told by name, and the others go on", async () => {
  await using it = await watching({ sources: 3 });
  it.say(undefined, 1);
  it.say(50_000, 2);
  it.begin({ quorum: 1, settings: { epochMaxStep: 1_000_000 } });
  const name = (at: number) => `file:${it.world.folder}/epoch-${at}`;
  await it.untilTold(`firing source-failing ${name(1)}`);
  it.say(51, 2);
  it.say(51, 1);
  await it.untilTold(`cleared source-failing ${name(1)}`);
});

test("sources: a lonely one that lies ahead moves nobody and is told", async () => {
  await using it = await watching({ sources: 3 });
  it.say(50_000, 2);
  it.begin();
  await it.untilTold(`firing source-disagreement file:${it.world.folder}/epoch-2`);
  assert.equal(JSON.parse(readFileSync(join(it.home, "clock/observed.json"), "utf8")).epoch, 50);
  it.say(50, 2);
  await it.untilTold(`cleared source-disagreement file:${it.world.folder}/epoch-2`);
});

test("too few sources answer: the epoch is unknown, and each reason is told", async () => {
  await using it = await watching({ sources: 3 });
  it.say(undefined, 1);
  it.say(undefined, 2);
  it.begin();
  await it.untilTold("firing epoch-unknown");
  const alarm = it.events.find((event) => event.event === "alarm" && event.kind === "epoch-unknown");
  assert.match(alarm?.event === "alarm" ? alarm.message : "", /1 of 3 epoch sources .*epoch-1.*epoch-2/);
});

/** A disk that says no to what `refuses` names. */
function failing(refuses: (path: string) => boolean, more: Partial<FileSystem> = {}): FileSystem {
  const disk = nodeFileSystem();
  return {
    ...disk,
    rename: (from, to) => {
      if (refuses(to)) throw new EngineryError("disk-full", `Cannot rename ${to}: the disk is full (ENOSPC).`);
      disk.rename(from, to);
    },
    ...more,
  };
}

test("an epoch that cannot be written is told, and written when the disk has room", async () => {
  let full = false;
  await using it = await watching({
    world: { fileSystem: failing((path) => full && path.endsWith("observed.json")) },
  });
  it.begin();
  await it.untilEvent("proof");
  full = true;
  it.say(60);
  await it.untilTold("firing epoch-not-recorded");
  full = false;
  await it.untilTold("cleared epoch-not-recorded");
  assert.equal(JSON.parse(readFileSync(join(it.home, "clock/observed.json"), "utf8")).epoch, 60);
});

test("little disk is told, and everything else goes on", async () => {
  let bytes = 1e12;
  await using it = await watching({
    world: { fileSystem: failing(() => false, { freeSpace: () => ({ bytes, inodes: undefined }) }) },
  });
  it.begin();
  await it.untilEvent("proof");
  bytes = 1_000;
  it.say(60);
  await it.untilTold("firing disk-low");
  assert.equal(JSON.parse(readFileSync(join(it.home, "clock/observed.json"), "utf8")).epoch, 60);
  await publishThird(it.channel);
  await it.untilTold("firing upgrade-failed");
  bytes = 1e12;
  await it.untilTold("cleared disk-low");
  await it.untilTold("cleared upgrade-failed");
  assert.ok(existsSync(join(it.home, "engines/toy/3.0.0")));
});

test("a publisher that is away is told when it lasts, not at once; what it has then is taken", async () => {
  await using it = await watching();
  const back = away(it);
  it.begin();
  await it.timer.until(() => it.events.some((event) => event.event === "failure"), "a failure");
  assert.deepEqual(it.told(), []);
  await it.untilTold("firing upgrade-failed");
  assert.ok(it.timer.ticks() >= 890_000, "after a quarter of an hour");
  back();
  await publishThird(it.channel);
  await it.untilTold("cleared upgrade-failed");
  assert.ok(existsSync(join(it.home, "engines/toy/3.0.0")));
});

test("what a publisher must not serve is told at once", async () => {
  await using it = await watching();
  const metadata = join(it.channel.repository, "metadata");
  cpSync(metadata, `${it.world.folder}/sound`, { recursive: true });
  const file = join(metadata, "timestamp.json");
  await publishThird(it.channel);
  writeFileSync(file, readFileSync(file, "utf8").replace(/"sig": ?"./, '"sig":"0'));
  it.begin();
  await it.untilTold("firing upgrade-failed");
  assert.ok(it.timer.ticks() < 60_000);
});

test("signed metadata that has expired is told, and over when the publisher has renewed it", async () => {
  await using it = await watching();
  it.begin();
  await it.untilEvent("proof");
  it.world.time = TEST_TIME + 40 * 86_400_000;
  await it.untilTold("firing trust-expires timestamp");
  await it.channel.publish(50);
});

test("a config.json that cannot be used is told, and what held before holds", async () => {
  await using it = await watching();
  it.begin();
  await it.untilEvent("proof");
  const file = join(it.home, "config.json");
  const sound = readFileSync(file);
  writeFileSync(file, "{");
  await it.untilTold("firing home-unreadable");
  it.say(60);
  await it.timer.until(
    () => JSON.parse(readFileSync(join(it.home, "clock/observed.json"), "utf8")).epoch === 60,
    "the epoch goes on",
  );
  writeFileSync(file, sound);
  await it.untilTold("cleared home-unreadable");
});

test("a generation that cannot be read is told, and the epoch goes on", async () => {
  await using it = await watching();
  it.begin();
  await it.untilEvent("proof");
  const file = join(it.home, "generations/00000001.json");
  const sound = readFileSync(file);
  chmodSync(file, 0o644);
  writeFileSync(file, sound.subarray(0, 40));
  await it.untilTold("firing home-unreadable");
  it.say(60);
  await it.timer.until(
    () => JSON.parse(readFileSync(join(it.home, "clock/observed.json"), "utf8")).epoch === 60,
    "the epoch goes on",
  );
  writeFileSync(file, sound);
  await it.untilTold("cleared home-unreadable");
});

test("an observation that is damaged is written anew", async () => {
  await using it = await watching();
  it.begin();
  await it.untilEvent("proof");
  const file = join(it.home, "clock/observed.json");
  writeFileSync(file, "{");
  await it.timer.until(() => readFileSync(file, "utf8") !== "{", "written anew");
  assert.equal(JSON.parse(readFileSync(file, "utf8")).epoch, 50);
  rmSync(file);
  await it.timer.until(() => existsSync(file), "written anew");
});
