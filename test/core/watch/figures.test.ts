import assert from "node:assert/strict";
import { test } from "node:test";
import { isEngineryError } from "../../../src/core/errors.ts";
import type { Config } from "../../../src/core/model/home.ts";
import { parseMetricsAddress } from "../../../src/core/watch/metrics-address.ts";
import { advancePace, leadOf, type Pace, secondsUntil } from "../../../src/core/watch/pace.ts";
import { mustRecord } from "../../../src/core/watch/record.ts";
import { watchSettings } from "../../../src/core/watch/settings.ts";
import { checkDelay, deliveryDelay, readingDelay } from "../../../src/core/watch/timing.ts";

const MIDDLE = 0.5;
const CONFIG: Config = { format: 1, repository: "/r", channel: "c" };

test("readings: the interval, spread by a tenth; longer while they fail, never longer than half a minute or the interval", () => {
  const delay = (failures: number, chance = MIDDLE, intervalMs = 5_000) =>
    readingDelay({ intervalMs, failures }, chance);
  assert.deepEqual([delay(0), delay(0, 0), delay(0, 0.999_999)], [5_000, 4_500, 5_500]);
  assert.deepEqual(
    [1, 2, 3, 4, 1000].map((failures) => delay(failures)),
    [10_000, 20_000, 30_000, 30_000, 30_000],
  );
  assert.equal(delay(9, MIDDLE, 120_000), 120_000);
});

test("upgrades: as often as asked; soon again after a failure; within a minute where what is due is missing", () => {
  const asked = { checkEveryMs: 900_000, failures: 0, urgent: false };
  assert.equal(checkDelay(asked, MIDDLE), 900_000);
  assert.equal(checkDelay({ ...asked, urgent: true }, MIDDLE), 60_000);
  const after = (failures: number, urgent = false) => checkDelay({ ...asked, failures, urgent }, MIDDLE);
  assert.deepEqual(
    [1, 2, 3, 7, 8, 1000].map((failures) => after(failures)),
    [10_000, 20_000, 40_000, 640_000, 900_000, 900_000],
  );
  assert.equal(after(9, true), 60_000);
  assert.equal(checkDelay({ checkEveryMs: 2_000, failures: 3, urgent: true }, MIDDLE), 2_000);
});

test("deliveries: a second, then longer, never more than half a minute", () => {
  assert.deepEqual(
    [1, 2, 3, 50].map((failures) => deliveryDelay(failures, MIDDLE)),
    [1_000, 2_000, 4_000, 30_000],
  );
});

test("the pace is measured from whole epochs, and smoothed", () => {
  const seen = (pace: Pace | undefined, epoch: number, tick: number) => advancePace(pace, epoch, tick);
  let pace = seen(undefined, 10, 500);
  assert.equal(secondsUntil(pace, 5), undefined, "we came into its middle");
  pace = seen(pace, 10, 700);
  pace = seen(pace, 11, 1_000);
  assert.equal(secondsUntil(pace, 5), undefined);
  pace = seen(pace, 12, 7_000);
  assert.deepEqual([pace.msPerEpoch, secondsUntil(pace, 5)], [6_000, 30]);
  pace = seen(pace, 14, 27_000);
  assert.equal(pace.msPerEpoch, 6_000 * 0.75 + 10_000 * 0.25, "two epochs in 20 s");
  const back = seen(pace, 5, 30_000);
  assert.deepEqual([back.beganAt, back.msPerEpoch], [undefined, pace.msPerEpoch], "set back by an operator");
});

test("the lead is the longer of epochs and time", () => {
  const pace: Pace = { epoch: 1, beganAt: 0, msPerEpoch: 6_000 };
  assert.equal(leadOf({ leadEpochs: 3, leadSeconds: undefined }, pace), 3);
  assert.equal(leadOf({ leadEpochs: 3, leadSeconds: 3_600 }, pace), 600);
  assert.equal(leadOf({ leadEpochs: 3, leadSeconds: 7 }, pace), 3);
  assert.equal(leadOf({ leadEpochs: 3, leadSeconds: 3_600 }, undefined), 3);
});

