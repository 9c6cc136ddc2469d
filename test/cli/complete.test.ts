import assert from "node:assert/strict";
import { test } from "node:test";
import { VERBS } from "../../src/cli/commands/table.ts";
import { flagsOf } from "../../src/cli/commands/verb.ts";
import { EngineryError } from "../../src/core/errors.ts";
import { play, type Scene } from "./support/stage.ts";

const RELEASES = ["wasmtime@36.0.2", "wasmtime@37.0.0", "xsnap@0.15.0"];

async function complete(line: string, scene: Scene = {}, shell = "fish", ...more: readonly string[]) {
  const played = await play(["__complete", shell, line, ...more], {
    operator: { names: async () => RELEASES, ...scene.operator },
    ...scene,
  });
  assert.deepEqual([played.status, played.stderr, played.questions], [0, "", []]);
  const request = played.asked.find(({ verb }) => verb === "names")?.request;
  return { offered: played.stdout.split("\n").slice(0, -1), request, asked: played.asked };
}

test("engines first; their versions once only one fits, one is written whole, or an @ stands there", async () => {
  const { offered } = await complete("enginery which ");
  assert.deepEqual(offered, ["wasmtime", "xsnap"]);
  assert.deepEqual((await complete("enginery which wasm")).offered, ["wasmtime", ...RELEASES.slice(0, 2)]);
  assert.deepEqual((await complete("enginery which wasmtime")).offered, ["wasmtime", ...RELEASES.slice(0, 2)]);
  assert.deepEqual((await complete("enginery which wasmtime@3")).offered, RELEASES.slice(0, 2));
  assert.deepEqual((await complete("enginery use x")).offered, ["xsnap@0.15.0"], "a version is needed");
});

test("the table says what is asked for, where a flag or an argument takes it", async () => {
  const kinds = async (line: string) => (await complete(line)).request?.["kind"];
  assert.equal(await kinds("enginery install "), "offered-release");
  assert.equal(await kinds("enginery upgrade a "), "offered-engine");
  assert.equal(await kinds("enginery pin "), "tenant");
  assert.equal(await kinds("enginery pin v42 "), "release");
  assert.equal(await kinds("enginery pin v42 x@1 "), undefined);
  assert.equal(await kinds("enginery unpin v42 "), "pinned-engine");
  assert.equal(await kinds("enginery rollback --to "), "generation");
  assert.equal(await kinds("enginery self-update --to "), undefined, "a version of Enginery itself");
  assert.equal(await kinds("enginery rollback --to="), "generation");
  assert.equal(await kinds("enginery install --channel "), "channel");
  assert.equal(await kinds("enginery prune --forget-lease "), "lease");
  assert.equal(await kinds("enginery quarantine lift "), "quarantined");
  assert.equal(await kinds("enginery embed "), undefined, "a file");
  assert.equal(await kinds("enginery embed host "), "release");
  assert.equal(await kinds("enginery exec x -- "), undefined, "the engine's own");
  assert.equal(await kinds("enginery exec x "), undefined);
  assert.equal(await kinds("enginery which --why"), undefined, "the script's own");
  assert.equal(await kinds("enginery repo deploy "), undefined);
  assert.equal(await kinds("enginery "), undefined);
  assert.equal(await kinds("enginery nonsense "), undefined);
});

test("the line says which home, and narrows the answer", async () => {
  const { request } = await complete("enginery --home /a which wasmtime@36.0.2 --tenant 'v 42' --entry ");
  assert.deepEqual(request, { home: "/a", kind: "entry", engine: "wasmtime", version: "36.0.2", tenant: "v 42" });
  const home = async (line: string, env = {}) => (await complete(line, { env })).request?.["home"];
  assert.equal(await home("enginery which "), "/home/x/.local/share/enginery");
  assert.equal(await home("enginery --home=b which "), "/work/b");
  assert.equal(await home("enginery which --home b x --tenant "), "/work/b");
  assert.equal(await home("enginery --system which "), "/var/lib/enginery");
  assert.equal(await home("enginery which ", { ENGINERY_HOME: "/c" }), "/c");
  assert.equal(await home("ENGINERY_HOME=/d enginery which ", { ENGINERY_HOME: "/c" }), "/d");
});

test("nothing else is asked of the operator, and an error is no answer", async () => {
  assert.deepEqual(
    (await complete("enginery install ")).asked.map(({ verb }) => verb),
    ["names"],
  );
  for (const thrown of [new EngineryError("no-home", "There is no home."), new TypeError("a bug")]) {
    const names = async () => Promise.reject(thrown);
    assert.deepEqual((await complete("enginery which ", { operator: { names } })).offered, []);
  }
  assert.deepEqual((await complete("enginery --home a --system which ")).offered, []);
  assert.deepEqual((await complete("enginery which $(x) ")).offered, []);
  assert.deepEqual((await complete("")).offered, []);
  const json = { ENGINERY_JSON: "1", ENGINERY_COLOR: "no colour" };
  assert.deepEqual((await complete("enginery use x", { env: json })).offered, ["xsnap@0.15.0"]);
});

test("a tenant that would be taken for a flag is not offered", async () => {
  const names = async () => ["-x", "v42"];
  assert.deepEqual((await complete("enginery unpin ", { operator: { names } })).offered, ["v42"]);
});

test("bash is told what to put in the place of what it takes for the word", async () => {
  const names = async () => ["xsnap@0.15.0", "a b!"];
  const bash = async (line: string, fragment: string) =>
    (await complete(line, { operator: { names } }, "bash", fragment)).offered;
  assert.deepEqual(await bash("enginery use xsnap@0", "@0"), ["@0.15.0"]);
  assert.deepEqual(await bash("enginery use xs", "xs"), ["xsnap@0.15.0"]);
  assert.deepEqual(await bash("enginery use a", "a"), ["a\\ b\\!"]);
  assert.deepEqual(await bash('enginery use "a', "a"), [], "an exclamation mark has no place between these");
  assert.deepEqual(await bash("enginery use x''snap@0", "@0"), [], "written in a way of its own");
});

test("a flag of one name takes a value with every verb, or with none: completions look at the name alone", () => {
  const values = new Map<string, Set<boolean>>();
  for (const { name, value } of VERBS.flatMap(flagsOf)) {
    values.set(name, (values.get(name) ?? new Set()).add(value !== undefined));
  }
  assert.deepEqual(
    [...values].filter(([, each]) => each.size > 1).map(([name]) => name),
    [],
  );
});
