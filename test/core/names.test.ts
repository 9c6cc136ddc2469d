import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineryError } from "../../src/core/errors.ts";
import {
  checkChannelName,
  checkEngineName,
  checkEntryName,
  checkTenant,
  checkTreePath,
  checkTreePaths,
} from "../../src/core/names.ts";
import { refuses } from "./support/samples.ts";

test("engine, channel and entry names", () => {
  for (const check of [checkEngineName, checkChannelName, checkEntryName]) {
    for (const name of [
      "x",
      "xsnap",
      "polkadot-prepare-worker",
      "a.b_c-1",
      "con1",
      "auxiliary",
      `a${"b".repeat(63)}`,
    ]) {
      assert.equal(check(name), name);
    }
    for (const name of [
      "",
      "X",
      "1a",
      "-a",
      ".a",
      "a b",
      "a/b",
      "a\\b",
      "a.",
      "con",
      "aux.txt",
      "com1",
      "lpt9.x",
      "nul",
    ]) {
      refuses("bad-name", () => check(name));
    }
    for (const name of ["constructor", "prototype", "__proto__", "a\n", "ä", "a\0", `a${"b".repeat(64)}`, "a@b"]) {
      refuses("bad-name", () => check(name));
    }
  }
  refuses("document-invalid", () => checkEngineName("..", "document-invalid"));
});

test("a tenant may be any text but an empty, an endless or an invisible one", () => {
  for (const tenant of ["0x1f…", "vat 7 / Ω", "..", "a/b\\c", "x".repeat(1024)])
    assert.equal(checkTenant(tenant), tenant);
  for (const tenant of ["", "x".repeat(1025), "a\nb", "a\0", "\u001b[31m", "\u2028", "\ud800"]) {
    refuses("bad-name", () => checkTenant(tenant));
  }
  assert.throws(() => checkTenant(""), { hint: /UTF-8 text/ });
});

test("bytes that are no UTF-8 are no tenant: all of them are decoded to one and the same character", () => {
  const [one, other] = [[0xff], [0xfe]].map((bytes) => new TextDecoder().decode(Uint8Array.from(bytes)));
  assert.equal(one, other);
  refuses("bad-name", () => checkTenant(`vat ${one}`));
});

/** By the numbers of the list of hostile inputs. */
const HOSTILE: Readonly<Record<string, readonly string[]>> = {
  "1 parent": ["../evil", "a/..", "a/../b", ".."],
  "2 absolute": ["/etc/passwd", "//a", "/"],
  "3 parent in the middle": ["a/b/../../../x"],
  "11-13 drive": ["C:../x", "C:/x", "c:x"],
  "14 UNC": ["\\\\server\\share", "//server/share"],
  "15 backslash": ["..\\..\\x", "a\\b"],
  "empty components": ["", "a//b", "a/", "./a", "a/./b", "."],
  "69 component": ["a".repeat(256), "é".repeat(128)],
  "70 path": [Array.from({ length: 11 }, () => "a".repeat(100)).join("/")],
  "71 depth": [Array.from({ length: 65 }, () => "a").join("/")],
  "35 not NFC": ["e\u0301"],
  "36 short name": ["GIT~1", "a/progra~1", "LONGNA~1.TXT", "ab~12.js"],
  "82 CON": ["CON", "con", "a/Con/b"],
  "83 aux.txt": ["aux.txt", "NUL.tar.gz", "PRN", "conin$", "CLOCK$"],
  "84 COM\u00b9": ["COM\u00b9", "lpt\u00b3.x", "com0", "LPT9"],
  "85 trailing space": ["COM1 ", "COM1 .txt", "a ", "a /b"],
  "86 trailing dot": ["a.", "a./b", "..."],
  "87 stream": ["x:ads", "a/b:c"],
  "88 zero width": [".g\u200cit", "a\u200b", "\ufeffa", "a\u00ad", "a\u2060"],
  "89 newline": ["a\nb", "a\rb", "a\u2028b", "a\u0085"],
  "90 ESC": ["a\u001b[31m", "a\0", "a\u007f"],
  "91 bidi": ["a\u202egpj.exe", "a\u2066b", "\u200fa"],
  "92 dash": ["-rf", "a/-x", "--help"],
  "characters that Windows does not allow": ["a?", "a*", "a|b", "a<b", 'a"b'],
  "half a surrogate pair": ["a\ud800"],
  "reserved seal": ["SEAL.json", "seal.JSON", "SEAL.json/x"],
};

test("every hostile path is refused", () => {
  for (const [what, paths] of Object.entries(HOSTILE)) {
    for (const path of paths) {
      assert.throws(() => checkTreePath(path), EngineryError, `${what}: ${JSON.stringify(path)}`);
      refuses("archive-hostile", () => checkTreePath(path));
      refuses("bad-name", () => checkTreePaths([path], "bad-name"));
    }
  }
});

test("a message says what is wrong with a path", () => {
  const samples = [
    ["/a", "is absolute"],
    ["a/../b", "component .."],
    ["./a", "component ."],
    ["a//b", "empty component"],
  ] as const;
  for (const [path, why] of samples) refuses("archive-hostile", () => checkTreePath(path), path, `${why}.`);
});

test("ordinary and odd but harmless paths are taken", () => {
  const paths = [
    "bin/xs",
    "a b/c",
    ".hidden",
    "..a",
    "a..b",
    "a-",
    "lib/libpink.so.1.0",
    "x/SEAL.json",
    "console",
    "com10",
  ];
  paths.push(
    "é",
    "日本/語",
    "😀.txt",
    "~",
    "file~",
    "a~b",
    "longer-name~1.text",
    "@scope/x",
    "a".repeat(255),
    "[id]$+,;=.js",
  );
  for (const path of paths) assert.equal(checkTreePath(path), path);
  assert.doesNotThrow(() => checkTreePaths(paths));
});

test("two names for one file are refused", () => {
  const clashes: readonly (readonly [string, string, number])[] = [
    ["a", "a", 33],
    ["Bin", "bin", 34],
    ["Bin/a", "bin/b", 34],
    ["x/Bin/a", "x/bin/b", 34],
    ["É", "é", 35],
    ["\u212b", "å", 35],
    ["ﬁle", "file", 35],
    ["straße", "strasse", 37],
    ["STRASSE", "straße", 37],
    ["ẞ", "ss", 37],
    ["a/ß/b", "a/ss/c", 37],
    ["ſ", "s", 37],
    ["K", "\u212a", 35],
    ["a", "a/b", 31],
    ["a/b", "a", 30],
    ["A", "a/b", 31],
    ["a/b/c", "a/b", 30],
    ["ας", "ασ", 37],
  ];
  for (const [one, other] of clashes) refuses("archive-hostile", () => checkTreePaths([one, other]));
  assert.doesNotThrow(() => checkTreePaths(["a/b", "a/c", "a/d/e", "b/a/b", "ab"]));
});

test("a message never repeats what a terminal would act on", () => {
  for (const paths of Object.values(HOSTILE)) {
    for (const path of paths) {
      try {
        checkTreePath(path);
      } catch (error) {
        assert.match((error as EngineryError).message, /^[^\p{C}\u2028\u2029]*$/u);
      }
    }
  }
});

test("whatever the text, a path is taken or refused with our own error", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 6 }), (paths) => {
      try {
        checkTreePaths(paths);
      } catch (error) {
        assert.ok(error instanceof EngineryError);
      }
    }),
    { numRuns: 2000 },
  );
});
