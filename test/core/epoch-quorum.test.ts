import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { epochByQuorum, isDecided, judgeEpoch, quorumOf, type SourceOutcome } from "../../src/core/epoch-quorum.ts";
import { refuses } from "./support/samples.ts";

const said = (...epochs: readonly (number | string)[]): readonly SourceOutcome[] =>
  epochs.map((one, at) =>
    typeof one === "number" ? { name: `n${at}`, epoch: one } : { name: `n${at}`, problem: one },
  );

test("a majority of the endpoints is the quorum where none is asked for", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((endpoints) => quorumOf(endpoints, undefined)),
    [1, 2, 2, 3, 3],
  );
  assert.equal(quorumOf(3, 1), 1);
  assert.equal(quorumOf(3, 3), 3);
  for (const [endpoints, quorum] of [
    [3, 4],
    [3, 0],
    [0, 1],
  ] as const)
    refuses("usage", () => quorumOf(endpoints, quorum));
  refuses("usage", () => quorumOf(0, undefined));
  refuses("config-invalid", () => quorumOf(1, 2, "config-invalid"));
});

test("one endpoint of three neither moves the epoch ahead nor holds it back", () => {
  assert.equal(epochByQuorum(said(100, 100, 100), 2).epoch, 100);
  assert.equal(epochByQuorum(said(100, 100, 2 ** 50), 2).epoch, 100, "lying ahead");
  assert.equal(epochByQuorum(said(0, 100, 100), 2).epoch, 100, "lagging");
  assert.equal(epochByQuorum(said(100, "It is silent.", 101), 2).epoch, 100, "silent");
  assert.equal(epochByQuorum(said(99, 100, 101), 2).epoch, 100, "each at another block");
  const answer = epochByQuorum(said(101, 100, 50), 2);
  assert.deepEqual(answer.epoch === undefined ? undefined : answer.saidBy, ["n0", "n1"]);
});

test("too few answers leave the epoch unknown, with the reason of each endpoint", () => {
  const answer = epochByQuorum(said(7, "It is silent.", "It lies."), 2);
  assert.equal(answer.epoch, undefined);
  assert.equal(
    answer.epoch === undefined && answer.problem,
    "1 of 3 epoch sources told an epoch, and 2 must: n0 says 7. It is silent. It lies.",
  );
});

test("whatever fewer than a quorum say, the epoch stays among what the others say", () => {
  const epoch = fc.integer({ min: 0, max: 2 ** 53 - 1 });
  fc.assert(
    fc.property(
      fc.array(epoch, { minLength: 2, maxLength: 5 }),
      fc.array(fc.option(epoch), { maxLength: 4 }),
      (honest, liars) => {
        // as many honest endpoints as the quorum asks for, and fewer others
        const others = liars.slice(0, honest.length - 1).map((one) => one ?? "It is silent.");
        const answer = epochByQuorum(said(...others, ...honest), honest.length);
        assert.ok(
          answer.epoch !== undefined && answer.epoch >= Math.min(...honest) && answer.epoch <= Math.max(...honest),
        );
      },
    ),
  );
});

test("who is slow need be waited for only where that can change the epoch", () => {
  assert.equal(isDecided(said(100, 100), 1, 2), true, "one more can only say the same or be alone");
  assert.equal(isDecided(said(100, 101), 1, 2), false, "with one more that is ahead it is 101");
  assert.equal(isDecided(said(100, "It is silent."), 1, 2), false, "no quorum yet");
  assert.equal(isDecided(said(100), 2, 1), false, "anybody may say more");
  assert.equal(isDecided(said(7, 100, 100), 2, 3), false, "two more make it 100: who lags holds nobody back");
  assert.equal(isDecided(said(7, 7, 7, 100), 1, 3), true);
});

test("an epoch that is decided is the epoch that all endpoints together give", () => {
  const epoch = fc.integer({ min: 0, max: 6 });
  const outcomes = fc.array(fc.option(epoch), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(outcomes, fc.nat(7), fc.nat(6), (all, heard, asked) => {
      const told = said(...all.map((one) => one ?? "It is silent."));
      const quorum = (asked % all.length) + 1;
      const first = told.slice(0, heard);
      if (!isDecided(first, told.length - first.length, quorum)) return;
      assert.equal(epochByQuorum(first, quorum).epoch, epochByQuorum(told, quorum).epoch);
    }),
    { numRuns: 2000 },
  );
});

test("the epoch never goes back by itself, and no further ahead at once than is allowed", () => {
  assert.equal(judgeEpoch(undefined, 2 ** 50, 1), "taken", "nothing to measure the first one by");
  assert.equal(judgeEpoch(7, 7, 1), "same");
  assert.equal(judgeEpoch(7, 6, undefined), "lower");
  assert.equal(judgeEpoch(7, 2 ** 50, undefined), "taken");
  assert.equal(judgeEpoch(7, 17, 10), "taken");
  assert.equal(judgeEpoch(7, 18, 10), "too-far");
});
