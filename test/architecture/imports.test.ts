// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are samples of source
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCycles } from "./checks/cycles.ts";
import { checkRooms, roomOf } from "./checks/rooms.ts";
import { importsOf } from "./support/modules.ts";
import { readProject, sample } from "./support/tree.ts";

const project = readProject("src/**/*");

test("every file is in a room, and imports only what its room may", () => {
  assert.deepEqual(checkRooms(project), []);
});

test("no file needs itself to load", () => {
  assert.deepEqual(checkCycles(project), []);
});

test("the rooms are not empty", () => {
  const rooms = new Set([...project.keys()].map(roomOf));
  assert.deepEqual([...rooms].sort(), ["adapters", "cli", "core", "main", "ops", "ports", "store"]);
});

const SOUND = {
  "src/core/a.ts": 'import { b } from "./b.ts";\nimport semver from "semver";\nimport * as v from "valibot";',
  "src/core/b.ts": "export const b = 1;",
  "src/ports/p.ts": 'import type { b } from "../core/b.ts";\nexport type { b } from "../core/b.ts";',
  "src/store/s.ts": 'import { b } from "../core/b.ts";\nimport type { p } from "../ports/p.ts";',
  "src/ops/o.ts": 'import { s } from "../store/s.ts";\nconst later = await import("../core/a.ts");',
  "src/cli/c.ts": 'import { Command } from "commander";\nimport type { o } from "../ops/o.ts";',
  "src/adapters/x.ts":
    'import { readFileSync } from "node:fs";\nconst tar = await import("tar");\nimport type { p } from "../ports/p.ts";',
  "src/main.ts": 'import { x } from "./adapters/x.ts";\nimport process from "node:process";',
};

const BROKEN: readonly [string, string, RegExp][] = [
  ["src/core/z.ts", 'import { readFileSync } from "node:fs";', /core may not import node:fs/],
  ["src/core/z.ts", 'import fs from "fs";', /core may not import fs without node:/],
  ["src/core/z.ts", 'import { p } from "../ports/p.ts";', /core may not import ports/],
  ["src/core/z.ts", 'import type { p } from "../ports/p.ts";', /core may not import ports/],
  ["src/core/z.ts", 'export * from "../store/s.ts";', /core may not import store/],
  ["src/core/z.ts", 'import tar from "tar";', /core may not import the library tar/],
  ["src/ports/z.ts", 'import { b } from "../core/b.ts";', /ports may not import more than types of core/],
  ["src/ports/z.ts", 'import { type b } from "../core/b.ts";', /ports may not import more than types of core/],
  ["src/store/z.ts", 'import { join } from "node:path";', /store may not import node:path/],
  ["src/store/z.ts", 'import { o } from "../ops/o.ts";', /store may not import ops/],
  ["src/ops/z.ts", 'const x = await import("../adapters/x.ts");', /ops may not import adapters/],
  ["src/ops/z.ts", "const x = await import(name);", /ops may not import by a computed name/],
  ["src/ops/z.ts", "const x = await import(`./${name}.ts`);", /ops may not import by a computed name/],
  ["src/ops/z.ts", 'const undici = await import("undici");', /ops may not import the library undici/],
  ["src/ops/z.ts", 'type Undici = typeof import("undici");', /ops may not import the library undici/],
  ["src/cli/z.ts", 'import { s } from "../store/s.ts";', /cli may not import store/],
  ["src/cli/z.ts", 'import process from "node:process";', /cli may not import node:process/],
  ["src/adapters/z.ts", 'import { s } from "../store/s.ts";', /adapters may not import store/],
  ["src/ops/z.ts", 'import { gone } from "./gone.ts";', /which is not there/],
  ["src/ops/z.ts", 'import data from "../../package.json" with { type: "json" };', /outside src/],
  ["src/tricks/z.ts", "export const z = 1;", /in no room/],
  ["src/z.ts", "export const z = 1;", /in no room/],
];

test("the import table goes red when broken", () => {
  assert.deepEqual(checkRooms(sample(SOUND)), []);
  for (const [path, source, problem] of BROKEN) {
    const problems = checkRooms(sample({ ...SOUND, [path]: source }));
    assert.equal(problems.length, 1, `${source}: ${problems.join("; ")}`);
    assert.match(problems[0] ?? "", problem);
  }
});

test("rings go red, each named once", () => {
  assert.deepEqual(checkCycles(sample(SOUND)), []);
  const ring = {
    "src/core/a.ts": 'import { b } from "./b.ts";',
    "src/core/b.ts": 'export { c } from "./deep/c.ts";',
    "src/core/deep/c.ts": 'import "../a.ts";',
    "src/core/d.ts": 'import { a } from "./a.ts";',
  };
  assert.deepEqual(checkCycles(sample(ring)), [
    "src/core/a.ts -> src/core/b.ts -> src/core/deep/c.ts -> src/core/a.ts",
  ]);
  for (const later of ['export type { c } from "./deep/c.ts";', 'const c = () => import("./deep/c.ts");']) {
    assert.deepEqual(checkCycles(sample({ ...ring, "src/core/b.ts": later })), []);
  }
});

test("imports are found wherever they hide, and nowhere else", () => {
  const source = [
    '// import a from "a";',
    '/* import b from "b"; */',
    "const text = 'import c from \"c\"';",
    'const nested = `${await import("in-template")} import("d")`;',
    'const pattern = /import e from "e"/;',
    'import f, { type g } from "f"; const q = `${f({ a: 1 }, import("q"))} import("p")`;',
    'import type from "default-named-type";',
    'import type { h } from "h";',
    'export type { i } from "i";',
    'export { j, k } from "j";',
    'export * as l from "l";',
    'import "side-effect";',
    "const half = 1 / 2; const url = import.meta.url; object.import('m');",
    "export { half };",
    "export const from = 'n';",
    'import { readFileSync as from2,\n  statSync } from "o";',
  ].join("\n");
  const found = importsOf("src/core/z.ts", source).map(({ specifier, how, line }) => `${line} ${how} ${specifier}`);
  assert.deepEqual(found, [
    "4 dynamic in-template",
    "6 static f",
    "6 dynamic q",
    "7 static default-named-type",
    "8 type h",
    "9 type i",
    "10 static j",
    "11 static l",
    "12 static side-effect",
    "16 static o",
  ]);
});
