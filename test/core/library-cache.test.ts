import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { parseLibraryCache } from "../../src/core/program/library-cache.ts";
import { x86Features, x86Level } from "../../src/core/program/x86-level.ts";

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly variant?: boolean;
}

function cacheOf(entries: readonly Entry[], little = true): Buffer {
  const header = Buffer.alloc(48 + entries.length * 24);
  const word = (value: number, at: number) =>
    little ? header.writeUInt32LE(value, at) : header.writeUInt32BE(value, at);
  header.write("glibc-ld.so.cache1.1");
  word(entries.length, 20);
  header[28] = little ? 2 : 3;
  let texts = "";
  const put = (text: string) => {
    const at = header.length + texts.length;
    texts += `${text}\0`;
    return at;
  };
  for (const [index, { name, path, variant }] of entries.entries()) {
    const at = 48 + index * 24;
    word(put(name), at + 4);
    word(put(path), at + 8);
    if (variant) header[at + 16] = 1;
  }
  return Buffer.concat([header, Buffer.from(texts)]);
}

const ENTRIES: readonly Entry[] = [
  { name: "libc.so.6", path: "/lib/glibc-hwcaps/x86-64-v3/libc.so.6", variant: true },
  { name: "libc.so.6", path: "/lib/libc.so.6" },
  { name: "libm.so.6", path: "/lib/libm.so.6" },
];

test("the linker's cache tells where libraries are; variants for one CPU come last", () => {
  for (const little of [true, false]) {
    assert.deepEqual(
      [...parseLibraryCache(cacheOf(ENTRIES, little))],
      [
        ["libc.so.6", ["/lib/libc.so.6", "/lib/glibc-hwcaps/x86-64-v3/libc.so.6"]],
        ["libm.so.6", ["/lib/libm.so.6"]],
      ],
    );
  }
});

test("the newer form behind the older one is found", () => {
  const older = Buffer.alloc(64);
  older.write("ld.so-1.7.0 glibc-");
  assert.equal(parseLibraryCache(Buffer.concat([older, cacheOf(ENTRIES)])).size, 2);
});

test("no bytes whatever make it throw", () => {
  const sound = cacheOf(ENTRIES);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 20 }),
      fc.nat(400),
      (edits, cut) => {
        const bytes = Buffer.from(sound);
        for (const [at, byte] of edits) bytes[at] = byte;
        for (const paths of parseLibraryCache(bytes.subarray(0, cut)).values()) {
          assert.ok(paths.every((path) => path.startsWith("/")));
        }
      },
    ),
    { numRuns: 1000 },
  );
});

const LDCONFIG = "/sbin/ldconfig";
test("the cache of this host reads as ldconfig prints it", {
  skip: !existsSync(LDCONFIG) || !existsSync("/etc/ld.so.cache"),
}, () => {
  const printed = execFileSync(LDCONFIG, ["-p"], { encoding: "utf8" });
  const expected = [...printed.matchAll(/^\t(\S+) \(.*?\) => (\S+)$/gm)].map(([, name, path]) => `${name} ${path}`);
  const cache = parseLibraryCache(readFileSync("/etc/ld.so.cache"));
  const found = [...cache].flatMap(([name, paths]) => paths.map((path) => `${name} ${path}`));
  assert.deepEqual(found.toSorted(), expected.toSorted());
});

test("a CPU's level is the highest that it has all features of, and those below it", () => {
  const all = [1, 2, 3].map((have) => x86Features(4, have));
  assert.equal(x86Level(new Set(all[0])), 4);
  assert.equal(x86Level(new Set()), 1);
  assert.equal(x86Level(new Set(x86Features(3, 1))), 3);
  assert.equal(x86Level(new Set(x86Features(4, 2))), 1, "the second level's are missing");
  assert.deepEqual(x86Features(2, 2), []);
});
