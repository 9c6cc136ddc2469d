import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SHORT_VERBS } from "../../src/cli/commands/short.ts";
import { VERBS } from "../../src/cli/commands/table.ts";
import { flagsOf } from "../../src/cli/commands/verb.ts";
import { parseArguments } from "../../src/cli/parser.ts";
import { readPlainly } from "../../src/cli/plain-words.ts";

const WORDS = [
  "sample",
  "sample@1.0.0",
  "5",
  "",
  "-",
  "--",
  "---",
  "-5",
  "--epoch=5",
  "-yq",
  "--no-yes",
  "help",
  "which",
  "a b",
  "--nothing",
  "-undefined",
];
const FLAGS = [
  ...new Set(SHORT_VERBS.flatMap(flagsOf).flatMap(({ name, short }) => [`--${name}`, `-${short ?? "h"}`])),
];

test("every short verb is in the table, and is a word of its own", () => {
  for (const verb of SHORT_VERBS) {
    assert.ok(VERBS.includes(verb), verb.words.join(" "));
    assert.equal(verb.words.length, 1);
  }
});

test("what is read plainly the parser reads the same, and refuses nothing of it", () => {
  let read = 0;
  const word = fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...FLAGS, "--help", "--version", "-V"));
  const line = fc.tuple(fc.constantFrom(...SHORT_VERBS.map(({ words }) => words[0])), fc.array(word, { maxLength: 5 }));
  fc.assert(
    fc.property(line, ([verb, words]) => {
      const argv = [verb, ...words];
      const plain = readPlainly(SHORT_VERBS, argv);
      if (plain === undefined) return;
      read += 1;
      assert.deepEqual(parseArguments(VERBS, argv), plain, JSON.stringify(argv));
    }),
    { numRuns: 5000 },
  );
  assert.ok(read > 300, `only ${read} were read`);
});

test("the lines that hosts and operators write most are read plainly", () => {
  for (const line of [
    "which xsnap --tenant v42 --epoch 1200 --json",
    "list --home /srv/engines",
    "status",
    "upgrade --yes --no-prune",
    "pin v42 xsnap@1.0.0",
    "exec xsnap --epoch 5 -- --help -v",
    "observe 5",
    "rollback -y",
  ]) {
    assert.ok(readPlainly(SHORT_VERBS, line.split(" ")), line);
  }
});

test("help, wrong words and abbreviations are the parser's", () => {
  for (const line of [
    "which --help",
    "which",
    "list a b",
    "which x -h",
    "which x --why=yes",
    "--json which x",
    "which x --epoch -1",
    "pin -yq",
  ]) {
    assert.equal(readPlainly(SHORT_VERBS, line.split(" ")), undefined, line);
  }
});
