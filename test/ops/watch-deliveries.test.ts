import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { lookAt } from "../safety/checker.ts";
import { watching } from "./support/watching.ts";

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
}

/** A webhook of this machine; `answer` ends each request. */
async function hook(answer: (response: ServerResponse, count: number) => void) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString("utf8")) });
      answer(response, received.length);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/alarms/secret-key`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const kinds = (received: readonly Received[]) => received.map(({ body }) => `${body["status"]} ${body["alarm"]}`);

test("webhook: the alarm as JSON, with the token, as it begins and as it ends", async () => {
  await using web = await hook((response) => response.writeHead(204).end());
  await using it = await watching();
  it.say(undefined);
  it.begin({ settings: { alarmWebhook: web.url }, webhookToken: "a token" });
  await it.timer.until(() => web.received.length === 1, "the first");
  it.say(51);
  await it.timer.until(() => web.received.length === 2, "the second");
  assert.deepEqual(kinds(web.received), ["firing epoch-unknown", "cleared epoch-unknown"]);
  const [first] = web.received;
  assert.equal(first?.headers.authorization, "Bearer a token");
  assert.equal(first?.headers["content-type"], "application/json");
  assert.deepEqual([first?.body["event"], first?.body["home"], first?.body["told"]], ["alarm", it.home, 1]);
});

test("webhook: tried again where it fails, four times at most; the loop goes on, and the address stays a secret", async () => {
  await using web = await hook((response) => response.writeHead(500).end());
  await using it = await watching();
  it.say(undefined);
  it.begin({ settings: { alarmWebhook: web.url } });
  await it.timer.until(() => web.received.length === 4, "four tries");
  await it.timer.pass(300_000);
  assert.equal(web.received.length, 4);
  const failures = it.events.filter((event) => event.event === "failure" && event.place === "webhook");
  assert.equal(failures.length, 1, "told once");
  assert.doesNotMatch(JSON.stringify(it.events), /secret-key/);
  it.say(51);
  await it.timer.until(
    () => JSON.parse(readFileSync(join(it.home, "clock/observed.json"), "utf8")).epoch === 51,
    "the epoch goes on",
  );
});

test("webhook: a failure that passes is a delivery", async () => {
  await using web = await hook((response, count) => response.writeHead(count < 3 ? 503 : 200).end());
  await using it = await watching();
  it.say(undefined);
  it.begin({ settings: { alarmWebhook: web.url } });
  await it.timer.until(() => web.received.length === 3, "three tries");
  await it.timer.pass(300_000);
  assert.equal(web.received.length, 3);
});

test("webhook: an alarm is not sent on to where a redirect leads", async () => {
  await using other = await hook((response) => response.writeHead(200).end());
  await using web = await hook((response) => response.writeHead(307, { location: other.url }).end());
  await using it = await watching();
  it.say(undefined);
  it.begin({ settings: { alarmWebhook: web.url }, webhookToken: "a token" });
  await it.timer.until(() => web.received.length === 4, "four tries");
  assert.equal(other.received.length, 0);
  assert.match(JSON.stringify(it.events), /HTTP 307, and an alarm is not sent on/);
});

test("webhook: one that never answers holds up nothing, and of what comes meanwhile the newest is delivered", async () => {
  const waiting: ServerResponse[] = [];
  await using web = await hook((response, count) => {
    if (count === 1) waiting.push(response);
    else response.writeHead(200).end();
  });
  await using it = await watching();
  it.say(undefined);
  it.begin({ settings: { alarmWebhook: web.url } });
  await it.timer.until(() => web.received.length === 1, "the first");
  for (const epoch of [undefined, 52, undefined, 53]) {
    it.say(epoch);
    await it.timer.pass(120_000);
  }
  assert.equal(it.told().length, 4, "firing, cleared, firing, cleared");
  assert.equal(web.received.length, 1);
  waiting[0]?.writeHead(200).end();
  await it.timer.until(() => web.received.length === 2, "the newest");
  await it.timer.pass(60_000);
  assert.deepEqual(kinds(web.received), ["firing epoch-unknown", "cleared epoch-unknown"]);
});

function script(folder: string, text: string): string {
  const path = join(folder, "alarm.sh");
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("command: without a shell; JSON on its input, words in its environment, none of our secrets", async () => {
  await using it = await watching();
  const { folder } = it.world;
  const out = join(folder, "out");
  const path = script(folder, `echo "$1" > ${out}.args; env > ${out}.env; cat > ${out}.json; mv ${out}.json ${out}`);
  it.say(undefined);
  it.begin({
    settings: { alarmCommand: [path, "$(id); a b"] },
    env: {
      PATH: "/usr/bin:/bin",
      MINE: "yes",
      NOTIFY_SOCKET: "/run/x",
      ENGINERY_ALARM_TOKEN: "secret",
      ENGINERY_ALARM_WEBHOOK: "https://secret",
      ENGINERY_PASSPHRASE: "secret",
    },
  });
  await it.timer.until(() => existsSync(out), "the command ran");
  const alarm = JSON.parse(readFileSync(out, "utf8"));
  assert.deepEqual([alarm.kind, alarm.status, alarm.home], ["epoch-unknown", "firing", it.home]);
  assert.equal(readFileSync(`${out}.args`, "utf8"), "$(id); a b\n");
  const env = readFileSync(`${out}.env`, "utf8");
  for (const line of [
    "MINE=yes",
    "ENGINERY_ALARM_KIND=epoch-unknown",
    "ENGINERY_ALARM_STATUS=firing",
    `ENGINERY_HOME=${it.home}`,
  ])
    assert.ok(env.split("\n").includes(line), line);
  assert.doesNotMatch(env, /secret|NOTIFY_SOCKET|ENGINERY_ALARM_EPOCHS_LEFT/);
});

test("command: one at a time for each alarm, and a slow one holds up nothing", async () => {
  await using it = await watching();
  const { folder } = it.world;
  const path = script(folder, `f=$(mktemp ${folder}/ran.XXXXXX); while [ ! -e ${folder}/go ]; do sleep 0.05; done`);
  const ran = () => readdirSync(folder).filter((name) => name.startsWith("ran.")).length;
  it.say(undefined);
  it.begin({ settings: { alarmCommand: [path] } });
  await it.timer.until(() => ran() === 1, "it runs");
  for (const epoch of [51, undefined, 52]) {
    it.say(epoch);
    await it.timer.pass(120_000);
  }
  assert.equal(ran(), 1);
  writeFileSync(join(folder, "go"), "");
  await it.timer.until(() => ran() === 2, "the newest");
  await it.timer.pass(60_000);
  assert.equal(ran(), 2);
});

test("command: one that fails or is not there is told once, and tried once", async () => {
  await using it = await watching();
  it.say(undefined);
  it.begin({ settings: { alarmCommand: ["/no/such/program"] } });
  await it.timer.until(() => it.events.some((event) => event.event === "failure" && event.place === "command"), "told");
  it.say(51);
  await it.untilTold("cleared epoch-unknown");
  await it.timer.pass(60_000);
  const failures = it.events.filter((event) => event.event === "failure" && event.place === "command");
  assert.equal(failures.length, 1);
});

test("alarmExit ends it, after the alarm was delivered", async () => {
  await using web = await hook((response) => setTimeout(() => response.writeHead(200).end(), 200));
  await using it = await watching();
  it.say(undefined);
  it.begin({ settings: { alarmWebhook: web.url, alarmExit: ["epoch-unknown"] } });
  await it.timer.until(() => it.told().length > 0, "told");
  const result = await it.ended();
  assert.deepEqual([result.ended, result.alarms.map(({ kind }) => kind)], ["alarm", ["epoch-unknown"]]);
  assert.deepEqual(kinds(web.received), ["firing epoch-unknown"]);
});

test("an alarm that alarmExit does not name ends nothing", async () => {
  await using it = await watching();
  it.say(undefined);
  it.begin({ settings: { alarmExit: ["disk-low"] } });
  await it.untilTold("firing epoch-unknown");
  it.say(51);
  await it.untilTold("cleared epoch-unknown");
  assert.equal((await it.stop()).ended, "stopped");
});

test("--once delivers before it ends, and answers what is firing", async () => {
  await using web = await hook((response) => response.writeHead(200).end());
  await using it = await watching();
  it.say(undefined);
  rmSync(join(it.home, "clock/observed.json"));
  it.begin({ once: true, settings: { alarmWebhook: web.url } });
  const result = await it.ended();
  assert.deepEqual([result.epoch, result.alarms.map(({ kind }) => kind)], [null, ["epoch-unknown"]]);
  assert.deepEqual(kinds(web.received), ["firing epoch-unknown"]);
});

test("--once from a timer: an alarm is told once, again after an hour, as it ends, and when it comes back", async () => {
  await using web = await hook((response) => response.writeHead(200).end());
  await using it = await watching();
  const record = join(it.home, "clock/alarms.json");
  const round = async () => {
    it.begin({ once: true, settings: { alarmWebhook: web.url, epochMaxAge: 60 } });
    const { alarms } = await it.ended();
    return alarms.map(({ alarm, told }) => `${alarm} ${told}`);
  };
  it.say(undefined);
  for (let minutes = 0; minutes < 5; minutes += 1) {
    it.world.time += 120_000;
    assert.deepEqual(await round(), ["epoch-unknown 1"]);
  }
  assert.deepEqual(kinds(web.received), ["firing epoch-unknown"]);
  assert.deepEqual(lookAt(it.home).problems, []);
  it.world.time += 3_600_000;
  assert.deepEqual(await round(), ["epoch-unknown 2"]);
  it.say(60);
  assert.deepEqual(await round(), []);
  assert.equal(existsSync(record), false, "nothing is firing, nothing is remembered");
  it.say(undefined);
  it.world.time += 120_000;
  assert.deepEqual(await round(), ["epoch-unknown 1"]);
  writeFileSync(record, "{");
  assert.deepEqual(await round(), ["epoch-unknown 1"], "what cannot be read was not told");
  assert.deepEqual(kinds(web.received), [
    ...["firing epoch-unknown", "firing epoch-unknown", "cleared epoch-unknown"],
    ...["firing epoch-unknown", "firing epoch-unknown"],
  ]);
});

test("--once: what could not be delivered is told by the next round", {
  skip: process.platform === "win32",
}, async () => {
  await using web = await hook((response) => response.writeHead(200).end());
  await using it = await watching();
  it.say(undefined);
  rmSync(join(it.home, "clock/observed.json"));
  const round = async (settings: { alarmCommand: string[] } | { alarmWebhook: string }) => {
    it.begin({ once: true, settings });
    await it.ended();
  };
  await round({ alarmCommand: ["false"] });
  assert.equal(existsSync(join(it.home, "clock/alarms.json")), false);
  for (let rounds = 0; rounds < 2; rounds += 1) await round({ alarmWebhook: web.url });
  assert.deepEqual(kinds(web.received), ["firing epoch-unknown"]);
});

test("--once tells what is wrong at its end: what it has yet to prove is not called mended", async () => {
  await using it = await watching();
  it.say(98);
  const file = join(it.home, "engines/toy/2.0.0/share/notes.txt");
  chmodSync(file, 0o644);
  writeFileSync(file, "Not what was signed.");
  for (let rounds = 0; rounds < 3; rounds += 1) {
    it.begin({ once: true });
    await it.ended();
    assert.deepEqual(it.told(), ["firing next-damaged toy@2.0.0 2"]);
  }
});
