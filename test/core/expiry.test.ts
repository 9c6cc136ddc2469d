import assert from "node:assert/strict";
import { test } from "node:test";
import { expiryInstant } from "../../src/core/expiry.ts";

const NOW = Date.UTC(2027, 0, 1) + 999;

test("spans count from now, instants stand for themselves", () => {
  assert.equal(expiryInstant("30d", NOW), "2027-01-31T00:00:00Z");
  assert.equal(expiryInstant("12h", NOW), "2027-01-01T12:00:00Z");
  assert.equal(expiryInstant("90m", NOW), "2027-01-01T01:30:00Z");
  assert.equal(expiryInstant("2031-02-28T23:59:59Z", NOW), "2031-02-28T23:59:59Z");
});

test("what is no expiry, or has passed, is refused", () => {
  for (const text of [
    "",
    "30",
    "0d",
    "-1d",
    "1.5d",
    "30 d",
    "30D",
    "99999d",
    "2031-02-30T00:00:00Z",
    "2031-01-01",
    "2031-01-01T00:00:00+01:00",
    "soon",
  ])
    assert.throws(() => expiryInstant(text, NOW), { code: "usage" }, text);
  assert.throws(() => expiryInstant("2027-01-01T00:00:00Z", NOW), { code: "refused" });
});
