import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { FORMAT_BYTES, formatProblem, readFormat } from "../../src/core/executable-format.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test("scripts name their interpreter, with or without words for it", () => {
  assert.deepEqual(readFormat(text("#!/bin/sh\necho")), { kind: "script", interpreter: "/bin/sh" });
  assert.deepEqual(readFormat(text("#! /usr/bin/env node\n")), { kind: "script", interpreter: "/usr/bin/env" });
  assert.deepEqual(readFormat(text("#!\n")), { kind: "unknown" });
});

test("the program that runs this test fits this machine and no other", { skip: process.platform !== "linux" }, () => {
  const format = readFormat(readFileSync(process.execPath).subarray(0, FORMAT_BYTES));
  assert.equal(format.kind, "elf");
  assert.equal(formatProblem(format, `linux-${process.arch}`), undefined);
  assert.equal(formatProblem(format, `linux-${process.arch}-musl`), undefined);
  assert.match(formatProblem(format, "linux-riscv64") ?? "", /architecture/);
  assert.match(formatProblem(format, "darwin-arm64") ?? "", /another system/);
});

test("Mach-O and PE are told by their first bytes", () => {
  const macho = readFormat(Uint8Array.of(0xcf, 0xfa, 0xed, 0xfe, 0, 0, 0, 0));
  const pe = readFormat(text("MZ\u0090\u0000"));
  assert.equal(formatProblem(macho, "darwin-arm64"), undefined);
  assert.match(formatProblem(macho, "linux-x64") ?? "", /another system/);
  assert.equal(formatProblem(pe, "win32-x64"), undefined);
  assert.match(formatProblem(pe, "linux-x64") ?? "", /another system/);
});

test("no bytes whatever make it throw", () => {
  const elf = fc.uint8Array({ maxLength: 300 }).map((rest) => Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, ...rest));
  fc.assert(
    fc.property(fc.oneof(elf, fc.uint8Array({ maxLength: 100 })), (bytes) => {
      assert.ok(readFormat(bytes).kind);
    }),
    { numRuns: 2000 },
  );
});
