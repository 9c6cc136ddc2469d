import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readProgram } from "../../src/core/program/read-program.ts";
import { ask } from "../core/support/files.ts";
import { sourceOf } from "../support/byte-source.ts";
import { buildElf } from "../support/elf-builder.ts";
import { buildFat, buildMachO, MAC_ARM64 } from "../support/mach-o-builder.ts";
import { buildWindows } from "../support/windows-builder.ts";
import { edited, edits, fuzz } from "./support/fuzzing.ts";

const LOADER = "/lib64/ld-linux-x86-64.so.2";
const ELF = {
  interpreter: LOADER,
  needed: ["libc.so.6", "libown.so"],
  soname: "libself.so",
  runpath: "$ORIGIN/../lib:$ORIGIN",
  rpath: "/opt/$LIB",
  requires: { "libc.so.6": ["GLIBC_2.2.5", "GLIBC_2.34"], "libown.so": ["OWN_1"] },
  provides: ["SELF_1", "SELF_2"],
  leastKernel: [3, 2, 0] as const,
  x86Levels: 3,
};
const SOUND = [
  buildElf({ ...ELF, machine: 62 }),
  buildElf({ ...ELF, machine: 62, bits: 32 }),
  buildElf({ ...ELF, machine: 21, order: "big" }),
  buildMachO({ needed: ["@rpath/one.dylib"], rpath: ["@loader_path/.."] }),
  buildFat([buildMachO({ needed: ["/usr/lib/x"] }), buildMachO({ machine: MAC_ARM64 })]),
  buildWindows({ needed: ["KERNEL32.dll", "own.dll"] }),
  buildWindows({ needed: ["KERNEL32.dll"], wide: false, machine: 0x14c }),
];
/** Numbers that lead astray, wherever they come to stand. */
const WORDS = [0, 1, 4, 16, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0, 0x400000, 4095, 4096, 65535];
const words = fc.array(
  fc.record({ at: fc.nat(6000), word: fc.oneof(fc.constantFrom(...WORDS), fc.nat()), wide: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
);

function overwritten(sound: Buffer, changes: readonly { at: number; word: number; wide: boolean }[]): Buffer {
  const bytes = Buffer.from(sound);
  for (const { at, word, wide } of changes) {
    const place = at % (bytes.length - 8);
    bytes.writeUInt32LE(word, place);
    if (wide) bytes.writeUInt32LE(word > 0x7fffffff ? 0xffffffff : 0, place + 4);
  }
  return bytes;
}

/** Reads it, and asks for all that it names; within bounds, whatever it is. */
function judge(bytes: Uint8Array): void {
  const source = sourceOf(bytes);
  const program = readProgram(source);
  assert.ok(source.readBytes <= 4 * 1024 * 1024 + 4096, `${source.readBytes} bytes were read`);
  assert.ok(JSON.stringify(program).length < 16 * 1024 * 1024);
  for (const platform of ["linux-x64", "linux-x64-musl", "darwin-arm64", "win32-x64"]) {
    const files = { "/r/bin/e": bytes, "/r/lib/libown.so": bytes, [LOADER]: bytes };
    const { lacks, looked } = ask(files, "bin/e", {}, platform);
    assert.ok(looked.length <= 30_000, `${looked.length} looks`);
    for (const { message } of lacks) assert.doesNotMatch(message, /[\p{C}\p{Zl}\p{Zp}]/u);
  }
}

test("bytes put over, into and out of programs: never more than our own verdict", async (t) => {
  const cases = fc.tuple(fc.constantFrom(...SOUND), edits).map(([sound, changes]) => edited(sound, changes));
  await fuzz(t, 1000, fc.property(cases, judge));
});

test("offsets, sizes and counts that lead beyond, back and round", async (t) => {
  const cases = fc.tuple(fc.constantFrom(...SOUND), words).map(([sound, changes]) => overwritten(sound, changes));
  await fuzz(t, 3000, fc.property(cases, judge));
});

test("what only begins like a program", async (t) => {
  const magics = fc.constantFrom(
    "7f454c4602010100",
    "7f454c4601020100",
    "cafebabe00000002",
    "cffaedfe07000001",
    "4d5a",
    "2321",
  );
  const cases = fc
    .tuple(magics, fc.uint8Array({ maxLength: 600 }))
    .map(([magic, rest]) => Buffer.concat([Buffer.from(magic, "hex"), rest]));
  await fuzz(t, 1000, fc.property(cases, judge));
});

test("as many headers as there is room for end in time", () => {
  const file = Buffer.alloc(6 * 1024 * 1024);
  buildElf({ machine: 62 }).copy(file);
  file.writeUInt16LE(1024, 56);
  // every one a note section of all the file, which is full of notes
  for (let at = 64; at < 64 + 1024 * 56; at += 56) {
    file.writeUInt32LE(4, at);
    file.writeBigUInt64LE(BigInt(64 * 1024), at + 8);
    file.writeBigUInt64LE(BigInt(5 * 1024 * 1024), at + 32);
  }
  const began = performance.now();
  const program = readProgram(sourceOf(file));
  assert.match(program.kind === "elf" ? (program.unread ?? "") : "", /too many notes/);
  assert.ok(performance.now() - began < 5000);
});
