// Makes templates/demo/sum.wasm, a WebAssembly module whose one global is `40 + 2`, written as an addition ("extended constant
// expressions"), and which prints that sum through WASI. Older Wasmtimes refuse such a module: it is no module to them.
// `node scripts/demo-module.ts [FILE]`
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const I32 = 0x7f;
const END = 0x0b;
const TEXT_AT = 16;
const LINE = "40 + 2 = ??\n";

export function demoModule(): Uint8Array {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([0x60, ...vector([I32], [I32], [I32], [I32]), ...vector([I32])], [0x60, 0, 0])),
    ...section(2, vector([...text("wasi_snapshot_preview1"), ...text("fd_write"), 0x00, 0])),
    ...section(3, vector([1])),
    ...section(5, vector([0x00, 1])),
    ...section(6, vector([I32, 0x00, ...constant(40), ...constant(2), ADD, END])),
    ...section(7, vector([...text("memory"), 0x02, 0], [...text("wizer.initialize"), 0x00, 1])),
    ...section(10, vector(sized([0x00, ...initialize(), END]))),
    ...section(11, vector([0x00, ...constant(TEXT_AT), END, ...text(LINE)])),
  ]);
}

const ADD = 0x6a;
const DIVIDE = 0x6e;
const REMAINDER = 0x70;
const GLOBAL_0 = [0x23, 0];
const STORE_WORD = [0x36, 0x02, 0];
const STORE_BYTE = [0x3a, 0x00, 0];
const CALL_FD_WRITE = [0x10, 0];
const DROP = 0x1a;

/** Writes the global's two digits into the line, then the line to standard output. */
function initialize(): number[] {
  const digit = (operation: number) => [...GLOBAL_0, ...constant(10), operation, ...constant(48), ADD, ...STORE_BYTE];
  return [
    ...[...constant(0), ...constant(TEXT_AT), ...STORE_WORD],
    ...[...constant(4), ...constant(LINE.length), ...STORE_WORD],
    ...[...constant(TEXT_AT + LINE.length - 3), ...digit(DIVIDE)],
    ...[...constant(TEXT_AT + LINE.length - 2), ...digit(REMAINDER)],
    ...[...constant(1), ...constant(0), ...constant(1), ...constant(8), ...CALL_FD_WRITE, DROP],
  ];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function vector(...items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): number[] {
  return sized([...new TextEncoder().encode(value)]);
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

/** `i32.const` of a number from 0. */
function constant(value: number): number[] {
  const bytes = unsigned(value);
  // LEB128 is signed here: a set bit 6 in the last byte would make it negative
  const last = bytes.at(-1) ?? 0;
  return (last & 0x40) === 0 ? [0x41, ...bytes] : [0x41, ...bytes.slice(0, -1), last | 0x80, 0x00];
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(process.argv[2] ?? new URL("../templates/demo/sum.wasm", import.meta.url), demoModule());
}
