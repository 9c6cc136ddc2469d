import type { Reach } from "../program/reach.ts";
import { type Insertion, isWithin, roundUp, type Section, unfit, viewOf } from "./insertion.ts";
import { OFFSETS_IN, WITHOUT_OFFSETS } from "./mach-o-commands.ts";
import { fixupsWithSegment, type NewFixups } from "./mach-o-fixups.ts";

export const MACH_O_SEGMENT = "__ENGINERY";
export const MACH_O_SECTION = "__engines";
const ENGINES: MachONames = { segment: MACH_O_SEGMENT, section: MACH_O_SECTION };

/** At most 16 characters each. */
export interface MachONames {
  readonly segment: string;
  readonly section: string;
}

const WIDE = 0xfeedfacf;
const SEGMENT = 0x19;
const CODE_SIGNATURE = 0x1d;
const HEADER_BYTES = 32;
const SEGMENT_BYTES = 72;
const SECTION_BYTES = 80;
/** Of the largest machine; those with smaller ones take it as well. */
const PAGE_BYTES = 0x4000;
const MAX_COMMANDS = 4096;
const MAX_COMMANDS_BYTES = 1024 * 1024;
const MAX_OFFSET = 0xffffffff;
/** A program, a library, a bundle. */
const RUNNABLE = [2, 6, 8];
const READABLE = 1;

interface Command {
  readonly type: number;
  /** In the commands. */
  readonly at: number;
  readonly bytes: number;
}

interface MachOFile {
  readonly reach: Reach;
  readonly header: Uint8Array;
  readonly commands: Uint8Array;
  readonly list: readonly Command[];
  /** The least offset of a section: load commands end before it. */
  readonly firstByte: number;
}

/** Errors: `document-invalid`, the message as the end of a sentence that begins with the file. */
export function findInMachO(file: Reach): Section | undefined {
  const { commands, list, reach } = read(file);
  for (const { type, at } of list) {
    if (type !== SEGMENT || nameAt(commands, at + 8) !== MACH_O_SEGMENT) continue;
    const view = viewOf(commands);
    const place = at + SEGMENT_BYTES;
    if (view.getUint32(at + 64, true) !== 1 || nameAt(commands, place) !== MACH_O_SECTION)
      throw unfit(`holds a segment ${MACH_O_SEGMENT} of another make`);
    const section = { offset: view.getUint32(place + 48, true), bytes: Number(view.getBigUint64(place + 40, true)) };
    if (!isWithin(section.offset, section.bytes, reach.bytes))
      throw unfit("is cut short: a section lies beyond its end");
    return { name: `${MACH_O_SEGMENT},${MACH_O_SECTION}`, ...section };
  }
  return undefined;
}

/**
 * A segment of its own before `__LINKEDIT`, which must stay the last: that one moves up, in the file and in memory, and every offset that leads into
 * it with it. Fixups count one segment more. A signature goes: it would no longer hold. Errors: as `findInMachO`.
 */
