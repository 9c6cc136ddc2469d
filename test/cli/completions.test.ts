import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { VERBS } from "../../src/cli/commands/table.ts";
import { SCRIPT_FILES } from "../../src/cli/completions/script.ts";

const TEMPLATES = new URL("../../templates/completions/", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "enginery-completions-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The reason to skip; false where the shell is here. */
function without(shell: string, ...words: readonly string[]): string | false {
  return spawnSync(shell, words.length === 0 ? ["--version"] : words).status === 0 ? false : `no ${shell} here`;
}

function run(shell: string, words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(shell, words, {
    encoding: "utf8",
    env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
  });
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout;
}

/** The first word of each line that is offered. */
const offered = (text: string): readonly string[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t")[0] ?? "");

const firstWords = [...new Set(VERBS.map(({ words }) => words[0]))].sort();

test("fish completes verbs, the words of a verb, its flags and their values", { skip: without("fish") }, () => {
  const complete = (line: string): readonly string[] =>
    offered(run("fish", ["--no-config", "-c", `source ${TEMPLATES}${SCRIPT_FILES.fish}; complete -C '${line}'`]));
  assert.deepEqual([...complete("enginery ")].sort(), [...firstWords, "help"].sort());
  assert.deepEqual([...complete("enginery service ")].sort(), ["install", "remove", "status"]);
  assert.deepEqual(complete("enginery repo exp"), ["export"]);
  assert.deepEqual([...complete("enginery service install ")].sort(), ["stage", "watch"]);
  assert.deepEqual([...complete("enginery service install --manager ")].sort(), ["launchd", "systemd", "task"]);
  assert.ok(complete("enginery embed --ext").includes("--extract"));
  assert.ok(!complete("enginery list --ext").includes("--extract"));
});

test("zsh reads the completions, and finds its function", { skip: without("zsh") }, () => {
  run("zsh", ["-f", "-n", `${TEMPLATES}${SCRIPT_FILES.zsh}`]);
  const words = [
    "-f",
    "-c",
    `fpath=(${TEMPLATES} $fpath); autoload -Uz _enginery; autoload +X _enginery; whence -w _enginery`,
  ];
  assert.equal(run("zsh", words), "_enginery: function\n");
});

test("PowerShell asks the command for names where the table says so, and is silent when it fails", () => {
  const script = readFileSync(`${TEMPLATES}${SCRIPT_FILES.powershell}`, "utf8");
  const named = /\$named = @\((.*)\)/.exec(script)?.[1]?.split(", ");
  const expected = VERBS.flatMap((verb) => {
    const path = verb.words.join(" ");
    const flags = verb.flags.filter(({ names }) => names !== undefined).map(({ name }) => `'${path} --${name}'`);
    return verb.arguments.some(({ names }) => names !== undefined) ? [`'${path}'`, ...flags] : flags;
  });
  assert.deepEqual(named?.toSorted(), expected.toSorted());
  assert.match(script, /try \{ .*__complete powershell .* 2>\$null\) \} catch \{ \}/);
});

test("PowerShell completes verbs and the words of a verb", {
  skip: without("pwsh", "-NoProfile", "-Command", "exit"),
}, () => {
  const script = join(folder, "complete.ps1");
  const ask = (line: string): readonly string[] => {
    const lines = [
      `. '${TEMPLATES}${SCRIPT_FILES.powershell}'`,
      `(TabExpansion2 -inputScript '${line}' -cursorColumn ${line.length}).CompletionMatches.CompletionText`,
    ];
    writeFileSync(script, lines.join("\n"));
    return offered(run("pwsh", ["-NoProfile", "-File", script]));
  };
  assert.ok(ask("enginery inst").includes("install"));
  assert.deepEqual([...ask("enginery service ")].sort(), ["install", "remove", "status"]);
});
