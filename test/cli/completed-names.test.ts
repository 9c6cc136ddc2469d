import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { homeOf } from "../support/operator-requests.ts";
import { makeTestWorld } from "../support/test-world.ts";
import { commandThatTells, homeWithNames, SCRIPTS, TENANTS, typed, without } from "./support/shells.ts";

const world = makeTestWorld();
const command = commandThatTells(world.folder);
const person = join(world.folder, "person");
const env = {
  PATH: `${command.path}:${process.env["PATH"]}`,
  HOME: person,
  ENGINERY_HOME: homeOf(world),
  TERM: "dumb",
  LC_ALL: "C.UTF-8",
};

before(async () => {
  mkdirSync(person);
  await homeWithNames(world);
});
after(() => world[Symbol.dispose]());

/** Lines with a tab, and the words that the command gets in the end: where a shell divides words at `@`, `:` and `=` it is no other. */
const LINES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ["enginery which t\t", ["which", "toy"]],
  ["enginery which toy@1\t", ["which", "toy@1.0.0"]],
  // no blank behind an engine whose version may follow
  ["enginery which t\t@1\t", ["which", "toy@1.0.0"]],
  ["enginery use toy@1\t", ["use", "toy@1.0.0"]],
  ["enginery embed ./host toy@2\t", ["embed", "./host", "toy@2.0.0"]],
  ["enginery install toy@4\t", ["install", "toy@4.0.0"]],
  ["enginery exec toy@2\t", ["exec", "toy@2.0.0"]],
  ["enginery which toy --tenant v\t", ["which", "toy", "--tenant", "v42"]],
  ["enginery which toy --tenant=v\t", ["which", "toy", "--tenant=v42"]],
  ["enginery which toy --entry \t", ["which", "toy", "--entry", "toy"]],
  ["enginery which toy@2.0.0 --entry=\t", ["which", "toy@2.0.0", "--entry=toy"]],
  ["enginery rollback --to \t", ["rollback", "--to", "1"]],
  ["enginery --home=/nowhere use toy@1\t", ["--home=/nowhere", "use", "toy@1"]],
  ["enginery --home ~/../home use toy@1\t", ["--home", `${person}/../home`, "use", "toy@1.0.0"]],
  // verbs, flags and their words are the script's own
  ["enginery rollb\t", ["rollback"]],
  ["enginery repo exp\t", ["repo", "export"]],
  ["enginery service install --manager sy\t", ["service", "install", "--manager", "systemd"]],
  ["enginery upgrade --stage-o\t", ["upgrade", "--stage-only"]],
];

/** How a tenant may have been begun, and which it is. */
const BEGUN: readonly (readonly [begun: string, tenant: number])[] = [
  ["v4", 0],
  ["par", 1],
  ["'par", 1],
  ['"para ch', 1],
  ["para\\ chain:", 1],
  ["it", 2],
  ['"it', 2],
  ["'it", 2],
  ["a", 3],
  ["'a", 3],
  ['"a', 3],
  ["caf", 4],
  ["x@", 5],
  ["x@y=", 5],
  ["'x@y", 5],
];
const TENANT_LINES = BEGUN.map(
  ([begun, tenant]) => [`enginery unpin ${begun}\t toy`, ["unpin", TENANTS[tenant] ?? "", "toy"]] as const,
);

test("bash completes names to themselves, however they are begun, and runs nothing of them", {
  skip: without("bash"),
}, async () => {
  const setup = `cd ${person}; unset HISTFILE\nsource ${SCRIPTS}enginery.bash\n`;
  const lines = [...LINES, ...TENANT_LINES];
  const keys = `${setup}${lines.map(([line]) => line).join("\n")}\nexit\n`;
  const shown = await typed("bash", ["--norc", "--noprofile", "-i"], keys, env);
  assert.deepEqual(command.told(), wordsOf(lines), shown);
  assert.deepEqual(readdirSync(person), [], "neither the names nor their completion left anything");
});

test("zsh does the same, and heeds a variable that is set for the line", {
  skip: without("zsh") || without("script", "-qec", "true", "/dev/null"),
}, async () => {
  const setup = `cd ${person}\nfpath=(${SCRIPTS} $fpath)\nautoload -Uz compinit; compinit -u -D\n`;
  const lines = [
    ...LINES,
    ...TENANT_LINES,
    [`ENGINERY_HOME=/nowhere enginery use toy@1\t`, ["use", "toy@1"]],
    [`${command.path}/enginery use toy@2\t`, ["use", "toy@2.0.0"]],
  ] as const;
  const keys = `${setup}${lines.map(([line]) => line).join("\n")}\nexit\n`;
  const shown = await typed("script", ["-qec", "zsh -f -i", "/dev/null"], keys, env);
  assert.deepEqual(command.told(), wordsOf(lines), shown);
  assert.ok(!existsSync(join(person, "ran")));
});

test("fish offers the names, and heeds a variable that is set for the line", { skip: without("fish") }, async () => {
  const offered = async (line: string) => {
    const words = ["--no-config", "-c", `source ${SCRIPTS}enginery.fish; complete -C (cat)`];
    const shown = await typed("fish", words, line, env);
    return shown.split("\n").flatMap((each) => each.split("\t")[0] || []);
  };
  assert.deepEqual(await offered("enginery which t"), ["toy", "toy@1.0.0", "toy@2.0.0", "toy@3.0.0"]);
  assert.deepEqual(await offered("enginery which toy@"), ["toy@1.0.0", "toy@2.0.0", "toy@3.0.0"]);
  assert.deepEqual((await offered("enginery unpin ")).toSorted(), TENANTS.toSorted());
  assert.deepEqual(await offered("enginery unpin 'par"), [TENANTS[1]]);
  assert.deepEqual(await offered("enginery which toy --tenant=v"), ["--tenant=v42"]);
  assert.deepEqual(await offered("enginery which toy --entry "), ["toy"]);
  assert.deepEqual(await offered("enginery rollback --to "), ["1"]);
  assert.deepEqual(await offered("enginery --home /nowhere use toy"), []);
  assert.deepEqual(await offered("ENGINERY_HOME=/nowhere enginery use toy"), []);
});

function wordsOf(lines: readonly (readonly [string, readonly string[]])[]): readonly (readonly string[])[] {
  return lines.map(([, words]) => words);
}
