import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type CheapHome, cheapHome } from "./races/cheap-home.ts";
import { CLAIMANT_LOOKS_FIRST, PRUNE_READS_FIRST, raceHandshake, raceTwoPrunes } from "./races/handshake.ts";
import { requireNone, tally } from "./support/tally.ts";

const ROUNDS = Number(process.env["ENGINERY_SAFETY_ROUNDS"] ?? 10_000);
const SEED = Number(process.env["ENGINERY_SAFETY_SEED"] ?? 20_270_101);
let cheap: CheapHome;

before(async () => {
  cheap = await cheapHome();
});
after(() => cheap[Symbol.dispose]());

test("prune against exec and the library: no order of their steps removes what runs", (context) => {
  const { rounds, claimed, refused, removed, broken } = raceHandshake(cheap, ROUNDS, SEED);
  context.diagnostic(`${rounds} rounds: ${claimed} claimed, ${refused} refused, ${removed} removed`);
  tally(context, { cases: rounds });
  requireNone(broken);
  assert.ok(claimed > 0 && refused > 0 && removed > 0 && removed < rounds);
});

test("two prunes at once against exec and the library", (context) => {
  const rounds = Math.ceil(ROUNDS / 10);
  tally(context, { cases: rounds });
  requireNone(raceTwoPrunes(cheap, rounds, SEED));
});

for (const [what, mutant] of [
  ["a prune that reads the leases before it writes its marks", PRUNE_READS_FIRST],
  ["a claimant that looks for the mark before it writes its lease", CLAIMANT_LOOKS_FIRST],
] as const) {
  test(`mutant: ${what} is caught`, () => {
    const { broken } = raceHandshake(cheap, ROUNDS, SEED, mutant);
    assert.ok(
      broken.some((one) => one.includes("its installation is gone")),
      "no order showed it",
    );
  });
}
