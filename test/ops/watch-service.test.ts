import assert from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { EngineryError } from "../../src/core/errors.ts";
import { publishThird } from "../support/installed-toys.ts";
import { type Watching, watching } from "./support/watching.ts";

function manager(watchdogMs: number | undefined, fails = false) {
  const told: Record<string, string>[] = [];
  return {
    told,
    watchdogMs,
    notify: async (words: Readonly<Record<string, string>>) => {
      if (fails) throw new EngineryError("engine-start", "systemd-notify did not tell the service manager: ENOENT.");
      told.push({ ...words });
    },
  };
}

test("the service manager hears READY once an epoch was observed, how it stands, and STOPPING", async () => {
  const voice = manager(undefined);
  await using it = await watching({ manager: voice });
  it.say(97);
  it.begin();
  await it.timer.until(() => voice.told.length > 0, "READY");
  assert.deepEqual(voice.told[0], { READY: "1", STATUS: "epoch 97, toy 1.0.0 then 2.0.0 in 3" });
  it.say(100);
  await it.timer.until(() => voice.told.some(({ STATUS }) => STATUS === "epoch 100, toy 2.0.0"), "the new status");
  assert.ok(voice.told.every((words) => words["WATCHDOG"] === undefined));
  await it.stop();
  assert.deepEqual(voice.told.at(-1), { STOPPING: "1" });
  assert.equal(voice.told.filter(({ READY }) => READY !== undefined).length, 1);
});

test("without an epoch it is not READY; an earlier observation that counts is enough", async () => {
  const voice = manager(undefined);
  await using it = await watching({ manager: voice });
  it.say(undefined);
  it.begin({ settings: { epochMaxAge: 3600 } });
  await it.timer.until(() => voice.told.length > 0, "READY");
  await it.stop();
  voice.told.length = 0;
  it.world.time += 7_200_000;
  it.begin({ settings: { epochMaxAge: 3600 } });
  await it.timer.pass(600_000);
  assert.deepEqual(voice.told, []);
  it.say(60);
  await it.timer.until(() => voice.told.length > 0, "READY");
  assert.equal(voice.told[0]?.["READY"], "1");
});

test("the watchdog is fed at half of its time, as long as the loop that reads the epoch turns", async () => {
  const voice = manager(20_000);
  let hangs = false;
  await using it = await watching({ manager: voice });
  const { epochSource } = it.world;
  Object.assign(it.world, {
    epochSource: async (spec: Parameters<typeof epochSource>[0]) => {
      const source = await epochSource(spec);
      return {
        ...source,
        read: (options: Parameters<typeof source.read>[0]) =>
          hangs ? new Promise(() => undefined) : source.read(options),
      };
    },
  });
  it.begin();
  await it.timer.pass(100_000);
  const fed = voice.told.filter(({ WATCHDOG }) => WATCHDOG === "1").length;
  assert.ok(fed >= 9 && fed <= 11, `${fed} times in 100 s`);
  hangs = true;
  // the loop hangs in its reading now, and only two of three sleep
  const { sleep } = it.timer;
  void sleep(10_000_000_000);
  await it.timer.pass(200_000);
  voice.told.length = 0;
  await it.timer.pass(100_000);
  assert.deepEqual(
    voice.told.filter(({ WATCHDOG }) => WATCHDOG === "1"),
    [],
  );
});

test("a service manager that cannot be told stops nothing, and is told of once", async () => {
  await using it = await watching({ manager: manager(20_000, true) });
  it.begin();
  await it.timer.pass(100_000);
  assert.equal(it.events.filter((event) => event.event === "failure" && event.place === "notify").length, 1);
  assert.equal((await it.stop()).ended, "stopped");
});

interface Got {
  readonly status: number;
  readonly body: string;
}

function get(address: string, path: string): Promise<Got> {
  const options = address.startsWith("unix:") ? { socketPath: address.slice(5), path } : new URL(path, address);
  return new Promise((resolve, reject) => {
    const asking = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    asking.on("error", reject);
    asking.end();
  });
}

function address({ events }: Watching): string {
  const event = events.find((one) => one.event === "following");
  return event?.event === "following" ? (event.metrics ?? "") : "";
}

test("metrics: what is in effect, next, left, observed, installed, wrong; health; nothing else", async () => {
  await using it = await watching();
  await publishThird(it.channel);
  it.say(198);
  it.begin({ settings: { watchMetrics: "127.0.0.1:0" } });
  await it.timer.until(
    () => it.events.some((event) => event.event === "proof" && event.version === "3.0.0"),
    "3.0.0 is proven",
  );
  const { status, body } = await get(address(it), "/metrics");
  assert.equal(status, 200);
  const lines = body.split("\n");
  for (const line of [
    'enginery_build_info{version="0.1.0"} 1',
    "enginery_following 1",
    "enginery_observed_epoch 198",
    'enginery_in_effect{engine="toy",version="2.0.0"} 1',
    'enginery_next{engine="toy",version="3.0.0"} 1',
    'enginery_next_proven{engine="toy",version="3.0.0"} 1',
    'enginery_next_epochs_left{engine="toy"} 2',
    "enginery_generation 2",
    "enginery_manifest_serial 2",
    "enginery_held 0",
    'enginery_alarms_firing{kind="next-not-installed"} 0',
  ]) {
    assert.ok(lines.includes(line), `${line}\n${body}`);
  }
  assert.match(body, /^enginery_trust_expiry_time_seconds\{role="timestamp"\} \d+$/m);
  assert.match(body, /^enginery_free_bytes \d+$/m);
  assert.deepEqual(await get(address(it), "/healthz"), { status: 200, body: "following\n" });
  assert.equal((await get(address(it), "/")).status, 404);
  it.say(undefined);
  await it.untilTold("firing epoch-unknown");
  const after = (await get(address(it), "/metrics")).body;
  assert.match(after, /^enginery_alarms_firing\{kind="epoch-unknown"\} 1$/m);
  assert.match(after, /^enginery_failures_total\{kind="source",code="epoch-unreadable"\} [1-9]/m);
  assert.match(after, /^enginery_following 0$/m);
});

test("metrics at a socket of this machine; healthz tells when readers have no answer", async () => {
  await using it = await watching();
  it.say(undefined);
  const socket = `unix:${join(it.world.folder, "metrics")}`;
  it.world.time += 7_200_000;
  it.begin({ settings: { watchMetrics: socket, epochMaxAge: 3600 } });
  await it.untilTold("firing epoch-unknown");
  assert.deepEqual(await get(socket, "/healthz"), { status: 503, body: "starting\n" });
  const { body } = await get(socket, "/metrics");
  assert.doesNotMatch(body, /enginery_observed_epoch/);
});

test("a second watch at the same address says so", async () => {
  await using one = await watching();
  one.begin({ settings: { watchMetrics: "127.0.0.1:0" } });
  await one.untilEvent("following");
  const { host } = new URL(address(one));
  await using other = await watching();
  other.begin({ settings: { watchMetrics: host } });
  await assert.rejects(other.ended(), { code: "busy" });
});
