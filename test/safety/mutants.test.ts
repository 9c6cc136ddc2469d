import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { MUTANTS } from "./mutants/all-mutants.ts";
import { Workshop } from "./mutants/workshop.ts";

// One safety line after the other is taken out of a copy: the tests that are named for it must turn red.

const LANES = 2;

test("each mutant is listed in docs/SAFETY.md", () => {
  const page = readFileSync(new URL("../../docs/SAFETY.md", import.meta.url), "utf8");
  assert.deepEqual(
    MUTANTS.filter(({ name }) => !page.includes(`| ${name} |`)).map(({ name }) => name),
    [],
    "run: node scripts/mutants.ts --write",
  );
});

describe("mutants", { concurrency: LANES }, () => {
  const free: Workshop[] = [];
  before(() => {
    for (let lane = 0; lane < LANES; lane += 1) free.push(new Workshop());
  });
  after(() => {
    for (const workshop of free) workshop[Symbol.dispose]();
  });

  for (const mutant of MUTANTS) {
    test(`without ${mutant.name}`, async (context) => {
      const workshop = free.pop();
      assert.ok(workshop);
      try {
        const caught = await workshop.catchOf(mutant);
        assert.ok(caught, `nobody notices in ${mutant.by.join(", ")}`);
        context.diagnostic(`${mutant.file}: caught by ${caught.file}: ${caught.title}`);
      } finally {
        free.push(workshop);
      }
    });
  }
});