test("an observation is written where it differs, and in good time before it is too old", () => {
  const now = Date.UTC(2027, 0, 1);
  const recorded = (ageMs: number) =>
    ({ format: 1, epoch: 7, at: new Date(now - ageMs).toISOString(), from: "x" }) as const;
  const must = (ageMs: number, maxAgeSeconds?: number, epoch = 7) =>
    mustRecord(recorded(ageMs), epoch, { now, maxAgeSeconds });
  assert.equal(mustRecord(undefined, 7, { now, maxAgeSeconds: undefined }), true);
  assert.deepEqual([must(0, undefined, 8), must(1e12), must(29_999, 60), must(30_000, 60)], [true, false, false, true]);
  assert.equal(must(-30_000, 60), true, "the clock was set back");
});

test("settings: defaults, what config.json says, and what cannot be", () => {
  const settings = watchSettings(CONFIG);
  assert.deepEqual(
    [settings.intervalMs, settings.checkEveryMs, settings.leadEpochs, settings.prune, settings.graceMs],
    [5_000, 900_000, 3, false, 60_000],
  );
  assert.equal(watchSettings({ ...CONFIG, watchInterval: 60 }).graceMs, 180_000);
  assert.equal(watchSettings({ ...CONFIG, epochMaxAge: 9 }).intervalMs, 3_000, "renewed before it is too old");
  assert.equal(watchSettings({ ...CONFIG, epochMaxAge: 1 }).intervalMs, 1_000);
  assert.equal(watchSettings({ ...CONFIG, watchLeadEpochs: 9, leadEpochs: 5 }).leadEpochs, 5, "not staged before");
  const exits = watchSettings({ ...CONFIG, alarmExit: ["disk-low"] }).exits;
  assert.deepEqual([exits("disk-low"), exits("epoch-unknown")], [true, false]);
  assert.equal(watchSettings({ ...CONFIG, alarmExit: ["any"] }).exits("late-change"), true);
  assert.equal(settings.exits("disk-low"), false);
  const refused = (error: unknown) => isEngineryError(error, "source-refused");
  for (const alarmWebhook of ["http://example.org/x", "ftp://127.0.0.1/", "x"]) {
    assert.throws(() => watchSettings({ ...CONFIG, alarmWebhook }), refused, alarmWebhook);
  }
  assert.equal(
    watchSettings({ ...CONFIG, alarmWebhook: "http://example.org/x", allowHttp: true }).webhook !== undefined,
    true,
  );
  assert.equal(watchSettings({ ...CONFIG, alarmWebhook: "http://127.0.0.1:1/x" }).webhook, "http://127.0.0.1:1/x");
});

test("metrics are for this machine alone", () => {
  assert.deepEqual(parseMetricsAddress("127.0.0.1:9464"), { kind: "tcp", host: "127.0.0.1", port: 9464 });
  assert.deepEqual(parseMetricsAddress("[::1]:0"), { kind: "tcp", host: "::1", port: 0 });
  assert.deepEqual(parseMetricsAddress("localhost:80"), { kind: "tcp", host: "localhost", port: 80 });
  assert.deepEqual(parseMetricsAddress("unix:/run/x"), { kind: "unix", path: "/run/x" });
  const wrong = [
    "0.0.0.0:1",
    ":9464",
    "9464",
    "10.0.0.1:1",
    "[::]:1",
    "example.org:1",
    "127.0.0.1:65536",
    "127.0.0.1:",
    "127.0.0.1",
  ];
  for (const text of [...wrong, "unix:run/x", `unix:/${"x".repeat(200)}`, "", "127.0.0.1.example.org:1"]) {
    assert.throws(
      () => parseMetricsAddress(text),
      (error: unknown) => isEngineryError(error, "usage"),
      text,
    );
  }
});
