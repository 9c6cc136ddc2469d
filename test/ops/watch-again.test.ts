import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { lookAt } from "../safety/checker.ts";
import { type Watching, watching } from "./support/watching.ts";

const HOUR_MS = 3_600_000;
const record = ({ home }: Watching) => join(home, "clock/alarms.json");

async function again(it: Watching, more: Parameters<Watching["begin"]>[0] = {}): Promise<void> {
  await it.stop();
  it.begin(more);
}

function spoil(it: Watching): () => void {
  const path = join(it.home, "engines/toy/1.0.0/share/notes.txt");
  const sound = readFileSync(path);
  const write = (bytes: string | Uint8Array) => {
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
    chmodSync(path, 0o444);
  };
  write("Not what was signed.");
  return () => write(sound);
}

test("a watch that is started again tells an alarm no second time, but after the hour and when it is over", async () => {
  await using it = await watching();
  it.say(undefined);
  rmSync(join(it.home, "clock/observed.json"));
  it.begin();
  await it.untilTold("firing epoch-unknown");
  for (let starts = 0; starts < 3; starts += 1) {
    await again(it);
    await it.timer.pass(60_000);
  }
  assert.deepEqual(it.told(), ["firing epoch-unknown"]);
  assert.deepEqual(lookAt(it.home).problems, []);
  await again(it);
  await it.timer.pass(HOUR_MS);
  assert.deepEqual(it.told(), ["firing epoch-unknown", "firing epoch-unknown"]);
  await again(it);
  it.say(60);
  await it.untilTold("cleared epoch-unknown");
  await again(it);
  await it.timer.pass(60_000);
  assert.equal(it.told().length, 3);
  assert.equal(existsSync(record(it)), false, "nothing is firing, nothing is remembered");
});

test("what takes long to be found is not called mended meanwhile: a proof, a source that fails", async () => {
  await using it = await watching({ sources: 3 });
  const mend = spoil(it);
  it.say(undefined, 2);
  it.begin();
  const both = ["firing in-effect-damaged toy@1.0.0", "firing source-failing"];
  await it.timer.until(() => both.every((words) => it.told(words).length === 1), "both");
  const before = it.told();
  for (let starts = 0; starts < 2; starts += 1) {
    await again(it);
    await it.timer.pass(300_000);
  }
  assert.deepEqual(it.told(), before);
  mend();
  it.say(50, 2);
  await again(it);
  await it.timer.until(() => it.told("cleared").length === 2, "both are over");
  assert.deepEqual(it.firing(), []);
});

test("what was not delivered is told anew, and so is what is to end a watch", async () => {
  await using it = await watching();
  it.say(undefined);
  rmSync(join(it.home, "clock/observed.json"));
  const failing = { settings: { alarmCommand: ["false"] } };
  it.begin(failing);
  await it.untilTold("firing epoch-unknown");
  await again(it, failing);
  await it.timer.until(() => it.told().length === 2, "told anew");
  assert.equal(existsSync(record(it)), false);
  for (let starts = 0; starts < 2; starts += 1) {
    await again(it, { settings: { alarmExit: ["epoch-unknown"] } });
    assert.equal((await it.timer.finish(it.ended())).ended, "alarm");
  }
  assert.equal(it.told().length, 4);
});
