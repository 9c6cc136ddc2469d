import assert from "node:assert/strict";
import { test } from "node:test";
import { claims, INPUTS } from "./support/claims.ts";

test(`each of the ${INPUTS} inputs to refuse has a test that is named by its number`, () => {
  const claimed = claims();
  const missing = Array.from({ length: INPUTS }, (_, index) => index + 1).filter((number) => !claimed.has(number));
  assert.deepEqual(missing, [], `no test for ${missing.join(", ")}`);
  assert.deepEqual(
    [...claimed.keys()].filter((number) => number > INPUTS),
    [],
    "numbers that the list does not have",
  );
});
