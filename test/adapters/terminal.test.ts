import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { barText } from "../../src/adapters/terminal/bars.ts";
import { createReporter, type ReporterManner } from "../../src/adapters/terminal/reporter.ts";

const PLAIN: ReporterManner = { progress: "none", notes: true, colours: false };

function terminal() {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 30 });
  const written: string[] = [];
  stream.setEncoding("utf8").on("data", (text: string) => written.push(text));
  const output = { stream: stream as unknown as NodeJS.WriteStream, write: (text: string) => void stream.write(text) };
  return { output, text: () => written.join("") };
}

test("notes under -v, warnings always, foreign text made harmless", () => {
  const { output, text } = terminal();
  using reporter = createReporter(output, PLAIN);
  reporter.note("step \u001b[2J one");
  reporter.warn("epoch-unknown", "Nobody\nknows.");
  createReporter(output, { ...PLAIN, notes: false }).note("not told");
  assert.equal(text(), "enginery: step \ufffd[2J one\nenginery: warning epoch-unknown: Nobody\ufffdknows.\n");
});

test("JSON Lines: one event a line, few of them, the last one whole", () => {
  const { output, text } = terminal();
  using reporter = createReporter(output, { ...PLAIN, progress: "json" });
  {
    using bar = reporter.progress("xsnap 0.15.0", 3000);
    for (let at = 0; at < 3000; at += 1) bar.advance(1);
  }
  using _open = reporter.progress("unknown", undefined);
  reporter.warn("cleanup", "Left behind.");
  reporter.note("a step");
  const events = text()
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  assert.ok(events.length < 10, `${events.length} events`);
  assert.deepEqual(events.slice(-3), [
    { event: "progress", label: "xsnap 0.15.0", bytes: 3000, total: 3000, done: true },
    { event: "warning", code: "cleanup", message: "Left behind." },
    { event: "note", message: "a step" },
  ]);
});

test("a bar says bytes, rate and time left, and how much is done", () => {
  const bar = { label: "xsnap 0.15.0", total: 4 * 1024 * 1024, bytes: 1024 * 1024, began: performance.now() - 1000 };
  assert.match(barText(bar, 3), /^xsnap 0\.15\.0 +\[####\.{12}\] 1\.0\/4\.0 MiB {2}(1\.0|0\.9) MiB\/s {2}3 s left$/);
  assert.match(barText({ ...bar, bytes: bar.total }, 0), /\[#{16}\] 4\.0\/4\.0 MiB .* done$/);
  assert.match(barText({ ...bar, total: undefined }, 3), /^xsnap 0\.15\.0 +1\.0 MiB {2}\S+ MiB\/s$/);
});

test("bars are drawn on the terminal, with lines above them, and leave it as it was", { timeout: 2000 }, async () => {
  const { output, text } = terminal();
  const reporter = createReporter(output, { ...PLAIN, progress: "bars" });
  const bar = reporter.progress("xsnap 0.15.0", 1000);
  bar.advance(400);
  await pause(200);
  bar.advance(600);
  reporter.warn("cleanup", "Left behind.");
  await pause(200);
  bar[Symbol.dispose]();
  reporter[Symbol.dispose]();
  assert.match(text(), /xsnap 0\.15\.0/);
  assert.match(text(), /warning cleanup: Left behind\.\n/);
  assert.match(text(), /\[#{16}\]/);
  assert.doesNotMatch(text(), /\p{Cc}\[\?(25l|7l)/u, "neither hides the cursor nor stops the wrapping of lines");
});

test("an operation that ends before the library is there draws nothing", { timeout: 2000 }, async () => {
  const { output, text } = terminal();
  const reporter = createReporter(output, { ...PLAIN, progress: "bars" });
  reporter.progress("quick", 10)[Symbol.dispose]();
  reporter[Symbol.dispose]();
  await pause(100);
  assert.equal(text(), "");
});
