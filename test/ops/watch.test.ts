import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import { observe } from "../../src/ops/observe.ts";
import { which } from "../../src/ops/which.ts";
import { lookAt } from "../safety/checker.ts";
import { publishThird } from "../support/installed-toys.ts";
import { type Watching, watching } from "./support/watching.ts";

const observed = ({ home }: Watching) => JSON.parse(readFileSync(join(home, "clock/observed.json"), "utf8"));
const answer = async ({ world, home }: Watching) => (await which(world, { home, engine: "toy" })).version;
const modes = ({ events }: Watching) => events.flatMap((event) => (event.event === "mode" ? [event.to] : []));

test("the epoch is followed, and which answers by it", async () => {
  await using it = await watching();
  it.begin();
  await it.timer.until(() => modes(it).includes("following"), "following");
  assert.equal(await answer(it), "1.0.0");
  for (const [epoch, version] of [
    [99, "1.0.0"],
    [100, "2.0.0"],
    [170, "2.0.0"],
  ] as const) {
    it.say(epoch);
    await it.timer.until(() => observed(it).epoch === epoch, `epoch ${epoch}`);
    assert.equal(await answer(it), version);
  }
  assert.match(observed(it).from, /^file:/);
  assert.deepEqual((await it.stop()).ended, "stopped");
  assert.deepEqual([modes(it), it.told()], [["following"], []]);
  assert.deepEqual(lookAt(it.home).problems, []);
  assert.equal(existsSync(join(it.home, "clock/watcher.json")), false);
});

test("an epoch that does not change is written once; with epochMaxAge before it is too old", async () => {
  await using it = await watching();
  it.begin();
  await it.timer.until(() => modes(it).includes("following"), "following");
  const { at } = observed(it);
  await it.timer.pass(3_600_000);
  assert.equal(observed(it).at, at);
  await it.stop();
  it.begin({ settings: { epochMaxAge: 60 } });
  for (let minutes = 0; minutes < 10; minutes += 1) {
    await it.timer.pass(60_000);
    const ageMs = it.world.time - Date.parse(observed(it).at);
    assert.ok(ageMs <= 60_000, `${ageMs} ms old`);
    assert.equal(await answer(it), "1.0.0");
  }
});

test("a lower epoch is not taken, and the source that says it is doubted; forced by hand it goes back", async () => {
  await using it = await watching();
  it.begin();
  await it.timer.until(() => modes(it).includes("following"), "following");
  it.say(40);
  await it.timer.until(() => modes(it).includes("doubting"), "doubting");
  await it.timer.pass(10_000);
  assert.equal(observed(it).epoch, 50);
  await it.untilTold("firing epoch-unknown");
  await observe(it.world, { home: it.home, dryRun: false, epoch: 30, force: "the chain was reset" });
  await it.untilTold("cleared epoch-unknown");
  assert.equal(observed(it).epoch, 40);
  assert.deepEqual(modes(it), ["following", "doubting", "following"]);
});

test("an epoch further ahead than epochMaxStep is not taken", async () => {
  await using it = await watching();
  it.begin({ settings: { epochMaxStep: 10 } });
  await it.timer.until(() => modes(it).includes("following"), "following");
  it.say(61);
  await it.timer.until(() => modes(it).includes("doubting"), "doubting");
  it.say(60);
  await it.timer.until(() => observed(it).epoch === 60, "60");
});

test("an epoch that cannot be read is unknown and never 0; what was seen goes on counting, until epochMaxAge", async () => {
  await using it = await watching();
  it.begin({ settings: { epochMaxAge: 600 } });
  await it.timer.until(() => modes(it).includes("following"), "following");
  it.say(undefined);
  await it.timer.until(() => modes(it).includes("silent"), "silent");
  assert.deepEqual([await answer(it), it.told()], ["1.0.0", []]);
  await it.untilTold("firing epoch-unknown");
  assert.equal(await answer(it), "1.0.0");
  await it.timer.until(() => modes(it).includes("unknown"), "unknown");
  it.say(51);
  await it.untilTold("cleared epoch-unknown");
  assert.equal(observed(it).epoch, 51);
});

