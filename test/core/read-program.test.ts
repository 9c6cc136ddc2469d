import assert from "node:assert/strict";
import { test } from "node:test";
import type { ElfProgram } from "../../src/core/model/program.ts";
import { readProgram } from "../../src/core/program/read-program.ts";
import { sourceOf } from "../support/byte-source.ts";
import { buildElf, type ElfOptions } from "../support/elf-builder.ts";

function elf(options: ElfOptions): ElfProgram {
  const program = readProgram(sourceOf(buildElf(options)));
  assert.ok(program.kind === "elf");
  return program;
}

const EVERYTHING: ElfOptions = {
  interpreter: "/lib64/ld-linux-x86-64.so.2",
  needed: ["libc.so.6", "libown.so.1"],
  soname: "libitself.so.3",
  rpath: "/one:$ORIGIN/two",
  runpath: "$ORIGIN/../lib::/three",
  flags1: 0x800,
  requires: { "libc.so.6": ["GLIBC_2.2.5", "GLIBC_2.34", "?GLIBC_2.99"], "libown.so.1": ["OWN_1"] },
  provides: ["ITSELF_1.0", "ITSELF_1.1"],
  leastKernel: [3, 2, 0],
  x86Levels: 0b111,
};

for (const bits of [64, 32] as const) {
  for (const order of ["little", "big"] as const) {
    test(`ELF of ${bits} bits, ${order} end first: everything that it says it needs`, () => {
      assert.deepEqual(elf({ ...EVERYTHING, bits, order, machine: 62 }), {
        kind: "elf",
        machine: bits === 64 ? "x64" : "x32",
        bits,
        interpreter: "/lib64/ld-linux-x86-64.so.2",
        needed: ["libc.so.6", "libown.so.1"],
        soname: "libitself.so.3",
        rpath: ["/one", "$ORIGIN/two"],
        runpath: ["$ORIGIN/../lib", "/three"],
        ownFoldersOnly: true,
        requires: [
          { library: "libc.so.6", versions: ["GLIBC_2.2.5", "GLIBC_2.34"] },
          { library: "libown.so.1", versions: ["OWN_1"] },
        ],
        provides: ["ITSELF_1.0", "ITSELF_1.1"],
        leastKernel: [3, 2, 0],
        x86Levels: 0b111,
      });
    });
  }
}

test("what is linked statically needs no library; a property of another machine is no level", () => {
  const { needed, requires, interpreter, x86Levels, unread } = elf({ machine: 183, x86Levels: 7 });
  assert.deepEqual([needed, requires, interpreter, x86Levels, unread], [[], [], undefined, 0, undefined]);
});

test("machines have the names that Node gives them", () => {
  const names = [3, 8, 21, 22, 40, 62, 183, 243, 258, 4711].map((machine) => elf({ machine }).machine);
  assert.deepEqual(names, [
    "ia32",
    "mipsel",
    "ppc64",
    "s390x",
    "arm",
    "x64",
    "arm64",
    "riscv64",
    "loong64",
    "ELF machine 4711",
  ]);
});

test("a script names its interpreter; what is no program is unknown", () => {
  const read = (text: string) => readProgram(sourceOf(Buffer.from(text, "latin1")));
  assert.deepEqual(read("#! /bin/sh -e\necho"), { kind: "script", interpreter: "/bin/sh" });
  for (const text of ["", "#!", "#!\n", "data", "MZ", "\x7fEL", "\x7fELF", "\x7fELF\x02\x01"]) {
    assert.deepEqual(read(text), { kind: "unknown" }, JSON.stringify(text));
  }
});

test("what lies beyond the end is told, and hides neither machine nor loader", () => {
  const whole = buildElf({ ...EVERYTHING, machine: 62 });
  const texts = whole.indexOf("libitself.so.3");
  const cut = readProgram(sourceOf(whole.subarray(0, texts)));
  assert.ok(cut.kind === "elf");
  assert.deepEqual([cut.machine, cut.interpreter, cut.needed], ["x64", EVERYTHING.interpreter, []]);
  assert.match(cut.unread ?? "", /beyond its end/);
});

test("a chain of versions that goes on beyond what it says ends with the file", () => {
  const whole = buildElf({ requires: { "libc.so.6": ["GLIBC_2.2.5"] }, machine: 62 });
  const needs = whole.indexOf(Buffer.from([1, 0, 1, 0]), 500);
  whole.writeUInt32LE(16, needs + 12);
  whole.writeUInt16LE(0xffff, needs + 2);
  const count = whole.indexOf(Buffer.from([0xff, 0xff, 0xff, 0x6f]));
  whole.writeUInt32LE(0xffffffff, count + 8);
  const source = sourceOf(whole);
  const program = readProgram(source);
  assert.equal(program.kind, "elf");
  assert.ok(source.reads < 10, `${source.reads} reads`);
});

test("too many headers, libraries, notes and names are told, not read", () => {
  const many = buildElf({ needed: Array.from({ length: 1025 }, (_, index) => `lib${index}.so`), machine: 62 });
  const program = readProgram(sourceOf(many));
  assert.match(program.kind === "elf" ? (program.unread ?? "") : "", /needs 1025 libraries/);
  const long = Array.from({ length: 1000 }, (_, index) => `lib${index}${"x".repeat(1100)}.so`);
  assert.match(elf({ needed: long }).unread ?? "", /holds too many names/);
  const headers = buildElf({ machine: 62 });
  headers.writeUInt16LE(0xffff, 56);
  const extended = readProgram(sourceOf(headers));
  assert.match(extended.kind === "elf" ? (extended.unread ?? "") : "", /has 65535 program headers/);
});

test("an address that nothing is loaded to is told", () => {
  const whole = buildElf({ needed: ["libc.so.6"], machine: 62 });
  const texts = whole.lastIndexOf(Buffer.from([5, 0, 0, 0, 0, 0, 0, 0]));
  whole.writeBigUInt64LE(0x400000n + BigInt(whole.length), texts + 8);
  const program = readProgram(sourceOf(whole));
  assert.match(program.kind === "elf" ? (program.unread ?? "") : "", /nothing of it is loaded to/);
});

test("headers all over a large file are read to 4 MiB and no further", () => {
  const small = buildElf({ provides: ["ONE"], machine: 62 });
  const file = Buffer.alloc(8 * 1024 * 1024);
  small.copy(file);
  const first = small.indexOf(Buffer.from([1, 0, 1, 0, 1, 0, 1, 0]));
  const count = small.indexOf(Buffer.from([0xfd, 0xff, 0xff, 0x6f]));
  file.writeUInt32LE(8000, count + 8);
  file.writeUInt32LE(4096 * 2 - first, first + 16);
  for (let at = 4096 * 2; at + 20 < file.length; at += 4096) file.writeUInt32LE(4096, at + 16);
  const source = sourceOf(file);
  const program = readProgram(source);
  assert.match(program.kind === "elf" ? (program.unread ?? "") : "", /in too many places/);
  assert.ok(source.readBytes <= 4 * 1024 * 1024, `${source.readBytes} bytes`);
});
