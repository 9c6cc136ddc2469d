import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineryError } from "../../src/core/errors.ts";
import { canonicalJson } from "../../src/core/json.ts";
import { checkChannelName, checkEngineName, checkEntryName } from "../../src/core/names.ts";
import { parseManifest } from "../../src/core/parse-manifest.ts";
import { parseTree } from "../../src/core/parse-tree.ts";
import { END, entry, pax } from "./support/raw-tar.ts";
import { SOUND_MANIFEST } from "./support/sound-manifest.ts";
import { compressed, treeOf, unpackSigned } from "./support/unpacking.ts";

/** What one file system or terminal takes for something else. By the numbers of the list. */
const NAMES: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["82 CON", ["CON", "con", "bin/Con/x", "CON/x", "PRN", "NUL", "CONIN$", "CONOUT$", "CLOCK$"]],
  ["83 aux.txt", ["aux.txt", "bin/AUX.tar.gz", "nul.so.1.0", "con.c/x"]],
  ["84 COM¹", ["COM¹", "com²", "LPT³.txt", "COM0", "lpt9", "x/COM1"]],
  ["85 COM1 with a space after it", ["COM1 ", "COM1 .txt", "a ", "a /b", "aux ."]],
  ["86 dot at the end", ["evil.", "a./b", "...", "SEAL.json."]],
  ["87 stream of a file", ["x:ads", "x::$DATA", "a/b:c:$DATA"]],
  ["88 characters without width", ["ev\u200bil", ".g\u200cit", "\ufeffevil", "ev\u00adil", "ev\u2060il", "ev\u180eil"]],
  ["89 newline", ["ev\nil", "evil\n", "a\rb", "a\u2028b", "a\u0085b"]],
  ["90 ESC", ["\u001b[2Jevil", "a\u009b31m", "a\u0007", "a\u007f"]],
  ["91 characters that turn the line around", ["a\u202egpj.exe", "a\u2066b\u2069", "\u200fa", "\u061ca"]],
  ["92 dash at the start", ["-rf", "--help", "a/-x", "-"]],
];

for (const [title, names] of NAMES) {
  test(`${title}: no file of an archive, although it is signed`, async () => {
    for (const name of names) {
      const short = Buffer.byteLength(name) <= 100 ? [entry({ name }, "evil")] : [];
      for (const tar of [...short, Buffer.concat([pax([["path", name]]), entry({ name: "short" }, "evil")])]) {
        const bytes = compressed["tar.gz"](Buffer.concat([tar, END]));
        const signed = await unpackSigned(bytes, treeOf({ [name]: "evil" }), { format: "tar.gz" });
        requireOf(signed.error, "archive-hostile", name);
        const unsigned = await unpackSigned(bytes, treeOf({ short: "evil" }), { format: "tar.gz" });
        requireOf(unsigned.error, "archive-hostile", name);
        assert.deepEqual([signed.finished.size, signed.open.length], [0, 0]);
      }
    }
  });

  test(`${title}: no file of a tree document, no path of an entry point, no archive's root`, () => {
    for (const name of names) {
      requireOf(
        thrownBy(() => parseTree(canonicalJson(treeOf({ [name]: "evil" })))),
        "archive-hostile",
        name,
      );
      for (const change of [
        { entries: { toy: { path: name, kind: "executable" } } },
        { archive: { ...SOUND_MANIFEST.release.archive, root: `${name}/` } },
      ])
        requireOf(
          thrownBy(() => parseManifest(SOUND_MANIFEST.withRelease(change))),
          "document-invalid",
          name,
        );
    }
  });

  test(`${title}: no engine, channel, entry point or library`, () => {
    for (const name of [...names, ...names.map((each) => each.toLowerCase())]) {
      for (const check of [checkEngineName, checkChannelName, checkEntryName])
        requireOf(
          thrownBy(() => check(name)),
          "bad-name",
          name,
        );
      for (const change of [{ engines: { [name]: SOUND_MANIFEST.engine } }, { channel: name }])
        requireOf(
          thrownBy(() => parseManifest(SOUND_MANIFEST.with(change))),
          "document-invalid",
          name,
        );
      const entries = { [name]: { path: "toy", kind: "library" } };
      requireOf(
        thrownBy(() => parseManifest(SOUND_MANIFEST.withRelease({ entries }))),
        "document-invalid",
        name,
      );
    }
  });
}

test("the sound one of them is taken", () => {
  assert.doesNotThrow(() => parseManifest(SOUND_MANIFEST.with({})));
  assert.doesNotThrow(() => parseManifest(SOUND_MANIFEST.withRelease({ entries: {} })));
});

/** Pairs that are one name on a file system that folds case or normal forms: 33 to 37. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["Bin/x", "bin/y"],
  ["lib/É", "lib/é"],
  ["stra\u00dfe", "STRASSE"],
  ["\ufb01le", "file"],
  ["\u212a", "k"],
  ["\u017f", "s"],
  ["ΑΣ", "ας"],
  ["a", "A/b"],
];

test("names that collide: refused in a tree document as in an archive", async () => {
  for (const [one, other] of PAIRS) {
    const tree = treeOf({ [one]: "1", [other]: "2" });
    requireOf(
      thrownBy(() => parseTree(canonicalJson(tree))),
      "archive-hostile",
      one,
    );
    const tar = Buffer.concat([entry({ name: one }, "1"), entry({ name: other }, "2"), END]);
    const { error, finished } = await unpackSigned(compressed["tar.zst"](tar), tree, { format: "tar.zst" });
    requireOf(error, "archive-hostile", one);
    assert.equal(finished.size, 0);
  }
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return "nothing was thrown";
}

function requireOf(error: unknown, code: string, name: string): void {
  assert.ok(error instanceof EngineryError, `${JSON.stringify(name)}: ${String(error)}`);
  assert.equal(error.code, code, `${JSON.stringify(name)}: ${error.message}`);
  assert.match(error.message, /^[^\p{C}\u2028\u2029]*$/u, "a terminal would act on the message");
}
