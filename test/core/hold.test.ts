import assert from "node:assert/strict";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import { holdEnd, holdEndWords, holds } from "../../src/core/hold.ts";

const NOW = Date.UTC(2027, 0, 1);
const facts = { now: NOW, epoch: 100 };
const refusal = (code: "usage" | "refused" | "bad-epoch") => (error: unknown) => isEngineryError(error, code);

test("an end is a span, a day, an instant or an epoch", () => {
  assert.deepEqual(holdEnd("24h", facts), { until: "2027-01-02T00:00:00Z" });
  assert.deepEqual(holdEnd("7d", facts), { until: "2027-01-08T00:00:00Z" });
  assert.deepEqual(holdEnd("2027-02-03", facts), { until: "2027-02-03T00:00:00Z" });
  assert.deepEqual(holdEnd("2027-02-03T04:05:06Z", facts), { until: "2027-02-03T04:05:06Z" });
  assert.deepEqual(holdEnd("epoch:101", facts), { untilEpoch: 101 });
});

test("an end that has come is refused, one that is none is a slip of the fingers", () => {
  for (const when of ["2027-01-01", "2026-12-31T23:59:59Z", "epoch:100", "epoch:0"]) {
    assert.throws(() => holdEnd(when, facts), refusal("refused"), when);
  }
  for (const when of ["", "tomorrow", "24", "0h", "-1h", "2027-13-01", "2027-02-30", "2027-1-1", "24h "]) {
    assert.throws(() => holdEnd(when, facts), refusal("usage"), when);
  }
  for (const when of ["epoch:", "epoch:-1", "epoch:1.5", "epoch:x"]) {
    assert.throws(() => holdEnd(when, facts), refusal("bad-epoch"), when);
  }
});

test("an epoch may be any while the epoch is unknown, and has not come", () => {
  const unknown = { now: NOW, epoch: undefined };
  assert.deepEqual(holdEnd("epoch:3", unknown), { untilEpoch: 3 });
  assert.equal(holds({ at: "", untilEpoch: 3 }, unknown), true);
});

test("a hold is over at its end and not before", () => {
  const at = new Date(NOW).toISOString();
  assert.equal(holds({ at }, facts), true);
  assert.equal(holds({ at, until: "2027-01-01T00:00:01Z" }, facts), true);
  assert.equal(holds({ at, until: "2027-01-01T00:00:00Z" }, facts), false);
  assert.equal(holds({ at, untilEpoch: 101 }, facts), true);
  assert.equal(holds({ at, untilEpoch: 100 }, facts), false);
});

test("the end in words", () => {
  assert.equal(holdEndWords({}), "");
  assert.equal(holdEndWords({ until: "2027-01-01T00:00:00Z" }), " until 2027-01-01T00:00:00Z");
  assert.equal(holdEndWords({ untilEpoch: 7 }), " until epoch 7");
});
