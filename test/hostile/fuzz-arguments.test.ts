import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VERBS } from "../../src/cli/commands/table.ts";
import { flagsOf } from "../../src/cli/commands/verb.ts";
import { play } from "../cli/support/stage.ts";
import { fuzz } from "./support/fuzzing.ts";

/** What the canned engine ends with. */
const ENGINE = 42;
/** docs/CLI.md, "Exit codes": all but 1, which is a bug of ours. */
const EXITS = new Set([0, 2, 3, 4, 5, 6, 7, 8, 10]);
/** Of `exec`: the engine's own, or 120 and one of these. */
const EXEC_EXITS = new Set([ENGINE, ...[...EXITS].map((status) => 120 + status)]);

function requireStatus(status: number, argv: readonly string[], said: string): void {
  assert.ok(EXITS.has(status) || (argv.includes("exec") && EXEC_EXITS.has(status)), `exit ${status}\n${said}`);
}

const FLAGS = [...new Set(VERBS.flatMap((verb) => flagsOf(verb).map(({ name }) => `--${name}`)))];
const NAMES = [
  "wasmtime",
  "xsnap",
  "xsnap@0.15.0",
  "xsnap@0.15",
  "a@b@c",
  "con",
  "../x",
  "@1.0.0",
  "repo",
  "/tmp/x",
  "DIR",
];
const ODD = [
  "",
  " ",
  "-",
  "--",
  "---",
  "-h",
  "-V",
  "-nqvy",
  "=",
  "--=",
  "--json=",
  "--json=maybe",
  "--epoch=-1",
  "1e9",
  "99999999999999999999",
  "\0",
  "\n",
  "\u001b[31m",
  "$(id)",
  "`id`",
  "'\"",
  "../../etc/passwd",
  "constructor",
  "__proto__",
  "toString",
  "x".repeat(5000),
];
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...FLAGS) },
  { weight: 2, arbitrary: fc.constantFrom(...FLAGS).chain((flag) => fc.string().map((value) => `${flag}=${value}`)) },
  { weight: 3, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 1, arbitrary: fc.nat().map(String) },
);
const verb = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...VERBS.map(({ words }) => words)) },
  { weight: 1, arbitrary: fc.array(word, { maxLength: 2 }) },
);

test("whatever the words: an exit status of CLI.md, one error, no stack trace, and nobody is asked", async (context) => {
  const property = fc.asyncProperty(
    fc.array(word, { maxLength: 2 }),
    verb,
    fc.array(word, { maxLength: 6 }),
    async (before, words, after) => {
      const argv = [...before, ...words, ...after];
      const { status, stdout, stderr, questions } = await play(argv, { files: { "/work/DIR": "{}" } });
      requireStatus(status, argv, stdout + stderr);
      assert.doesNotMatch(stdout + stderr, /\n {4}at |"code": "internal"/);
      assert.deepEqual(questions, []);
      if (status !== 0 && status !== ENGINE) assert.notEqual(stdout + stderr, "", "said nothing");
    },
  );
  await fuzz(context, 400, property);
});

test("whatever the variables: the same", async (context) => {
  const variables = [...new Set(VERBS.flatMap((each) => flagsOf(each).map(({ env }) => env)))].filter(
    (name): name is string => typeof name === "string",
  );
  const env = fc.dictionary(fc.constantFrom(...variables), word, { maxKeys: 4 });
  const property = fc.asyncProperty(env, verb, fc.array(word, { maxLength: 3 }), async (set, words, after) => {
    const { status, stdout, stderr } = await play([...words, ...after], { env: set });
    requireStatus(status, words, stdout + stderr);
    assert.doesNotMatch(stdout + stderr, /\n {4}at |"code": "internal"/);
  });
  await fuzz(context, 200, property);
});
