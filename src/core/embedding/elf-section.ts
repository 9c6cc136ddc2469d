import type { Reach } from "../program/reach.ts";
import {
  type Insertion,
  isWithin,
  named,
  PAGE_BYTES,
  roundUp,
  type Section,
  unfit,
  viewOf,
  zeros,
} from "./insertion.ts";

export const ELF_SECTION = ".enginery";

const PROGBITS = 1;
const STRING_TABLE = 3;
const NO_BITS = 8;
const LOAD = 1;
/** From here on the count of sections stands elsewhere. */
const MAX_SECTIONS = 0xff00;
const MAX_SEGMENTS = 1024;
const MAX_NAMES_BYTES = 1024 * 1024;
const RUNNABLE = [2, 3];

interface Fields {
  readonly headerBytes: number;
  readonly programTable: number;
  readonly sectionTable: number;
  /** Of program header size, their count, section header size, their count, the section of names. */
  readonly counts: number;
  readonly segmentBytes: number;
  readonly sectionBytes: number;
  readonly maxOffset: number;
}

const FIELDS: Readonly<Record<32 | 64, Fields>> = {
  32: {
    headerBytes: 52,
    programTable: 28,
    sectionTable: 32,
    counts: 42,
    segmentBytes: 32,
    sectionBytes: 40,
    maxOffset: 0xffffffff,
  },
  64: {
    headerBytes: 64,
    programTable: 32,
    sectionTable: 40,
    counts: 54,
    segmentBytes: 56,
    sectionBytes: 64,
    maxOffset: Number.MAX_SAFE_INTEGER,
  },
};

interface ElfSections {
  readonly bits: 32 | 64;
  readonly reach: Reach;
  /** Section headers, as they lie in the file. */
  readonly table: Uint8Array;
  readonly sections: readonly Section[];
  readonly names: { readonly place: number; readonly bytes: Uint8Array };
}

/** Errors: `document-invalid`, the message as the end of a sentence that begins with the file. */
export function findInElf(reach: Reach): Section | undefined {
  return named(readSections(reach).sections, ELF_SECTION);
}

/**
 * All of the old file stays where it is. Behind it come the content, names and section headers anew; of the old bytes the ELF header's three fields
 * that lead there change, and nothing that the loader reads. Errors: as `findInElf`.
 */
export function insertIntoElf(reach: Reach, contentBytes: number): Insertion {
  const { bits, table, sections, names } = readSections(reach);
  const fields = FIELDS[bits];
  const offset = roundUp(reach.bytes, PAGE_BYTES);
  const newNames = new Uint8Array(names.bytes.length + ELF_SECTION.length + 1);
  newNames.set(names.bytes);
  newNames.set(new TextEncoder().encode(ELF_SECTION), names.bytes.length);
  const namesOffset = roundUp(offset + contentBytes, 8);
  const tableOffset = roundUp(namesOffset + newNames.length, 8);
  const count = sections.length + 1;
  if (count >= MAX_SECTIONS) throw unfit("has no room for one more section");
  if (tableOffset + count * fields.sectionBytes > fields.maxOffset)
    throw unfit("would be too large for its own format");

  const newTable = new Uint8Array(count * fields.sectionBytes);
  newTable.set(table);
  writeSection(newTable, bits, names.place, { offset: namesOffset, bytes: newNames.length });
  const own = { name: names.bytes.length, type: PROGBITS, offset, bytes: contentBytes, align: PAGE_BYTES };
  writeSection(newTable, bits, count - 1, own);

  return {
    pieces: [
      { bytes: headerFor(reach, bits, { tableOffset, count, names: names.place }) },
      { from: fields.headerBytes, length: reach.bytes - fields.headerBytes },
      zeros(offset - reach.bytes),
      { content: true },
      zeros(namesOffset - offset - contentBytes),
      { bytes: newNames },
      zeros(tableOffset - namesOffset - newNames.length),
      { bytes: newTable },
    ],
    section: { name: ELF_SECTION, offset, bytes: contentBytes },
    signatureRemoved: false,
  };
}

function readSections(file: Reach): ElfSections {
  const bits = file.u8(4) === 2 ? 64 : 32;
  if (file.u8(5) !== 1) throw unfit("is for a machine with the other byte order, which is not written here");
  const reach = file.withOrder(true);
  const fields = FIELDS[bits];
  if (reach.bytes < fields.headerBytes) throw unfit("is shorter than its own header");
  if (!RUNNABLE.includes(reach.u16(16))) throw unfit("is neither a program nor a library");
  checkSegments(reach, fields, bits);
  const start = wordAt(reach, fields.sectionTable, bits);
  const size = reach.u16(fields.counts + 4);
  const count = reach.u16(fields.counts + 6);
  const place = reach.u16(fields.counts + 8);
  // stripped of section headers: a program runs without them
  if (start === 0 && count === 0) return bareSections(reach, bits, fields);
  if (count === 0 || count >= MAX_SECTIONS) throw unfit("has more sections than its header can count");
  if (size !== fields.sectionBytes) throw unfit("has section headers of a size of its own");
  const tableBytes = count * size;
  if (start < fields.headerBytes || !isWithin(start, tableBytes, reach.bytes))
    throw unfit("has its section headers where they cannot be");
  if (overlaps(start, tableBytes, programTableOf(reach, fields, bits)))
    throw unfit("has section headers over its program headers");
  if (place === 0 || place >= count) throw unfit("does not say which section holds the names");
  const table = reach.slice(start, tableBytes);
  const names = namesAt(reach, table, bits, place);
  const sections = Array.from({ length: count }, (_, each) => sectionAt(reach, table, bits, each, names));
  return { bits, reach, table, sections, names: { place, bytes: names } };
}

