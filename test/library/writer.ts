/**
 * Another process that changes a home as the command line does: a step for each line that it is given, and a line for each step when it
 * has been announced.
 * node writer.ts HOME ENGINE VERSION,VERSION TENANT,TENANT ROUNDS
 */
import { createInterface } from "node:readline";
import { composeWorld } from "../../src/compose.ts";
import { observe } from "../../src/ops/observe.ts";
import { pin, unpin } from "../../src/ops/pin.ts";

const [home = "", engine = "", versions = "", tenants = "", rounds = "0"] = process.argv.slice(2);
const world = composeWorld();
const turns = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
for (let round = 0; round < Number(rounds); round++) {
  for (const tenant of tenants.split(",")) {
    await turns.next();
    const version = versions.split(",")[round % 2] ?? "";
    if (round % 5 === 4) await unpin(world, { home, engine, tenant, dryRun: false });
    else await pin(world, { home, dryRun: false, force: "a test", pins: [{ tenant, engine, version }] });
    say({ tenant, version: round % 5 === 4 ? null : version });
  }
  await turns.next();
  await observe(world, { home, epoch: 100 + round, dryRun: false, force: "a test" });
  say({ epoch: 100 + round });
}

process.stdin.destroy();

function say(announced: object): void {
  process.stdout.write(`${JSON.stringify({ ...announced, at: Date.now() })}\n`);
}
