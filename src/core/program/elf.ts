import { isEngineryError } from "../errors.ts";
import type { ElfProgram } from "../model/program.ts";
import { readDynamic } from "./elf-dynamic.ts";
import { readNotes } from "./elf-notes.ts";
import { type ElfFile, type Segment, SegmentType, segmentsOf } from "./elf-segments.ts";
import { elfMachine } from "./machines.ts";
import { type Reach, unreadable } from "./reach.ts";

const LITTLE_ENDIAN = 1;
const SIXTY_FOUR_BITS = 2;
const MAX_INTERPRETER_BYTES = 4096;

/** What an ELF file says it needs, by its program headers alone: section headers may be stripped, and nobody loads by them. */
export function readElf(reach: Reach): ElfProgram {
  const little = reach.u8(5) === LITTLE_ENDIAN;
  const bits = reach.u8(4) === SIXTY_FOUR_BITS ? 64 : 32;
  const file: ElfFile = { reach: reach.withOrder(little), bits };
  const machine = elfMachine(file.reach.u16(18), bits, little);
  const none = { needed: [], rpath: [], runpath: [], ownFoldersOnly: false, requires: [], provides: [], x86Levels: 0 };
  const known = { kind: "elf", machine, bits, ...none } as const;
  try {
    const segments = segmentsOf(file);
    const interpreter = interpreterOf(file, segments);
    return { ...known, ...(interpreter && { interpreter }), ...restOf(file, segments, machine) };
  } catch (error) {
    if (!isEngineryError(error, "document-invalid")) throw error;
    return { ...known, unread: error.message };
  }
}

/** The machine and the loader are known by now: what is odd behind them does not hide them. */
function restOf(file: ElfFile, segments: readonly Segment[], machine: string): Partial<ElfProgram> {
  try {
    return { ...readDynamic(file, segments), ...readNotes(file, segments, machine) };
  } catch (error) {
    if (!isEngineryError(error, "document-invalid")) throw error;
    return { unread: error.message };
  }
}

function interpreterOf({ reach }: ElfFile, segments: readonly Segment[]): string | undefined {
  const segment = segments.find(({ type }) => type === SegmentType.interpreter);
  if (segment === undefined) return undefined;
  if (segment.bytes > MAX_INTERPRETER_BYTES) throw unreadable("asks for a loader with too long a name");
  return reach.text(segment.offset, segment.offset + segment.bytes);
}
