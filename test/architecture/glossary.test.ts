// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are samples of source
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGlossary, forbiddenWords } from "./checks/glossary.ts";
import { EXCEPTIONS } from "./glossary-exceptions.ts";
import { readProject, sample } from "./support/tree.ts";

const glossary = readProject("docs/GLOSSARY.md").get("docs/GLOSSARY.md") ?? "";

/** Made from the tables of src/, which are looked at themselves. */
const MADE = /^templates\/(completions|man)\//;

test("code, templates and pages keep to the glossary", () => {
  const files = readProject("src/**/*.ts", "templates/**/*", "README.md", "docs/**/*.md");
  const written = [...files].filter(([path]) => !MADE.test(path) && path !== "docs/GLOSSARY.md");
  assert.deepEqual(checkGlossary(new Map(written), forbiddenWords(glossary), EXCEPTIONS), []);
});

test("every exception says why, in words", () => {
  for (const { word, why } of EXCEPTIONS) assert.match(why, /\w+ \w+/, word);
});

test("the table's words are found", () => {
  const words = forbiddenWords(glossary);
  for (const word of ["tool", "bundle", "index", "latest", "stale", "user", "profile", "target"])
    assert.ok(words.includes(word), word);
  assert.ok(!words.includes("xsnap"), "only the last column forbids");
});

const WORDS = ["bundle", "index", "latest", "stale", "tool", "user"];

test("each place where a word can be said goes red", () => {
  const sayings: readonly [string, string, string][] = [
    ["src/a.ts", "const latest = 1;", "latest"],
    ["src/a.ts", "const latestRelease = 1;", "latest"],
    ["src/a.ts", "function pruneStaleEngines() {}", "stale"],
    ["src/a.ts", "const TOOL_NAME = 1;", "tool"],
    ["src/a.ts", "type Bundles = 1;", "bundle"],
    ["src/a.ts", 'fail("The bundle is bad.");', "bundle"],
    ["src/a.ts", "fail(`The ${name} indexes`);", "index"],
    ["src/a.ts", "const shown = `${user.name}`;", "user"],
    ["templates/launcher.sh", "echo 'no such tool'", "tool"],
    ["docs/a.md", "The latest release.", "latest"],
    ["README.md", "A [tool](a.md) for you.", "tool"],
  ];
  for (const [path, text, word] of sayings) {
    const problems = checkGlossary(sample({ [path]: text }), WORDS, []);
    assert.deepEqual(
      problems.map((problem) => problem.replace(/: .*/, "")),
      [`${path}:1`],
      text,
    );
    assert.match(problems[0] ?? "", new RegExp(`never say "${word}"`));
  }
});

test("comments, module names and quoted code are not looked at", () => {
  const quiet = {
    "src/a.ts":
      '// the latest bundle\nimport { x } from "tool-index";\nimport y from "./user.ts";\nconst z = await import("tool");',
    "docs/a.md": "Run `npm i bundle`.\n```\nthe latest tool\n```\n<!-- stale -->[it](tool.md)",
  };
  assert.deepEqual(checkGlossary(sample(quiet), WORDS, []), []);
});

test("an exception covers its own saying alone, and one that nothing needs goes red", () => {
  const files = sample({ "src/a.ts": "const index = 1;", "docs/a.md": "The bundle." });
  const exception = { word: "index", says: /^index$/, why: "a place in a list" };
  assert.equal(checkGlossary(files, WORDS, [exception]).length, 1);
  assert.equal(checkGlossary(files, WORDS, [{ ...exception, says: /^other$/ }]).length, 3);
  assert.equal(checkGlossary(files, WORDS, [{ ...exception, within: "docs/" }]).length, 3);
  assert.equal(checkGlossary(files, WORDS, [{ ...exception, word: "user" }]).length, 3);
});