/** The one that is no section, and the one of the names, which is still to be written. */
function bareSections(reach: Reach, bits: 32 | 64, { sectionBytes }: Fields): ElfSections {
  const table = new Uint8Array(2 * sectionBytes);
  const bytes = new TextEncoder().encode("\0.shstrtab\0");
  writeSection(table, bits, 1, { name: 1, type: STRING_TABLE, offset: 0, bytes: bytes.length, align: 1 });
  const none = { name: "", offset: 0, bytes: 0 };
  const sections = [none, { ...none, name: ".shstrtab" }];
  return { bits, reach, table, sections, names: { place: 1, bytes } };
}

function checkSegments(reach: Reach, fields: Fields, bits: 32 | 64): void {
  const table = programTableOf(reach, fields, bits);
  if (table.count === 0) return;
  if (reach.u16(fields.counts) !== fields.segmentBytes) throw unfit("has program headers of a size of its own");
  if (table.count > MAX_SEGMENTS) throw unfit(`has ${table.count} program headers`);
  if (table.offset < fields.headerBytes || !isWithin(table.offset, table.bytes, reach.bytes))
    throw unfit("has its program headers where they cannot be");
  for (let each = 0; each < table.count; each += 1) {
    const at = table.offset + each * fields.segmentBytes;
    if (reach.u32(at) !== LOAD) continue;
    const offset = wordAt(reach, at + (bits === 64 ? 8 : 4), bits);
    const bytes = wordAt(reach, at + (bits === 64 ? 32 : 16), bits);
    if (!isWithin(offset, bytes, reach.bytes)) throw unfit("is cut short: it loads what lies beyond its end");
  }
}

interface Table {
  readonly offset: number;
  readonly bytes: number;
  readonly count: number;
}

function programTableOf(reach: Reach, fields: Fields, bits: 32 | 64): Table {
  const count = reach.u16(fields.counts + 2);
  return { offset: wordAt(reach, fields.programTable, bits), bytes: count * fields.segmentBytes, count };
}

function overlaps(offset: number, bytes: number, other: Table): boolean {
  return offset < other.offset + other.bytes && other.offset < offset + bytes;
}

function namesAt(reach: Reach, table: Uint8Array, bits: 32 | 64, place: number): Uint8Array {
  const { type, offset, bytes } = fieldsAt(table, bits, place);
  if (type !== STRING_TABLE || bytes === 0 || bytes > MAX_NAMES_BYTES || !isWithin(offset, bytes, reach.bytes))
    throw unfit("has no section of names that can be read");
  const names = reach.slice(offset, bytes);
  if (names.at(-1) !== 0) throw unfit("holds a name without an end");
  return names;
}

function sectionAt(reach: Reach, table: Uint8Array, bits: 32 | 64, place: number, names: Uint8Array): Section {
  const { name, type, offset, bytes } = fieldsAt(table, bits, place);
  if (name >= names.length) throw unfit("names a section beyond the names");
  const holdsBytes = type !== 0 && type !== NO_BITS;
  if (holdsBytes && !isWithin(offset, bytes, reach.bytes)) throw unfit("is cut short: a section lies beyond its end");
  return { name: beginningOf(names.subarray(name, name + ELF_SECTION.length + 1)), offset, bytes };
}

/** As much as tells it from ours: thousands of sections may share one name without end. */
function beginningOf(name: Uint8Array): string {
  const end = name.indexOf(0);
  return new TextDecoder("latin1").decode(end < 0 ? name : name.subarray(0, end));
}

function fieldsAt(table: Uint8Array, bits: 32 | 64, place: number) {
  const at = place * FIELDS[bits].sectionBytes;
  const view = viewOf(table);
  const word = (wide: number, narrow: number): number =>
    bits === 64 ? Number(view.getBigUint64(at + wide, true)) : view.getUint32(at + narrow, true);
  return {
    name: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    offset: word(24, 16),
    bytes: word(32, 20),
  };
}

/** What is left out stays as it is. No flags: nothing of it is loaded. */
function writeSection(
  table: Uint8Array,
  bits: 32 | 64,
  place: number,
  { name, type, offset, bytes, align }: { name?: number; type?: number; offset: number; bytes: number; align?: number },
): void {
  const at = place * FIELDS[bits].sectionBytes;
  const view = viewOf(table);
  const word = (wide: number, narrow: number, value: number): void => {
    if (bits === 64) view.setBigUint64(at + wide, BigInt(value), true);
    else view.setUint32(at + narrow, value, true);
  };
  if (name !== undefined) view.setUint32(at, name, true);
  if (type !== undefined) view.setUint32(at + 4, type, true);
  word(24, 16, offset);
  word(32, 20, bytes);
  if (align !== undefined) word(48, 32, align);
}

function headerFor(
  reach: Reach,
  bits: 32 | 64,
  { tableOffset, count, names }: { readonly tableOffset: number; readonly count: number; readonly names: number },
): Uint8Array {
  const fields = FIELDS[bits];
  const header = reach.slice(0, fields.headerBytes);
  const view = viewOf(header);
  if (bits === 64) view.setBigUint64(fields.sectionTable, BigInt(tableOffset), true);
  else view.setUint32(fields.sectionTable, tableOffset, true);
  view.setUint16(fields.counts + 4, fields.sectionBytes, true);
  view.setUint16(fields.counts + 6, count, true);
  view.setUint16(fields.counts + 8, names, true);
  return header;
}

function wordAt(reach: Reach, at: number, bits: 32 | 64): number {
  return bits === 64 ? reach.u64(at) : reach.u32(at);
}
