import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../install.ps1", import.meta.url));
const COMPLETIONS = fileURLToPath(new URL("../../templates/completions/enginery.ps1", import.meta.url));

/** Prints for the whole of a file and for each cut of it: how many bytes, whether it parses, and what stands at its top. */
const PARSE = `
import sys, tree_sitter_powershell
from tree_sitter import Language, Parser
parser = Parser(Language(tree_sitter_powershell.language()))
text = open(sys.argv[1], "rb").read()
for end in [len(text)] + [int(word) for word in sys.argv[2:]]:
    root = parser.parse(text[:end]).root_node
    lists = [child for child in root.children if child.type == "statement_list"]
    tops = [child.type for child in root.children] + [each.type for one in lists for each in one.children]
    print(end, "broken" if root.has_error else "whole", *sorted(set(tops)))
`;

/** PowerShell itself is for few systems; a parser of the language is on PyPI. */
describe("install.ps1, in the eyes of a parser", () => {
  const folder = mkdtempSync(join(tmpdir(), "enginery-powershell-"));
  const python = join(folder, "venv", "bin", "python");
  after(() => rmSync(folder, { recursive: true, force: true }));

  let isThere: boolean | undefined;

  function parser(): boolean {
    isThere ??= installed();
    return isThere;
  }

  function installed(): boolean {
    writeFileSync(join(folder, "parse.py"), PARSE);
    if (spawnSync("python3", ["-m", "venv", join(folder, "venv")]).status !== 0) return false;
    const words = ["-m", "pip", "install", "-q", "tree-sitter==0.26.0", "tree-sitter-powershell==0.26.4"];
    return spawnSync(python, words, { timeout: 120_000, killSignal: "SIGKILL" }).status === 0;
  }

  it("is well formed, and runs nothing of itself where it is cut", (context) => {
    if (!parser()) return context.skip("no parser for PowerShell from PyPI");
    const { length } = readFileSync(SCRIPT);
    const cuts = [...Array(160).keys()].map((back) => length - 3 - back);
    for (let at = 64; at < length; at += 64) cuts.push(at);
    const [whole = "", ...each] = parsed(SCRIPT, cuts);
    assert.match(whole, /^\d+ whole .*pipeline/);
    assert.equal(each.length, cuts.length);
    // what parses is not run unless a command stands at its top
    for (const line of each) assert.ok(/ broken /.test(line) || !/pipeline/.test(line), line);
  });

  it("finds the completions well formed, and what was broken on purpose broken", (context) => {
    if (!parser()) return context.skip("no parser for PowerShell from PyPI");
    assert.match(parsed(COMPLETIONS)[0] ?? "", / whole /);
    const spoilt = join(folder, "spoilt.ps1");
    for (const script of [SCRIPT, COMPLETIONS]) {
      const text = readFileSync(script, "utf8");
      const ways = [
        text.replace("foreach (", "foreach "),
        text.replace(" = @{", " = @("),
        text.replace(/\n {2}param\(/, "\n  param(,"),
      ];
      for (const changed of ways) {
        assert.notEqual(changed, text);
        writeFileSync(spoilt, changed);
        assert.match(parsed(spoilt)[0] ?? "", / broken /);
      }
    }
  });

  function parsed(script: string, cuts: readonly number[] = []): string[] {
    const ran = spawnSync(python, [join(folder, "parse.py"), script, ...cuts.map(String)], { encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
    return ran.stdout.trim().split("\n");
  }
});
