import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ARCHIVE_CASES } from "../hostile/support/archive-cases.ts";
import { claims, INPUTS } from "../hostile/support/claims.ts";
import { RogueHome } from "../hostile/support/rogue-home.ts";

// Every archive of the list the whole way through `upgrade`: its exit code, an untouched home, the quarantine. The others have
// their tests in test/hostile, by the same numbers.

/** Minutes of work the whole way; the reader's own tests take it. */
const ALONE = new Set([67, 72]);

let rogue: RogueHome;
before(async () => {
  rogue = await RogueHome.begin();
});
after(async () => await rogue[Symbol.asyncDispose]());

for (const [index, hostile] of ARCHIVE_CASES.entries()) {
  if (ALONE.has(hostile.number)) continue;
  test(`through upgrade: input ${hostile.number}, ${hostile.name}`, async () => {
    await rogue.refusesRelease(hostile, `2.0.${index}`);
  });
}

test("every input of the list has its test", (context) => {
  context.diagnostic(`${claims().size} of ${INPUTS} inputs to refuse have a test`);
  assert.equal(claims().size, INPUTS);
});
