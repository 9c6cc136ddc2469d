import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesAskedFor, holds, namedInputs } from "../../src/core/guard.ts";
import { inputProblem } from "../../src/core/guard-shape.ts";
import type { Guard } from "../../src/core/model/manifest.ts";
import type { TreeFile } from "../../src/core/model/tree.ts";
import { releaseEntries } from "../../src/core/release-entries.ts";
import type { GuardRules } from "../../src/core/release-proofs.ts";
import { libraryReportPattern } from "../../src/core/report-pattern.ts";
import { hashOf, refuses } from "./support/samples.ts";

const VERS = { after: "-r", offset: 12, bytes: ["56455253"] };
const SIGN = { after: "-r", offset: 28, bytes: ["5349474e"] };
const LONG = { after: "--snapshot", offset: 0, bytes: ["00", "0102"] };

test("the files that arguments name are found, each time their option is given, with all of its rules", () => {
  const guard: Guard = { inputs: [VERS, LONG, SIGN] };
  const named = (...args: string[]) =>
    namedInputs(guard, args).map(({ after, file, rules }) => [after, file, rules.length]);
  assert.deepEqual(named(), []);
  assert.deepEqual(named("-v", "vat"), []);
  assert.deepEqual(named("-i", "1", "-r", "a.xss", "vat"), [["-r", "a.xss", 2]]);
  assert.deepEqual(named("-r", "a", "-r", "b", "--snapshot", "c"), [
    ["-r", "a", 2],
    ["-r", "b", 2],
    ["--snapshot", "c", 1],
  ]);
  assert.deepEqual(named("--snapshot=d", "--snapshots=e", "-r=f", "-rg"), [["--snapshot", "d", 1]]);
  assert.deepEqual(named("--snapshot="), [["--snapshot", "", 1]]);
  // its own business: there is no file to look at
  assert.deepEqual(named("x", "-r"), []);
  assert.deepEqual(namedInputs({ files: "tree" }, ["-r", "a"]), []);
});

test("a rule holds where one of its choices stands, whole", () => {
  assert.ok(holds(VERS, "56455253"));
  assert.ok(holds(LONG, "0001"));
  assert.ok(holds(LONG, "0102"));
  assert.ok(!holds(LONG, "0103"));
  assert.ok(!holds(VERS, "564552"), "the file ended before");
  assert.ok(!holds(VERS, ""));
  assert.deepEqual(bytesAskedFor(LONG), { offset: 0, count: 2 });
});

test("what no rule can be is told", () => {
  assert.equal(inputProblem(VERS), undefined);
  for (const after of ["", "-", "r", "file", "-a b", "-a=b", "-\u0007", `-${"x".repeat(64)}`])
    assert.match(inputProblem({ ...VERS, after }) ?? "", /^is not an option/, after);
  for (const hex of ["", "0", "0g", "AB", "abc", "00".repeat(65)])
    assert.match(inputProblem({ ...VERS, bytes: [hex] }) ?? "", /hex/, hex);
  for (const offset of [-1, 1.5]) assert.ok(inputProblem({ ...VERS, offset }));
  assert.ok(inputProblem({ ...VERS, bytes: [] }));
});

const FILES: readonly TreeFile[] = ["bin/xs", "bin/tool", "lib/libxs.so"].map((path) => ({
  path,
  bytes: 1,
  sha256: hashOf(path),
  executable: path.startsWith("bin/"),
}));

function guardsOf(guards: GuardRules, names: readonly string[] = ["xs=bin/xs", "tool=bin/tool", "lib=lib/libxs.so"]) {
  const wanted = names.map((text) => {
    const [name = "", path = ""] = text.split("=");
    return { name, path };
  });
  const { entries } = releaseEntries(FILES, { engine: "xs", version: "1.0.0", wanted, probe: undefined, guards });
  return Object.fromEntries(Object.entries(entries).map(([name, { guard }]) => [name, guard]));
}

test("a publisher's guard is of every executable, or of the one that it names; never of a library", () => {
  assert.deepEqual(guardsOf({ files: true, inputs: [{ ...VERS, entry: "xs" }] }), {
    xs: { files: "tree", inputs: [VERS] },
    tool: { files: "tree" },
    lib: undefined,
  });
  assert.deepEqual(guardsOf({ files: false, inputs: [VERS, { ...SIGN, entry: "tool" }] }), {
    xs: { inputs: [VERS] },
    tool: { inputs: [VERS, SIGN] },
    lib: undefined,
  });
  assert.deepEqual(guardsOf({ files: false, inputs: [] }), { xs: undefined, tool: undefined, lib: undefined });
});

test("a guard that would guard nothing is refused", () => {
  refuses("unknown-entry", () => guardsOf({ files: true, inputs: [{ ...VERS, entry: "nobody" }] }), "nobody");
  refuses("unknown-entry", () => guardsOf({ files: true, inputs: [{ ...VERS, entry: "lib" }] }), "lib");
  refuses("usage", () => guardsOf({ files: true, inputs: [] }, ["lib=lib/libxs.so"]), "no executable");
  refuses("usage", () => guardsOf({ files: false, inputs: [{ ...VERS, bytes: ["5"] }] }), "-r", "hex");
});

test("the loader of a release's libraries is one of its executables, and there are libraries", () => {
  const entriesOf = (loader: string, names: readonly string[], expect?: string) => {
    const wanted = names.map((path) => ({ name: path.replace(/.*\//, "").replace(/\..*/, ""), path }));
    const rules = { engine: "xs", version: "1.1.0", wanted, probe: undefined, libraryProbe: { with: loader, expect } };
    return releaseEntries(FILES, rules).entries;
  };
  const { tool, libxs } = entriesOf("tool", ["bin/tool", "lib/libxs.so"]);
  assert.deepEqual(libxs?.probe, { args: [], expect: libraryReportPattern("1.1.0"), with: "tool" });
  assert.equal(tool?.probe, undefined);
  assert.equal(entriesOf("tool", ["bin/tool", "lib/libxs.so"], "^1")["libxs"]?.probe?.expect, "^1");
  refuses("unknown-entry", () => entriesOf("nobody", ["bin/tool", "lib/libxs.so"]), "nobody");
  refuses("unknown-entry", () => entriesOf("libxs", ["bin/tool", "lib/libxs.so"]), "libxs");
  refuses("usage", () => entriesOf("tool", ["bin/tool"]), "has none");
  refuses("usage", () => entriesOf("tool", ["bin/tool", "lib/libxs.so"], "("), "regular expression");
});
