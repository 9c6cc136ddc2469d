import { ceilTo } from "./round.ts";

const PT_LOAD = 1;
const PT_NOTE = 4;
const PT_PHDR = 6;
const ET_EXEC = 2;
const HEADER_BYTES = 64;
const ENTRY_BYTES = 56;
/** The largest page of any arm64 kernel; of x64 it is 4 KiB. */
const PAGE_BYTES = 0x10000;
/** Where Node looks for it: a note of this name, in memory. */
const NOTE_NAME = Buffer.from("NODE_SEA_BLOB\0");

interface Segment {
  readonly bytes: Buffer;
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
}

/**
 * A Node for Linux that carries `blob`, less what no start of it reads: symbols, debugging facts, the table of sections. The note comes after all
 * that is loaded and is loaded itself, in the places of two program headers that a program with fixed addresses does without: so nothing else moves.
 * Throws where the file is of another make.
 */
export function elfWithBlob(node: Buffer, blob: Buffer): Buffer {
  requireKnown(node);
  const table = node.readUInt16LE(54);
  const start = Number(node.readBigUInt64LE(32));
  const segments = Array.from({ length: node.readUInt16LE(56) }, (_, index) =>
    segmentOf(node.subarray(start + index * table, start + index * table + ENTRY_BYTES)),
  );
  const loads = segments.filter(({ type }) => type === PT_LOAD);
  const end = Math.max(...segments.map(({ offset, fileBytes }) => offset + fileBytes));
  const offset = ceilTo(end, PAGE_BYTES);
  const address = ceilTo(Math.max(...loads.map((each) => each.address + each.memoryBytes)), PAGE_BYTES);
  const note = noteOf(blob);
  const place = { offset, address, bytes: note.length };
  const last = loads.at(-1);
  const headers = segments.flatMap((each) => {
    if (each.type === PT_PHDR || each.type === PT_NOTE) return [];
    // loaded ones have to be in the order of their addresses
    return each === last ? [each.bytes, header(PT_LOAD, place, PAGE_BYTES)] : [each.bytes];
  });
  headers.push(header(PT_NOTE, place, 4));
  const out = Buffer.alloc(offset + note.length);
  node.copy(out, 0, 0, end);
  Buffer.concat(headers).copy(out, start);
  out.writeUInt16LE(headers.length, 56);
  // no table of sections: its offset, the number of its rows, and which of them has the names
  out.writeBigUInt64LE(0n, 40);
  out.writeUInt32LE(0, 60);
  note.copy(out, offset);
  return out;
}

function requireKnown(node: Buffer): void {
  const known = node.length > HEADER_BYTES && node.readUInt32BE(0) === 0x7f454c46 && node[4] === 2 && node[5] === 1;
  if (!known || node.readUInt16LE(16) !== ET_EXEC || node.readUInt16LE(54) !== ENTRY_BYTES) {
    throw new Error("This Node is no ELF program of 64 bits, little end first, with fixed addresses.");
  }
}

function segmentOf(bytes: Buffer): Segment {
  const [offset, address, fileBytes, memoryBytes] = [8, 16, 32, 40].map((at) => Number(bytes.readBigUInt64LE(at)));
  return { bytes, type: bytes.readUInt32LE(0), offset, address, fileBytes, memoryBytes } as Segment;
}

function noteOf(blob: Buffer): Buffer {
  const name = Buffer.alloc(ceilTo(NOTE_NAME.length, 4));
  NOTE_NAME.copy(name);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(NOTE_NAME.length, 0);
  head.writeUInt32LE(blob.length, 4);
  return Buffer.concat([head, name, blob, Buffer.alloc(ceilTo(blob.length, 4) - blob.length)]);
}

/** Readable, and nothing more. */
function header(
  type: number,
  place: { readonly offset: number; readonly address: number; readonly bytes: number },
  align: number,
): Buffer {
  const out = Buffer.alloc(ENTRY_BYTES);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(4, 4);
  for (const [index, value] of [
    place.offset,
    place.address,
    place.address,
    place.bytes,
    place.bytes,
    align,
  ].entries()) {
    out.writeBigUInt64LE(BigInt(value), 8 + index * 8);
  }
  return out;
}
