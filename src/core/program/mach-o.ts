import { isEngineryError } from "../errors.ts";
import type { MachOProgram, MachOSlice } from "../model/program.ts";
import { machOMachine } from "./machines.ts";
import { type Reach, unreadable } from "./reach.ts";

const THIN = { 4277009102: 32, 4277009103: 64 } as const;
const FAT = { 3405691582: 32, 3405691583: 64 } as const;
const Command = { needed: 0xc, leastMac: 0x24, build: 0x32, reexported: 0x8000001f, rpath: 0x8000001c } as const;
const SYSTEMS: Readonly<Record<number, string>> = {
  1: "macOS",
  2: "iOS",
  3: "tvOS",
  4: "watchOS",
  6: "Mac Catalyst",
  7: "the iOS simulator",
};
const MAX_SLICES = 32;
const MAX_COMMANDS = 4096;

export function isMachO(magic: number): boolean {
  return magic in FAT || magic in THIN || swapped(magic) in THIN;
}

/** `reach` in big-endian order: what a fat file's own header has. A weak library is no need. */
export function readMachO(reach: Reach): MachOProgram {
  const slices: MachOSlice[] = [];
  try {
    for (const offset of sliceOffsets(reach)) slices.push(sliceAt(reach, offset));
    return { kind: "mach-o", slices };
  } catch (error) {
    if (!isEngineryError(error, "document-invalid")) throw error;
    return { kind: "mach-o", slices, unread: error.message };
  }
}

function sliceOffsets(reach: Reach): readonly number[] {
  const magic = reach.u32(0);
  if (!(magic in FAT)) return [0];
  const wide = FAT[magic as keyof typeof FAT] === 64;
  const count = reach.u32(4);
  if (count > MAX_SLICES) throw unreadable(`has slices for ${count} machines`);
  return Array.from({ length: count }, (_, index) =>
    wide ? reach.u64(8 + index * 32 + 8) : reach.u32(8 + index * 20 + 8),
  );
}

function sliceAt(outer: Reach, start: number): MachOSlice {
  const magic = outer.u32(start);
  const little = swapped(magic) in THIN;
  const thin = little ? swapped(magic) : magic;
  if (!(thin in THIN)) throw unreadable("has a slice that is no Mach-O");
  const reach = outer.withOrder(little);
  const commands = commandsOf(reach, start, thin === 0xfeedfacf ? 32 : 28);
  const build = commands.find(({ type }) => type === Command.build);
  const least = commands.find(({ type }) => type === Command.leastMac);
  const system = build === undefined ? 1 : reach.u32(build.at + 8);
  const version = build === undefined ? least && reach.u32(least.at + 8) : reach.u32(build.at + 12);
  const textOf = ({ at, bytes }: LoadCommand) => reach.text(at + reach.u32(at + 8), at + bytes);
  return {
    machine: machOMachine(reach.u32(start + 4)),
    system: SYSTEMS[system] ?? `the system ${system}`,
    ...(version === undefined ? {} : { leastSystem: [version >>> 16, (version >>> 8) & 0xff, version & 0xff] }),
    needed: commands.filter(({ type }) => type === Command.needed || type === Command.reexported).map(textOf),
    rpath: commands.filter(({ type }) => type === Command.rpath).map(textOf),
  };
}

interface LoadCommand {
  readonly type: number;
  readonly at: number;
  readonly bytes: number;
}

function commandsOf(reach: Reach, start: number, headerBytes: number): readonly LoadCommand[] {
  const count = reach.u32(start + 16);
  if (count > MAX_COMMANDS) throw unreadable(`has ${count} load commands`);
  const commands: LoadCommand[] = [];
  for (let at = start + headerBytes; commands.length < count; ) {
    const bytes = reach.u32(at + 4);
    if (bytes < 8) throw unreadable("has a load command without a size");
    commands.push({ type: reach.u32(at), at, bytes });
    at += bytes;
  }
  return commands;
}

function swapped(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
