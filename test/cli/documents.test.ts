import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { generatedFiles } from "../../scripts/docs.ts";
import { VERBS } from "../../src/cli/commands/table.ts";
import { flagsOf, usageOf } from "../../src/cli/commands/verb.ts";
import { SHELLS } from "../../src/cli/completions/model.ts";
import { completionScript } from "../../src/cli/completions/script.ts";
import { helpOfVerb } from "../../src/cli/help.ts";
import { VERSION } from "../../src/cli/version.ts";
import { parseEpochSource } from "../../src/core/epoch-source.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("what is generated is fresh: npm run docs", () => {
  for (const [path, content] of generatedFiles(read))
    assert.equal(read(path), content, `${path} is behind the code: npm run docs`);
});

test("the version is the project's", () => {
  assert.equal(VERSION, JSON.parse(read("package.json")).version);
});

for (const verb of VERBS) {
  const path = verb.words.join(" ");
  test(`${path}: help, page, man page and completions know it and all its flags`, () => {
    const help = helpOfVerb(verb);
    const page = sectionOf(read("docs/CLI.md"), `### ${path}\n`, /\n##+ /);
    const man = sectionOf(
      read("templates/man/enginery.1"),
      `.SS "enginery ${usageOf(verb).replaceAll("-", "\\-")}"\n`,
      /\n\.S[SH] /,
    );
    for (const flag of flagsOf(verb)) {
      assert.ok(help.includes(`--${flag.name}`) && help.includes(flag.env), `help: ${flag.name}`);
      for (const shell of SHELLS) {
        assert.match(
          completionScript(shell, VERBS),
          new RegExp(shell === "fish" ? `-l ${flag.name}\\b` : `--${flag.name}\\b`),
          `${shell}: ${flag.name}`,
        );
      }
    }
    for (const flag of verb.flags) {
      assert.ok(page.includes(`--${flag.name}`) && page.includes(flag.env), `docs/CLI.md: ${flag.name}`);
      assert.ok(man.includes(`\\-\\-${flag.name.replaceAll("-", "\\-")}`), `man page: ${flag.name}`);
    }
    assert.ok(
      verb.examples.length > 0 && verb.examples.every(({ line }) => line.startsWith(`enginery ${path}`)),
      "examples",
    );
    assert.match(verb.summary, /^[A-Z].*\.$/);
  });
}

test("bash completes verbs, flags of the verb, values, and leaves the engine's own words alone", () => {
  const complete = (...words: string[]) => {
    const script = `${completionScript("bash", VERBS)}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _enginery; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const done = spawnSync("bash", ["-c", script, "bash", "enginery", ...words], { encoding: "utf8" });
    assert.equal(done.stderr, "");
    return done.stdout.split("\n").filter((line) => line !== "");
  };
  assert.deepEqual(complete("roll"), ["rollback"]);
  assert.deepEqual(
    complete("repo", "re"),
    ["retire", "refresh-timestamp", "rotate-root"].filter((word) => word.startsWith("re")),
  );
  assert.deepEqual(complete("quarantine", ""), ["lift"]);
  assert.deepEqual(complete("upgrade", "--st"), ["--stage-only"]);
  assert.deepEqual(complete("which", "--st"), []);
  assert.deepEqual(complete("--home", "upgrade", "which", "x", "--ep"), ["--epoch"]);
  assert.deepEqual(complete("status", "--color", ""), ["auto", "always", "never"]);
  assert.deepEqual(complete("completion", "p"), ["powershell"]);
  assert.deepEqual(complete("help", "doc"), ["doctor"]);
  assert.deepEqual(complete("which", "x", "--tenant", ""), []);
  assert.deepEqual(complete("exec", "x", "--", "--ep"), []);
  for (const verb of VERBS) {
    const offered = complete(...verb.words, "--");
    assert.deepEqual(
      offered.toSorted(),
      [...flagsOf(verb).map((flag) => `--${flag.name}`), "--help"].toSorted(),
      verb.words.join(" "),
    );
  }
});

test("every epoch source of the guide is one", () => {
  const guide = read("docs/guides/following.md");
  const said = [...guide.matchAll(/--source (?:'([^'\n]*)'|"([^"\n]*)"|(\S+))/g)].map((match) =>
    match.slice(1).join(""),
  );
  const listed = [...guide.matchAll(/^\| `([a-z]+:[^`]+)`/gm)].map(([, source = ""]) => source);
  assert.ok(said.length >= 8 && listed.length >= 6, `${said.length} and ${listed.length}`);
  for (const source of [...said, ...listed]) assert.ok(parseEpochSource(source, { allowHttp: true }).name, source);
});

test("docs.ts --check tells what is behind and changes nothing", () => {
  const script = fileURLToPath(new URL("../../scripts/docs.ts", import.meta.url));
  const done = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  assert.deepEqual([done.status, done.stdout, done.stderr], [0, "", ""]);
});

function sectionOf(text: string, title: string, end: RegExp): string {
  const at = text.indexOf(title);
  assert.ok(at >= 0, `no section ${title}`);
  const rest = text.slice(at + title.length);
  const length = rest.search(end);
  return length < 0 ? rest : rest.slice(0, length);
}
