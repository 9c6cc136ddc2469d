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

/** Eight characters are all that a section of a PE file can have. */
export const WINDOWS_SECTION = ".enginry";

const PE = 0x00004550;
const NARROW = 0x10b;
const WIDE = 0x20b;
const HEADER_BYTES = 40;
const MAX_SECTIONS = 96;
const SIGNATURE = 4;
/** Initialised data, discardable, readable. */
const FLAGS = 0x42000040;
const MAX_BYTES = 0xffffffff;

interface WindowsFile {
  readonly reach: Reach;
  readonly header: number;
  readonly optional: number;
  /** Of the section headers. */
  readonly table: number;
  readonly headersBytes: number;
  readonly sectionAlignment: number;
  readonly fileAlignment: number;
  readonly sections: readonly WindowsSection[];
  /** Where a signature begins; undefined where there is none. */
  readonly signature: { readonly entry: number; readonly offset: number } | undefined;
}

interface WindowsSection extends Section {
  readonly address: number;
  readonly loadedBytes: number;
}

/** Errors: `document-invalid`, the message as the end of a sentence that begins with the file. */
export function findInWindows(file: Reach): Section | undefined {
  return named(read(file).sections, WINDOWS_SECTION);
}

/**
 * One section more, its content behind all else. Its size in memory is a page, whatever lies in the file: Windows maps its first page and no more.
 * A signature goes: it would no longer hold. Errors: as `findInWindows`.
 */
export function insertIntoWindows(file: Reach, contentBytes: number): Insertion {
  const parsed = read(file);
  const { reach, header, optional, table, sections, sectionAlignment, fileAlignment, signature } = parsed;
  const end = signature?.offset ?? reach.bytes;
  const offset = roundUp(end, Math.max(fileAlignment, PAGE_BYTES));
  const rawBytes = roundUp(contentBytes, fileAlignment);
  if (offset + rawBytes > MAX_BYTES) throw unfit("would be too large for its own format");
  const place = table + sections.length * HEADER_BYTES;
  requireRoom(parsed, place);
  const address = sections.reduce(
    (last, one) => Math.max(last, roundUp(one.address + Math.max(one.loadedBytes, 1), sectionAlignment)),
    roundUp(parsed.headersBytes, sectionAlignment),
  );
  const loadedBytes = Math.min(contentBytes, PAGE_BYTES);
  const imageBytes = address + roundUp(loadedBytes, sectionAlignment);
  if (imageBytes > MAX_BYTES) throw unfit("would be too large for its own format");

  const headers = reach.slice(0, place + HEADER_BYTES);
  const view = viewOf(headers);
  view.setUint16(header + 6, sections.length + 1, true);
  view.setUint32(optional + 56, imageBytes, true);
  // a checksum of zero is none: only drivers are asked for one
  view.setUint32(optional + 64, 0, true);
  if (signature !== undefined) headers.fill(0, signature.entry, signature.entry + 8);
  headers.set(new TextEncoder().encode(WINDOWS_SECTION), place);
  for (const [field, value] of [loadedBytes, address, rawBytes, offset].entries())
    view.setUint32(place + 8 + field * 4, value, true);
  view.setUint32(place + 36, FLAGS, true);

  return {
    pieces: [
      { bytes: headers },
      { from: headers.length, length: end - headers.length },
      zeros(offset - end),
      { content: true },
      zeros(rawBytes - contentBytes),
    ],
    section: { name: WINDOWS_SECTION, offset, bytes: rawBytes },
    signatureRemoved: signature !== undefined,
  };
}

function read(file: Reach): WindowsFile {
  const reach = file.withOrder(true);
  const header = reach.bytes < 64 ? reach.bytes : reach.u32(60);
  if (!isWithin(header, 24, reach.bytes) || header < 4 || reach.u32(header) !== PE)
    throw unfit("is a program of DOS, and none of Windows");
  const optional = header + 24;
  const optionalBytes = reach.u16(header + 20);
  if (!isWithin(optional, optionalBytes, reach.bytes) || optionalBytes < 96) throw unfit("is cut short in its headers");
  const magic = reach.u16(optional);
  if (magic !== NARROW && magic !== WIDE) throw unfit("is neither of 32 nor of 64 bits");
  const count = reach.u16(header + 6);
  if (count === 0 || count > MAX_SECTIONS) throw unfit(`has ${count} sections`);
  const table = optional + optionalBytes;
  const headersBytes = reach.u32(optional + 60);
  if (!isWithin(table, count * HEADER_BYTES, Math.min(headersBytes, reach.bytes)))
    throw unfit("has its section headers where they cannot be");
  const sectionAlignment = alignment(reach.u32(optional + 32));
  const fileAlignment = alignment(reach.u32(optional + 36));
  const sections = Array.from({ length: count }, (_, each) =>
    sectionAt(reach, table + each * HEADER_BYTES, headersBytes),
  );
  const signature = signatureOf(reach, optional, magic === WIDE ? 112 : 96, optionalBytes);
  const end = Math.max(headersBytes, ...sections.map(({ offset, bytes }) => (bytes > 0 ? offset + bytes : 0)));
  if (signature !== undefined && signature.offset < end) throw unfit("has a signature over what is loaded");
  const known = { reach, header, optional, table, headersBytes, sectionAlignment, fileAlignment, sections };
  return { ...known, signature };
}

function alignment(value: number): number {
  const isPower = value > 0 && (value & (value - 1)) === 0;
  if (!isPower || value > 0x10000) throw unfit("is aligned in a way of its own");
  return value;
}

function sectionAt(reach: Reach, at: number, headersBytes: number): WindowsSection {
  const name = new TextDecoder("latin1").decode(reach.slice(at, 8)).replace(/\0.*$/s, "");
  const [memory = 0, address = 0, bytes = 0, offset = 0] = [8, 12, 16, 20].map((field) => reach.u32(at + field));
  if (bytes > 0 && (!isWithin(offset, bytes, reach.bytes) || offset < headersBytes))
    throw unfit("is cut short, or a section lies over its headers");
  return { name, offset, bytes, address, loadedBytes: memory === 0 ? bytes : memory };
}

/** Authenticode: named by its place in the file, at whose end it must be. */
function signatureOf(reach: Reach, optional: number, directories: number, optionalBytes: number) {
  const entry = optional + directories + SIGNATURE * 8;
  const count = reach.u32(optional + directories - 4);
  if (count <= SIGNATURE || directories + (SIGNATURE + 1) * 8 > optionalBytes) return undefined;
  const [offset, bytes] = [reach.u32(entry), reach.u32(entry + 4)];
  if (bytes === 0) return undefined;
  if (offset + bytes !== reach.bytes) throw unfit("is signed, and more lies behind the signature");
  return { entry, offset };
}

function requireRoom({ reach, headersBytes, sections }: WindowsFile, place: number): void {
  const first = Math.min(headersBytes, ...sections.filter(({ bytes }) => bytes > 0).map(({ offset }) => offset));
  const room = place + HEADER_BYTES <= first ? reach.slice(place, HEADER_BYTES) : undefined;
  if (room?.every((byte) => byte === 0) !== true || sections.length >= MAX_SECTIONS)
    throw unfit("has no room for one more section header");
}
