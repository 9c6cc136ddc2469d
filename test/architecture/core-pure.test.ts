// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are samples of source
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPurity } from "./checks/purity.ts";
import { readProject, sample } from "./support/tree.ts";

test("core has no clock, no env, no chance, no async", () => {
  assert.deepEqual(checkPurity(readProject("src/core/**/*.ts")), []);
});

test("each way out of purity goes red", () => {
  const ways = [
    "const at = Date.now();",
    "const at = new Date();",
    "const at = Date();",
    "const clock = Date;",
    "const hour = new Date(0).getHours();",
    "const luck = Math.random();",
    "const home = process.env.HOME;",
    "const at = performance.now();",
    "setTimeout(() => {}, 1);",
    "queueMicrotask(() => {});",
    "export async function f() {}",
    "const f = async () => 1;",
    "const x = await y;",
    "type Later = Promise<number>;",
    "const all = { ...process };",
    "const it = `${process.pid}`;",
    "console.log(1);",
    "const x = globalThis;",
    'const lib = import("./b.ts");',
    "const here = import.meta.url;",
    "const order = a.localeCompare(b);",
    'const made = eval("1");',
  ];
  for (const way of ways) {
    assert.equal(checkPurity(sample({ "src/core/a.ts": way })).length, 1, way);
    assert.deepEqual(checkPurity(sample({ "src/ops/a.ts": way })), [], "only core is asked to be pure");
  }
});

test("words in comments, strings, members and keys are no sin", () => {
  const source = [
    "// Date.now() is for others; await nothing",
    'const text = "process.env";',
    "const pid = lease.process.pid;",
    "interface Facts { readonly process: string; Date: string }",
    "const facts = { performance: 1, fetch: 2 };",
    "const pattern = /Date.now()/;",
    "const instant = new Date(Date.parse(text)).toISOString() + Date.UTC(2031, 1);",
    "const epochs = Math.max(1, 2);",
  ].join("\n");
  assert.deepEqual(checkPurity(sample({ "src/core/a.ts": source })), []);
});
