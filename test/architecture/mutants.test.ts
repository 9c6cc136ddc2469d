import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { MUTANTS } from "../safety/mutants/all-mutants.ts";
import type { Mutant } from "../safety/mutants/mutant.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");

/** Trying a mutant takes minutes; that the line it takes out is still there takes none. */
function problemOf({ name, file, from, to, by }: Mutant): string | undefined {
  const count = existsSync(new URL(file, ROOT)) ? read(file).split(from).length - 1 : 0;
  if (count !== 1) return `${name}: ${file} holds its line ${count} times; test/safety/mutants/ is to follow the code`;
  if (from === to) return `${name}: it changes nothing`;
  const missing = by.find((path) => !existsSync(new URL(path, ROOT)));
  return missing === undefined ? undefined : `${name}: there is no ${missing}`;
}

test("each safety line that the mutants take out is in the code, once", () => {
  assert.deepEqual(
    MUTANTS.flatMap((mutant) => problemOf(mutant) ?? []),
    [],
  );
  assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
});

test("a line that has left, and a test that has, are told", () => {
  const [sound] = MUTANTS;
  assert.ok(sound !== undefined);
  assert.match(problemOf({ ...sound, from: "no such line" }) ?? "", /holds its line 0 times/);
  assert.match(problemOf({ ...sound, to: sound.from }) ?? "", /changes nothing/);
  assert.match(problemOf({ ...sound, by: ["test/gone.test.ts"] }) ?? "", /there is no test\/gone/);
});
