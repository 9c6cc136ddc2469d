import { createHash } from "node:crypto";
import { ceilTo } from "./round.ts";

const SEGMENT = 0x19;
const CODE_SIGNATURE = 0x1d;
const HEADER_BYTES = 32;
const COMMAND_BYTES = 16;
/** What is hashed by itself. */
const BLOCK_BYTES = 4096;
const HASH_BYTES = 32;
/** Numbers of Apple's cs_blobs.h; all of them are written with the highest byte first. */
const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const VERSION = 0x20400;
/** For nobody, and as a linker leaves it: with the directory of the code alone. */
const AD_HOC = 0x20002;
const SHA256 = 2;
const MAIN_BINARY = 1n;
const SUPER_BYTES = 24;
const DIRECTORY_BYTES = 88;

/** With a signature that names nobody and holds the hash of every block: what a linker gives a program that was never signed. Takes one without a signature. */
export function signedAdHoc(program: Buffer, identifier: string): Buffer {
  const start = ceilTo(program.length, 16);
  const hashesAt = SUPER_BYTES + ceilTo(DIRECTORY_BYTES + identifier.length + 1, 16) - 8;
  const blocks = Math.ceil(start / BLOCK_BYTES);
  const bytes = ceilTo(hashesAt + blocks * HASH_BYTES, 16);
  const out = Buffer.alloc(start + bytes);
  program.copy(out);
  // the command is within what is hashed
  const text = announce(out, start, bytes);
  directory(out.subarray(start), { start, blocks, hashesAt, identifier, text });
  for (let block = 0; block < blocks; block++) {
    const part = out.subarray(block * BLOCK_BYTES, Math.min(start, (block + 1) * BLOCK_BYTES));
    createHash("sha256")
      .update(part)
      .digest()
      .copy(out, start + hashesAt + block * HASH_BYTES);
  }
  return out;
}

/** One load command more, and the last segment covers the signature. Answers where the code lies. */
function announce(out: Buffer, start: number, bytes: number): { readonly offset: bigint; readonly bytes: bigint } {
  const [count, size] = [out.readUInt32LE(16), out.readUInt32LE(20)];
  let text: { readonly offset: bigint; readonly bytes: bigint } | undefined;
  for (let at = HEADER_BYTES, left = count; left > 0; left--) {
    const name = out.toString("latin1", at + 8, at + 24).replace(/\0.*$/s, "");
    const isSegment = out.readUInt32LE(at) === SEGMENT;
    if (isSegment && name === "__TEXT")
      text = { offset: out.readBigUInt64LE(at + 40), bytes: out.readBigUInt64LE(at + 48) };
    if (isSegment && name === "__LINKEDIT") {
      const whole = BigInt(start + bytes) - out.readBigUInt64LE(at + 40);
      out.writeBigUInt64LE(whole, at + 48);
      out.writeBigUInt64LE(BigInt(ceilTo(Number(whole), 0x4000)), at + 32);
    }
    at += out.readUInt32LE(at + 4);
  }
  const place = HEADER_BYTES + size;
  if (text === undefined || out.subarray(place, place + COMMAND_BYTES).some((byte) => byte !== 0)) {
    throw new Error("This Node has no code, or no room for a signature's load command.");
  }
  for (const [index, value] of [CODE_SIGNATURE, COMMAND_BYTES, start, bytes].entries()) {
    out.writeUInt32LE(value, place + index * 4);
  }
  out.writeUInt32LE(count + 1, 16);
  out.writeUInt32LE(size + COMMAND_BYTES, 20);
  return text;
}

interface Directory {
  readonly start: number;
  readonly blocks: number;
  /** From the signature's first byte. */
  readonly hashesAt: number;
  readonly identifier: string;
  readonly text: { readonly offset: bigint; readonly bytes: bigint };
}

function directory(out: Buffer, { start, blocks, hashesAt, identifier, text }: Directory): void {
  const length = hashesAt + blocks * HASH_BYTES;
  // one blob: the directory of the code, type 0
  for (const [index, value] of [SUPER_BLOB, length, 1, 0, SUPER_BYTES].entries()) out.writeUInt32BE(value, index * 4);
  const of = out.subarray(SUPER_BYTES);
  const fields = [
    ...[CODE_DIRECTORY, length - SUPER_BYTES, VERSION, AD_HOC],
    // hashes, the name, no special slots, one slot a block, and how much of the file they cover
    ...[hashesAt - SUPER_BYTES, DIRECTORY_BYTES, 0, blocks, start],
  ];
  for (const [index, value] of fields.entries()) of.writeUInt32BE(value, index * 4);
  of.writeUInt8(HASH_BYTES, 36);
  of.writeUInt8(SHA256, 37);
  of.writeUInt8(Math.log2(BLOCK_BYTES), 39);
  of.writeBigUInt64BE(text.offset, 64);
  of.writeBigUInt64BE(text.bytes, 72);
  of.writeBigUInt64BE(MAIN_BINARY, 80);
  of.write(identifier, DIRECTORY_BYTES, "latin1");
}