test("what the publisher has new is taken and proven ahead of its epoch, and in effect with the observation of it", async () => {
  await using it = await watching();
  it.begin();
  await it.untilEvent("proof");
  await publishThird(it.channel);
  await it.untilEvent("upgrade");
  it.say(197);
  const proven = () =>
    it.events.some((event) => event.event === "proof" && event.version === "3.0.0" && event.flaws.length === 0);
  await it.timer.until(proven, "3.0.0 is proven");
  it.say(199);
  await it.timer.until(() => observed(it).epoch === 199, "199");
  assert.equal(await answer(it), "2.0.0");
  it.say(200);
  await it.timer.until(() => observed(it).epoch === 200, "200");
  assert.equal(await answer(it), "3.0.0");
  assert.deepEqual([it.told(), existsSync(join(it.home, "engines/toy/1.0.0"))], [[], true]);
});

test("watchPrune has it prune after its upgrades", async () => {
  await using it = await watching();
  it.say(150);
  await publishThird(it.channel);
  it.begin({ settings: { watchPrune: true, keepSuperseded: 0, keepEpochs: 0, keepGenerations: 1 } });
  await it.untilEvent("upgrade");
  assert.equal(existsSync(join(it.home, "engines/toy/1.0.0")), false);
  assert.equal(await answer(it), "2.0.0");
});

test("SIGHUP has everything looked at at once", async () => {
  await using it = await watching();
  it.begin({ settings: { watchInterval: 3600, watchCheckEvery: 86_400 } });
  await it.timer.until(() => modes(it).includes("following"), "following");
  await it.untilEvent("proof");
  await publishThird(it.channel);
  it.say(55);
  const before = it.timer.ticks();
  it.reload();
  await it.timer.until(() => observed(it).epoch === 55, "55");
  await it.untilEvent("upgrade");
  assert.ok(it.timer.ticks() - before < 10_000);
});

test("one watch a home: the second says who is there; a claim whose process is gone is void", async () => {
  await using it = await watching();
  const other = { ...it.world.host.self(), pid: 1, started: it.world.host.startedOf(1) ?? "" };
  const host = { ...it.world.host, platform: it.world.host.platform, self: () => other };
  const { watch } = await import("../../src/ops/watch.ts");
  const service = { listen: () => ({ [Symbol.dispose]: () => undefined }), manager: undefined };
  const ours = { ...it.world, host, service };
  it.begin();
  await it.timer.until(() => modes(it).includes("following"), "following");
  const request = {
    home: it.home,
    dryRun: false,
    offline: false,
    allowHttp: false,
    once: false,
    settings: {},
    env: {},
  };
  await assert.rejects(
    watch(ours, { ...request, sources: [`file:${it.world.folder}/epoch-0`] }, () => undefined),
    (error: unknown) => isEngineryError(error, "busy") && error.message.includes(`process ${process.pid}`),
  );
  assert.equal(modes(it).at(-1), "following");
  await it.stop();
  const claim = join(it.home, "clock/watcher.json");
  const gone = { ...it.world.host.self(), pid: 4_194_303, started: "1" };
  writeFileSync(claim, JSON.stringify({ format: 1, operation: "0a", at: "2027-01-01T00:00:00Z", owner: gone }));
  it.begin();
  await it.timer.until(() => modes(it).length === 2, "following again");
  assert.deepEqual(
    it.events.filter(({ event }) => event === "warning"),
    [],
  );
});

