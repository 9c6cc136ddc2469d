import assert from "node:assert/strict";
import { test } from "node:test";
import {
  advanceAlarms,
  alarmDocument,
  alarmName,
  type Condition,
  type FiringAlarms,
  REMINDER_MS,
} from "../../../src/core/watch/alarms.ts";
import { recalledAlarms, toldAlarms } from "../../../src/core/watch/told.ts";

const AT = "2027-01-01T00:00:00Z";
const NEXT: Condition = {
  kind: "next-not-installed",
  engine: "xs",
  version: "2.0.0",
  epochsLeft: 3,
  message: "It is not installed.",
  mend: "enginery install xs@2.0.0",
};
const UNKNOWN: Condition = { kind: "epoch-unknown", message: "Nobody says it.", mend: "Say it." };

/** Looks one after the other; what each told, as `status left`. */
function told(looks: readonly { readonly tick?: number; readonly conditions: readonly Condition[] }[]): string[][] {
  let firing: FiringAlarms = new Map();
  return looks.map(({ tick = 0, conditions }) => {
    const advanced = advanceAlarms(firing, conditions, { at: AT, tick, epoch: 7 });
    firing = advanced.firing;
    assert.equal(firing.size, new Set(conditions.map(alarmName)).size, "no more is remembered than is wrong");
    return advanced.notices.map(({ status, alarm, epochsLeft }) => `${status} ${alarm} ${epochsLeft ?? "-"}`);
  });
}

test("an alarm is told as it begins, at each epoch left, and as it ends; not at each look", () => {
  const at = (epochsLeft: number) => ({ conditions: [{ ...NEXT, epochsLeft }] });
  assert.deepEqual(told([at(3), at(3), at(2), at(2), at(1), { conditions: [] }, { conditions: [] }]), [
    ["firing next-not-installed xs@2.0.0 3"],
    [],
    ["firing next-not-installed xs@2.0.0 2"],
    [],
    ["firing next-not-installed xs@2.0.0 1"],
    ["cleared next-not-installed xs@2.0.0 1"],
    [],
  ]);
});

test("far ahead a tenth must have gone, so that heights tell no story", () => {
  const lefts = Array.from({ length: 600 }, (_, at) => 600 - at);
  const said = told(lefts.map((epochsLeft) => ({ conditions: [{ ...NEXT, epochsLeft }] }))).flat();
  assert.ok(said.length > 20 && said.length < 60, `${said.length}`);
  assert.deepEqual(
    said.slice(-10).map((words) => words.split(" ").at(-1)),
    ["10", "9", "8", "7", "6", "5", "4", "3", "2", "1"],
  );
});

test("an epoch set back, or a later validFrom, is no news", () => {
  const at = (epochsLeft: number) => ({ conditions: [{ ...NEXT, epochsLeft }] });
  assert.deepEqual(
    told([at(2), at(5), at(2), at(1)]).map((said) => said.length),
    [1, 0, 0, 1],
  );
});

test("what no epoch counts down is told again after an hour", () => {
  const at = (tick: number) => ({ tick, conditions: [UNKNOWN] });
  assert.deepEqual(
    told([at(0), at(REMINDER_MS - 1), at(REMINDER_MS), at(REMINDER_MS + 1), at(2 * REMINDER_MS)]).map(
      (said) => said.length,
    ),
    [1, 0, 1, 0, 1],
  );
});

test("what is wrong in an epoch that has begun is told again after an hour too", () => {
  const inEffect: Condition = { ...NEXT, kind: "in-effect-not-installed", epochsLeft: 0 };
  const at = (tick: number) => ({ tick, conditions: [inEffect] });
  assert.deepEqual(
    told([at(0), at(1), at(REMINDER_MS)]).map((said) => said.length),
    [1, 0, 1],
  );
});

test("other words of the same alarm are the same alarm, and counted", () => {
  const first = advanceAlarms(new Map(), [NEXT], { at: AT, tick: 0, epoch: 7 });
  const later = { at: "2027-01-01T00:01:00Z", tick: 60_000, epoch: 8 };
  const second = advanceAlarms(first.firing, [{ ...NEXT, message: "Still not.", epochsLeft: 2 }], later);
  const [notice] = second.notices;
  assert.deepEqual([notice?.since, notice?.told, notice?.message, notice?.epoch], [AT, 2, "Still not.", 8]);
  assert.deepEqual(alarmDocument("/home", notice as never), { event: "alarm", home: "/home", ...notice });
});

test("names: a release, an engine, a source, or the kind alone", () => {
  assert.equal(alarmName(NEXT), "next-not-installed xs@2.0.0");
  assert.equal(alarmName(UNKNOWN), "epoch-unknown");
  assert.equal(alarmName({ ...UNKNOWN, kind: "trust-expires", subject: "root" }), "trust-expires root");
});

test("what is firing outlives its process: told again after the hour, nearer or when it came back", () => {
  const began = { now: Date.UTC(2027, 0, 1), tick: 5_000_000 };
  const condition: Condition = {
    kind: "next-not-installed",
    engine: "xs",
    version: "2.0.0",
    epochsLeft: 9,
    message: "m",
    mend: "n",
  };
  const low: Condition = { kind: "disk-low", message: "m", mend: "n" };
  const at = (ms: number) => ({ at: new Date(began.now + ms).toISOString(), tick: 100 + ms, epoch: 7 });
  const first = advanceAlarms(new Map(), [condition, low], { at: at(0).at, tick: began.tick, epoch: 7 });
  const records = toldAlarms(first.firing, began);
  const recalled = (ms: number) => recalledAlarms(records, { now: began.now + ms, tick: 100 + ms });
  const told = (ms: number, ...conditions: readonly Condition[]) =>
    advanceAlarms(recalled(ms), conditions, at(ms)).notices.map(({ status, kind, told: times, since }) => [
      status,
      kind,
      times,
      since,
    ]);
  const since = new Date(began.now).toISOString();
  assert.deepEqual(told(60_000, condition, low), []);
  assert.deepEqual(told(REMINDER_MS, condition, low), [["firing", "disk-low", 2, since]]);
  assert.deepEqual(told(60_000, { ...condition, epochsLeft: 8 }, low), [["firing", "next-not-installed", 2, since]]);
  assert.deepEqual(told(60_000, condition), [["cleared", "disk-low", 1, since]]);
  assert.deepEqual(told(-60_000, condition, low), [], "a clock that was set back");
});
