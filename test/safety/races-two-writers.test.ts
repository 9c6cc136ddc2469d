import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { use } from "../../src/ops/use.ts";
import { type CheapHome, cheapHome, FAST } from "./races/cheap-home.ts";
import { racePair, WRITERS } from "./races/pairs.ts";
import { requireNone, tally } from "./support/tally.ts";

/** Whether the lock's holder slept, the clock was stepped or the lock's folder is gone: it comes to two writers at once. */
const SEED = Number(process.env["ENGINERY_SAFETY_SEED"] ?? 20_270_101);
const RANDOM_ROUNDS = Number(process.env["ENGINERY_SAFETY_PAIR_ROUNDS"] ?? 6);
let cheap: CheapHome;
/** Two generations, so that there is something to go back to. */
let begin: string;

before(async () => {
  cheap = await cheapHome();
  await use(cheap.world, { home: cheap.home, engine: "rig", version: "2.0.0", dryRun: false });
  begin = mkdtempSync(join(FAST, "enginery-pairs-"));
  cpSync(cheap.home, begin, { recursive: true, preserveTimestamps: true });
});
after(() => {
  cheap[Symbol.dispose]();
  rmSync(begin, { recursive: true, force: true });
});

async function arrange(): Promise<void> {
  rmSync(cheap.home, { recursive: true, force: true });
  cpSync(begin, cheap.home, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

for (const one of WRITERS) {
  test(`${one.name} with any other writer between any two of its steps`, async (context) => {
    const broken: string[] = [];
    let rounds = 0;
    for (const other of WRITERS) {
      const result = await racePair(cheap, arrange, [one, other], { rounds: RANDOM_ROUNDS, seed: SEED });
      rounds += result.rounds;
      broken.push(...result.broken);
    }
    context.diagnostic(`${rounds} rounds`);
    tally(context, { cases: rounds });
    requireNone(broken);
  });
}