export function insertIntoMachO(file: Reach, contentBytes: number, names: MachONames = ENGINES): Insertion {
  const { reach, header, commands, list, firstByte } = read(file);
  const view = viewOf(commands);
  const link = list.find(({ type, at }) => type === SEGMENT && nameAt(commands, at + 8) === "__LINKEDIT");
  if (link === undefined) throw unfit("has no segment __LINKEDIT");
  const word = (at: number): number => Number(view.getBigUint64(at, true));
  const [start, linkBytes, address] = [word(link.at + 40), word(link.at + 48), word(link.at + 24)];
  if (start % PAGE_BYTES !== 0 && start % 4096 !== 0) throw unfit("has a segment that begins within a page");
  if (start + linkBytes !== reach.bytes) throw unfit("holds more behind its last segment, or less");
  requireLast(commands, list, link, start);
  const signature = signatureOf(view, list, reach.bytes);
  const end = signature?.offset ?? reach.bytes;
  if (end < start) throw unfit("has a signature over what is loaded");
  const place = list.filter(({ type }) => type === SEGMENT).indexOf(link);
  const fixups = fixupsWithSegment(reach, view, list, place) ?? noFixups(start);
  if (fixups.at < start || fixups.at + fixups.oldBytes > end) throw unfit("has fixups that lie outside __LINKEDIT");
  const newLinkBytes = end - start + fixups.growth;

  const shift = roundUp(contentBytes, PAGE_BYTES);
  // a page of 4096 may have been enough for the old one
  const pad = roundUp(start, PAGE_BYTES) - start;
  const offset = start + pad;
  if (offset + shift + newLinkBytes > MAX_OFFSET) throw unfit("would be too large for its own format");
  const moved = new Uint8Array(commands);
  const movedView = viewOf(moved);
  const setWord = (at: number, value: number): void => movedView.setBigUint64(at, BigInt(value), true);
  const move = (at: number): number => (at < start ? 0 : shift + pad + (at > fixups.at ? fixups.growth : 0));
  for (const { type, at } of list) moveOffsets(movedView, type, at, move);
  if (fixups.command !== undefined)
    movedView.setUint32(fixups.command + 12, view.getUint32(fixups.command + 12, true) + fixups.growth, true);
  const newAddress = roundUp(address, PAGE_BYTES);
  setWord(link.at + 24, newAddress + shift);
  setWord(link.at + 32, roundUp(newLinkBytes, PAGE_BYTES));
  setWord(link.at + 40, offset + shift);
  setWord(link.at + 48, newLinkBytes);

  const own = segmentFor(names, { address: newAddress, offset, bytes: contentBytes, room: shift });
  const kept = list.filter((one) => one !== signature?.command);
  const newCommands = kept.flatMap((one) => [
    ...(one === link ? [own] : []),
    moved.subarray(one.at, one.at + one.bytes),
  ]);
  const size = newCommands.reduce((sum, { length }) => sum + length, 0);
  if (HEADER_BYTES + size > firstByte) throw unfit("has no room for one more load command");
  const newHeader = new Uint8Array(header);
  viewOf(newHeader).setUint32(16, newCommands.length, true);
  viewOf(newHeader).setUint32(20, size, true);
  const behind = Math.max(size, commands.length);
  const beginning = new Uint8Array(HEADER_BYTES + behind);
  beginning.set(newHeader);
  let at = HEADER_BYTES;
  for (const one of newCommands) {
    beginning.set(one, at);
    at += one.length;
  }
  if (beginning.length > start) throw unfit("has __LINKEDIT over its load commands");
  if (!isZero(reach, HEADER_BYTES + commands.length, HEADER_BYTES + behind))
    throw unfit("has no room for one more load command");
  return {
    pieces: [
      { bytes: beginning },
      { from: beginning.length, length: start - beginning.length },
      { bytes: new Uint8Array(pad) },
      { content: true },
      { bytes: new Uint8Array(shift - contentBytes) },
      { from: start, length: fixups.at - start },
      { bytes: fixups.bytes },
      { from: fixups.at + fixups.oldBytes, length: end - fixups.at - fixups.oldBytes },
    ],
    section: { name: `${names.segment},${names.section}`, offset, bytes: contentBytes },
    signatureRemoved: signature !== undefined,
  };
}

function read(file: Reach): MachOFile {
  const reach = file.withOrder(true);
  if (reach.bytes < HEADER_BYTES || reach.u32(0) !== WIDE)
    throw unfit("is of several machines, or not of 64 bits: take one out of it first (lipo -thin)");
  if (!RUNNABLE.includes(reach.u32(12))) throw unfit("is neither a program nor a library");
  const count = reach.u32(16);
  const bytes = reach.u32(20);
  if (count > MAX_COMMANDS || bytes > MAX_COMMANDS_BYTES) throw unfit(`has ${count} load commands`);
  if (!isWithin(HEADER_BYTES, bytes, reach.bytes)) throw unfit("is cut short in its load commands");
  const commands = reach.slice(HEADER_BYTES, bytes);
  const view = viewOf(commands);
  const list: Command[] = [];
  for (let at = 0; list.length < count; ) {
    if (at + 8 > bytes) throw unfit("has load commands that end too early");
    const length = view.getUint32(at + 4, true);
    if (length < 8 || length % 8 !== 0 || at + length > bytes) throw unfit("has a load command of a wrong size");
    list.push({ type: view.getUint32(at, true), at, bytes: length });
    at += length;
  }
  const firstByte = Math.min(reach.bytes, ...list.flatMap((one) => sectionOffsets(view, one, reach.bytes)));
  if (firstByte < HEADER_BYTES + bytes) throw unfit("has a section over its load commands");
  return { reach, header: reach.slice(0, HEADER_BYTES), commands, list, firstByte };
}

