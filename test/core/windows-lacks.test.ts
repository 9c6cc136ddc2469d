import assert from "node:assert/strict";
import { test } from "node:test";
import { readProgram } from "../../src/core/program/read-program.ts";
import { sourceOf } from "../support/byte-source.ts";
import { buildWindows } from "../support/windows-builder.ts";
import { type Files, told } from "./support/files.ts";

const WINDOWS = { systemVersion: [10, 0, 22631], x86Level: undefined, systemFolders: ["/w"], namedFolders: ["/path"] };
const on = (files: Files, path: string, platform = "win32-x64") => told(files, path, WINDOWS, platform);

for (const wide of [true, false]) {
  test(`PE of ${wide ? 64 : 32} bits: machine, subsystem, least system, imports`, () => {
    const machine = wide ? 0x8664 : 0x14c;
    const bytes = buildWindows({ wide, machine, needed: ["KERNEL32.dll", "own.dll"], isLibrary: true, least: [6, 2] });
    assert.deepEqual(readProgram(sourceOf(bytes)), {
      kind: "pe",
      machine: wide ? "x64" : "ia32",
      isLibrary: true,
      subsystem: 3,
      leastSystem: [6, 2],
      needed: ["KERNEL32.dll", "own.dll"],
    });
  });
}

test("a machine runs its own and what it translates", () => {
  const of = (machine: number) => ({ "/r/e.exe": buildWindows({ machine }) });
  assert.deepEqual(on(of(0x14c), "e.exe"), []);
  assert.deepEqual(on(of(0x8664), "e.exe", "win32-arm64"), []);
  assert.deepEqual(on(of(0xaa64), "e.exe"), [
    "certain release: e.exe is built for the architecture arm64, this host is x64",
  ]);
});

test("a program for no Windows, or for a later one", () => {
  assert.deepEqual(on({ "/r/e.exe": buildWindows({ subsystem: 10 }) }, "e.exe"), [
    "certain release: e.exe is no program for Windows (subsystem 10)",
  ]);
  assert.deepEqual(on({ "/r/e.exe": buildWindows({ least: [11, 0] }) }, "e.exe"), [
    "certain host: e.exe needs Windows 11.0, this host runs 10.0.22631",
  ]);
});

test("libraries beside the program, in the system's folders, on the PATH; those in its own folder are followed", () => {
  const files = {
    "/r/bin/e.exe": buildWindows({
      needed: ["KERNEL32.dll", "own.dll", "api-ms-win-crt-heap-l1-1-0.dll", "on-path.dll"],
    }),
    "/w/KERNEL32.dll": buildWindows({ isLibrary: true, needed: ["inner.dll"] }),
    "/path/on-path.dll": buildWindows({ isLibrary: true }),
    // one with data alone, of whatever machine
    "/r/bin/own.dll": buildWindows({ isLibrary: true, machine: 0x14c, needed: ["gone.dll", "OWN.dll"] }),
  };
  assert.deepEqual(on(files, "bin/e.exe"), [
    "likely host: bin/own.dll needs the library gone.dll, which is not on this host",
  ]);
});

test("a name that is a path is no library's name; what cannot be read is unclear", () => {
  const files = { "/r/e.exe": buildWindows({ needed: ["..\\up.dll"] }) };
  assert.match(on(files, "e.exe")[0] ?? "", /^likely host: e\.exe needs the library "/);
  const whole = buildWindows({ needed: ["a.dll"] });
  const many = Array.from({ length: 1025 }, (_, index) => `l${index}.dll`);
  assert.match(on({ "/r/e.exe": buildWindows({ needed: many }) }, "e.exe")[0] ?? "", /imports from too many libraries/);
  whole.writeUInt32LE(0x900000, 0x80 + 24 + 112 + 8);
  assert.match(on({ "/r/e.exe": whole }, "e.exe")[0] ?? "", /^unclear release: e\.exe points at an address/);
});
