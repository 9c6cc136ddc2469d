import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { lookAt } from "./checker.ts";
import { cheapHome } from "./races/cheap-home.ts";
import { tally } from "./support/tally.ts";

const RECORDERS = 3;
const RACE_MS = Number(process.env["ENGINERY_SAFETY_OBSERVERS_MS"] ?? 6_000);

interface Recorder {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
}

test("three recorders of an epoch that rises: a reader never sees it go back", async (context) => {
  using cheap = await cheapHome();
  const origin = Date.now();
  const recorders = await Promise.all(Array.from({ length: RECORDERS }, () => begin(cheap.home, origin)));
  const seen = await follow(join(cheap.home, "clock/observed.json"), RACE_MS);
  const done = await Promise.all(recorders.map(end));
  const taken = done.reduce((total, one) => total + one.taken, 0);
  const lower = done.reduce((total, one) => total + one.lower, 0);
  context.diagnostic(
    `${taken} taken, ${lower} refused as lower, ${seen.looks} looks, ${seen.epochs} epochs seen, ${seen.back.length} times back`,
  );
  tally(context, { cases: taken + lower });
  assert.deepEqual(seen.back.slice(0, 10), []);
  assert.ok(seen.epochs > 20 && lower > 0 && done.every((one) => one.taken > 0), "they met");
  assert.deepEqual(lookAt(cheap.home).problems, []);
});

async function begin(home: string, origin: number): Promise<Recorder> {
  const file = join(import.meta.dirname, "races/recorder.ts");
  const words = process.env["ENGINERY_SAFETY_NO_TURNS"] === undefined ? [] : ["without turns"];
  const child = spawn(process.execPath, [file, home, `${origin}`, ...words], { stdio: ["pipe", "pipe", "inherit"] });
  const reader: Interface = createInterface({ input: child.stdout });
  const lines = reader[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, "ready");
  return { child, lines };
}

async function end({ child, lines }: Recorder): Promise<{ readonly taken: number; readonly lower: number }> {
  const exit = once(child, "exit");
  child.stdin?.end();
  const { value } = await lines.next();
  assert.deepEqual((await exit)[0], 0);
  return JSON.parse(value);
}

/** Looks again and again: where the epoch went back, how often it looked, how many epochs it saw. */
async function follow(file: string, milliseconds: number) {
  const back: string[] = [];
  let [looks, epochs, last] = [0, 0, 0];
  for (const until = performance.now() + milliseconds; performance.now() < until; looks += 1) {
    const { epoch } = JSON.parse(readFileSync(file, "utf8"));
    if (epoch < last) back.push(`${epoch} after ${last}`);
    if (epoch !== last) epochs += 1;
    last = epoch;
    await pause(1);
  }
  return { back, looks, epochs };
}
