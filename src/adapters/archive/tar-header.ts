import { quote } from "../../core/quote.ts";
import { hostile, malformed } from "./refusal.ts";
import { readName } from "./tar-names.ts";

export const BLOCK_BYTES = 512;

/** What a raw 512-byte header says, before any parser sees it. */
export type HeaderBlock =
  | { readonly kind: "zero" }
  | { readonly kind: "file" | "directory" | "pax" | "global-pax" | "long-name"; readonly bytes: number };

const KINDS: Readonly<Record<string, "file" | "directory" | "pax" | "global-pax" | "long-name">> = {
  "\0": "file",
  "0": "file",
  "5": "directory",
  x: "pax",
  g: "global-pax",
  L: "long-name",
};

const REFUSED: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a character device",
  "4": "a block device",
  "6": "a FIFO",
  "7": "a contiguous file",
  K: "a long link name",
  S: "a sparse file",
};

const MAGICS = ["ustar\u000000", "ustar  \u0000"];
/** Where the numbers of a header lie: mode, uid, gid, mtime; all may be empty, none may be nonsense. */
const NUMBERS = [
  [100, 8],
  [108, 8],
  [116, 8],
  [136, 12],
] as const;

/** Refuses every kind but files, folders and long names, and every field that two readers might read differently. */
export function readHeaderBlock(block: Uint8Array): HeaderBlock {
  if (block.every((byte) => byte === 0)) return { kind: "zero" };
  const text = Buffer.from(block.buffer, block.byteOffset, BLOCK_BYTES).toString("latin1");
  if (checksum(block) !== octal(text.slice(148, 156))) throw malformed("a header has a wrong checksum");
  if (!MAGICS.includes(text.slice(257, 265))) throw malformed("a header is neither of the ustar nor of the GNU form");
  const type = text.charAt(156);
  const kind = KINDS[type];
  if (kind === undefined)
    throw hostile(`it holds ${REFUSED[type] ?? `an entry of the unknown kind ${quote(type)}`}`, { type });
  readName(untilZero(block.subarray(0, 100)));
  if (text.charAt(262) === "\0") readName(untilZero(block.subarray(345, 500)));
  if (block[157] !== 0) throw hostile("an entry that is no link names something to link to");
  for (const [start, length] of NUMBERS) readNumber(block, text, start, length);
  const bytes = readNumber(block, text, 124, 12);
  if (bytes === undefined) throw malformed("a header has no size");
  return { kind, bytes };
}

function checksum(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let index = 0; index < BLOCK_BYTES; index += 1) {
    if (index < 148 || index >= 156) sum += block[index] ?? 0;
  }
  return sum;
}

/** Undefined for an empty field. */
function readNumber(block: Uint8Array, text: string, start: number, length: number): number | undefined {
  const first = block[start] ?? 0;
  if ((first & 0x80) !== 0) return base256(block.subarray(start, start + length));
  return octal(text.slice(start, start + length));
}

function octal(field: string): number | undefined {
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field)?.[1];
  if (digits === undefined) throw malformed("a number in a header is not octal");
  return digits === "" ? undefined : Number.parseInt(digits, 8);
}

function base256(field: Uint8Array): number {
  if (field[0] !== 0x80) throw malformed("a number in a header is negative or not in the base-256 form");
  const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  if (!Number.isSafeInteger(value)) throw malformed("a number in a header is too large");
  return value;
}

function untilZero(field: Uint8Array): Uint8Array {
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
}
