import assert from "node:assert/strict";
import { test } from "node:test";
import { epochObserved } from "../../src/core/epoch.ts";

test("an observation counts as long as it is young, by a clock that may have been set back", () => {
  const at = "2026-01-02T03:04:05.000Z";
  const after = (seconds: number, maxAge?: number) =>
    epochObserved({ epoch: 7, at }, maxAge, Date.parse(at) + seconds * 1000);
  assert.deepEqual([after(60, 60), after(61, 60), after(0, 0)], [7, undefined, 7]);
  assert.deepEqual([after(-60, 60), after(-61, 60)], [7, undefined]);
  assert.deepEqual([after(1e9), after(-1e9)], [7, 7], "without a limit none is too old");
  assert.equal(epochObserved(undefined, 60, 0), undefined);
});