/** Where its sections begin; each segment must lie in the file. */
function sectionOffsets(view: DataView, { type, at, bytes }: Command, fileBytes: number): readonly number[] {
  if (type !== SEGMENT) return [];
  const count = bytes < SEGMENT_BYTES ? -1 : view.getUint32(at + 64, true);
  if (count < 0 || SEGMENT_BYTES + count * SECTION_BYTES !== bytes) throw unfit("has a segment of a wrong size");
  if (!isWithin(Number(view.getBigUint64(at + 40, true)), Number(view.getBigUint64(at + 48, true)), fileBytes))
    throw unfit("is cut short: it loads what lies beyond its end");
  return (
    Array.from({ length: count }, (_, each) => view.getUint32(at + SEGMENT_BYTES + each * SECTION_BYTES + 48, true))
      // what is all zeros has no place in the file
      .filter((offset) => offset > 0)
  );
}

function requireLast(commands: Uint8Array, list: readonly Command[], link: Command, start: number): void {
  const view = viewOf(commands);
  const address = view.getBigUint64(link.at + 24, true);
  for (const one of list) {
    if (!WITHOUT_OFFSETS.has(one.type) && !(one.type in OFFSETS_IN))
      throw unfit(`has a load command 0x${one.type.toString(16)}, which is not known here`);
    if (one.type !== SEGMENT || one === link) continue;
    const end = Number(view.getBigUint64(one.at + 40, true)) + Number(view.getBigUint64(one.at + 48, true));
    if (end > start || view.getBigUint64(one.at + 24, true) >= address) throw unfit("has a segment behind __LINKEDIT");
  }
}

/** It must be the last of the file, or taking it away would leave a hole. */
function signatureOf(view: DataView, list: readonly Command[], fileBytes: number) {
  const command = list.find(({ type }) => type === CODE_SIGNATURE);
  if (command === undefined) return undefined;
  if (command.bytes !== 16) throw unfit("has a load command of a wrong size");
  const offset = view.getUint32(command.at + 8, true);
  if (offset + view.getUint32(command.at + 12, true) !== fileBytes)
    throw unfit("is signed, and more lies behind the signature");
  return { command, offset };
}

function noFixups(at: number): Omit<NewFixups, "command"> & { readonly command: undefined } {
  return { command: undefined, at, oldBytes: 0, bytes: new Uint8Array(0), growth: 0 };
}

/** `move`: by how much what lies at an offset does. */
function moveOffsets(view: DataView, type: number, at: number, move: (offset: number) => number): void {
  const size = view.getUint32(at + 4, true);
  for (const field of OFFSETS_IN[type] ?? []) {
    if (field + 4 > size) throw unfit("has a load command of a wrong size");
    const offset = view.getUint32(at + field, true);
    if (offset + move(offset) > MAX_OFFSET) throw unfit("points beyond its end");
    view.setUint32(at + field, offset + move(offset), true);
  }
}

interface SegmentPlace {
  readonly address: number;
  readonly offset: number;
  readonly bytes: number;
  readonly room: number;
}

function segmentFor({ segment, section }: MachONames, place: SegmentPlace): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_BYTES + SECTION_BYTES);
  const view = viewOf(bytes);
  const encoder = new TextEncoder();
  view.setUint32(0, SEGMENT, true);
  view.setUint32(4, bytes.length, true);
  bytes.set(encoder.encode(segment), 8);
  for (const [field, value] of [place.address, place.room, place.offset, place.room].entries())
    view.setBigUint64(24 + field * 8, BigInt(value), true);
  view.setUint32(56, READABLE, true);
  view.setUint32(60, READABLE, true);
  view.setUint32(64, 1, true);
  bytes.set(encoder.encode(section), SEGMENT_BYTES);
  bytes.set(encoder.encode(segment), SEGMENT_BYTES + 16);
  view.setBigUint64(SEGMENT_BYTES + 32, BigInt(place.address), true);
  view.setBigUint64(SEGMENT_BYTES + 40, BigInt(place.bytes), true);
  view.setUint32(SEGMENT_BYTES + 48, place.offset, true);
  // as a power of two
  view.setUint32(SEGMENT_BYTES + 52, 14, true);
  return bytes;
}

function isZero(reach: Reach, from: number, to: number): boolean {
  return (
    to <= from || (isWithin(from, to - from, reach.bytes) && reach.slice(from, to - from).every((byte) => byte === 0))
  );
}

function nameAt(bytes: Uint8Array, at: number): string {
  return new TextDecoder("latin1").decode(bytes.subarray(at, at + 16)).replace(/\0.*$/s, "");
}