test("a claim that cannot be judged from here is taken over, and told; who has lost its claim leaves", async () => {
  await using it = await watching();
  const claim = join(it.home, "clock/watcher.json");
  const say = (owner: object) =>
    writeFileSync(claim, JSON.stringify({ format: 1, operation: "0a", at: "2027-01-01T00:00:00Z", owner }));
  say({ ...it.world.host.self(), machine: "another" });
  it.begin();
  await it.timer.until(() => modes(it).includes("following"), "following");
  assert.ok(it.events.some((event) => event.event === "warning" && event.code === "lock"));
  rmSync(claim);
  await it.timer.pass(10_000);
  assert.ok(existsSync(claim), "claimed again");
  say({ ...it.world.host.self(), pid: 1, started: it.world.host.startedOf(1) ?? "" });
  await assert.rejects(
    Promise.all([it.ended(), it.timer.pass(20_000)]),
    (error: unknown) => isEngineryError(error, "busy") && error.message.includes("process 1"),
  );
  assert.ok(existsSync(claim), "it is another's");
});

test("settings that cannot be used are said before anything is begun", async () => {
  await using it = await watching();
  const refused = async (more: object, code: "usage" | "source-refused" | "config-invalid") => {
    it.begin(more);
    await assert.rejects(it.ended(), (error: unknown) => isEngineryError(error, code), JSON.stringify(more));
  };
  await refused({ sources: [] }, "usage");
  await refused({ sources: ["nonsense"] }, "usage");
  await refused({ quorum: 2 }, "usage");
  await refused({ settings: { watchMetrics: "0.0.0.0:80" } }, "usage");
  await refused({ settings: { alarmWebhook: "http://example.org/" } }, "source-refused");
  assert.equal(existsSync(join(it.home, "clock/watcher.json")), false);
  assert.deepEqual(it.events, []);
});

test("--once makes one round: the epoch, what is new, a proof, and its end", async () => {
  await using it = await watching();
  await publishThird(it.channel);
  it.say(98);
  it.begin({ once: true });
  const result = await it.ended();
  assert.deepEqual([result.ended, result.epoch, result.generation, result.alarms], ["once", 98, 2, []]);
  assert.ok(it.events.some((event) => event.event === "proof" && event.version === "2.0.0"));
  assert.equal(existsSync(join(it.home, "clock/watcher.json")), false);
});

test("--dry-run writes nothing and says what would be", async () => {
  await using it = await watching();
  await publishThird(it.channel);
  it.say(198);
  it.begin({ dryRun: true });
  const result = await it.ended();
  assert.deepEqual([result.dryRun, result.epoch, result.generation], [true, 198, 1]);
  assert.equal(observed(it).epoch, 50);
  assert.equal(existsSync(join(it.home, "engines/toy/3.0.0")), false);
  assert.equal(existsSync(join(it.home, "clock/watcher.json")), false);
});

test("a source that never answers costs the others a second, and is told of as failing all the same", {
  skip: process.platform === "win32",
}, async () => {
  await using it = await watching({ sources: 2 });
  const sources = [0, 1].map((at) => `file:${join(it.world.folder, `epoch-${at}`)}`);
  it.begin({ sources: [...sources, "command:sleep 60"], timeoutSeconds: 1 });
  it.say(51, 0);
  it.say(51, 1);
  await it.timer.until(() => observed(it).epoch === 51, "51");
  await it.untilTold("firing source-failing command:sleep ...");
  assert.deepEqual(modes(it), ["following"]);
});

test("the epoch is read and recorded while a release is being hashed", async () => {
  const hashing = Promise.withResolvers<void>();
  let begun = 0;
  await using it = await watching({
    // a release that takes as long to be hashed as somebody else says
    world: {
      hashing: {
        start: ({ beside }) => {
          if (beside) return undefined;
          begun += 1;
          return {
            add: () => {},
            place: () => undefined,
            finish: () => hashing.promise.then(() => new Map()),
            [Symbol.dispose]: () => {},
          };
        },
      },
    },
  });
  it.begin();
  await it.timer.until(() => modes(it).includes("following"), "following");
  // the loop that proves is at work until then: time passes without it
  void it.timer.sleep(10_000_000_000);
  await it.timer.until(() => begun > 0, "hashing");
  for (const epoch of [51, 52, 53]) {
    it.say(epoch);
    await it.timer.until(() => observed(it).epoch === epoch, `${epoch}`);
  }
  hashing.resolve();
  await it.untilEvent("proof");
});
