import assert from "node:assert/strict";
import { test } from "node:test";
import { lastKnownGood } from "../../src/core/last-known-good.ts";
import { type KeptBy, planPrune } from "../../src/core/retention.ts";
import { naiveVerdict, type Verdict } from "./support/naive-retention.ts";
import { type RandomHome, randomHome } from "./support/random-homes.ts";

const HOMES = 10_000;
/** Each reason is to be the only one this often at least. */
const LEAST = 50;
/** Another one each time; a failure names it, and `RETENTION_SEED=N` gives the same homes again. */
const SEED = Number(process.env["RETENTION_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Every rule that there is; each must be the only reason in some homes, so that none could be left out unseen. */
const REASONS = [
  "deployment",
  "pin",
  "lease",
  "selected",
  "generation",
  "last-known-good",
  "window everything - default",
  "window keepEpochs N operator",
  "window keepEpochs N publisher",
  "window keepSuperseded N default",
  "window keepSuperseded N operator",
  "window keepSuperseded N publisher",
  "window before N operator",
];

test("Prune under 100 leases, pins and windows equals a naive oracle over 10,000 random homes", (t) => {
  const seen = { installations: 0, removed: 0, kept: 0, retired: 0, refused: 0, unknown: 0, leases: 0, pins: 0 };
  const alone = new Map<string, number>();
  for (let number = 0; number < HOMES; number += 1) {
    const seed = (SEED + number) >>> 0;
    const home = randomHome(seed);
    const expected = naiveVerdict(home);
    assert.deepEqual(verdictOf(home), expected, `RETENTION_SEED=${seed}`);
    seen.removed += expected.removed.length;
    seen.kept += Object.keys(expected.kept).length;
    seen.retired += expected.retired.length;
    seen.refused += expected.publisherOnly.length > 0 && home.policy.before !== undefined ? 1 : 0;
    seen.unknown += home.epoch === undefined ? 1 : 0;
    seen.leases = Math.max(seen.leases, home.leases.length);
    seen.pins = Math.max(seen.pins, home.pins.length);
    for (const reasons of Object.values(expected.kept)) {
      const [only, ...others] = reasons.map((reason) => reason.replace(/ \d+ /, " N "));
      if (only !== undefined && others.length === 0) alone.set(only, (alone.get(only) ?? 0) + 1);
    }
  }
  seen.installations = seen.removed + seen.kept;
  t.diagnostic(
    `seed ${SEED}: ${HOMES} homes, ${Object.entries(seen)
      .map(([what, count]) => `${count} ${what}`)
      .join(", ")}`,
  );
  t.diagnostic(
    `kept for one reason alone: ${REASONS.map((reason) => `${reason} ${alone.get(reason) ?? 0}`).join(", ")}`,
  );
  assert.equal(Math.min(seen.leases, seen.pins), 100);
  assert.deepEqual(
    REASONS.filter((reason) => (alone.get(reason) ?? 0) < LEAST),
    [],
  );
  assert.ok(seen.removed > HOMES && seen.refused > HOMES / 100, "prune has something to do");
});

function verdictOf(home: RandomHome): Verdict {
  const { restate, remove, keep, retire, publisherOnly } = planPrune({ ...home, lastKnownGood: lastKnownGood(home) });
  const names = (list: readonly { engine: string; version: string }[]) =>
    list.map(({ engine, version }) => `${engine}@${version}`).sort();
  return {
    removed: names(remove),
    kept: Object.fromEntries(
      keep
        .map(({ installation, keptBy }) => [names([installation])[0] ?? "", keptBy.map(spelled).sort()] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
    restated: names(restate),
    publisherOnly: names(publisherOnly),
    retired: retire,
  };
}

function spelled({ kind, ...rest }: KeptBy): string {
  return kind === "window" ? [kind, rest["rule"], rest["limit"] ?? "-", rest["by"]].join(" ") : kind;
}
