import type { ElfProgram } from "../model/program.ts";
import { type ElfFile, type Segment, SegmentType } from "./elf-segments.ts";
import { unreadable } from "./reach.ts";

const GNU = 0x554e47;
const WORD = 4;
const LEAST_KERNEL = 1;
const PROPERTIES = 5;
const LINUX = 0;
const X86_NEEDED = 0xc0008002;
const X86_MACHINES = ["x64", "x32", "ia32"];
const MAX_BYTES = 65_536;
/** Notes and their properties together. */
const MAX_STEPS = 4096;

/** The least kernel (NT_GNU_ABI_TAG) and the x86-64 levels (GNU_PROPERTY_X86_ISA_1_NEEDED) that the file was built for. */
export function readNotes(file: ElfFile, segments: readonly Segment[], machine: string): Partial<ElfProgram> {
  const steps = counting();
  let leastKernel: readonly number[] | undefined;
  let x86Levels = 0;
  for (const { type, at, bytes } of segments.flatMap((segment) => notesIn(file, segment, steps))) {
    if (type === LEAST_KERNEL && bytes >= 16 && file.reach.u32(at) === LINUX) {
      leastKernel = [4, 8, 12].map((offset) => file.reach.u32(at + offset));
    }
    if (type === PROPERTIES && X86_MACHINES.includes(machine)) x86Levels |= levelsIn(file, at, bytes, steps);
  }
  return { x86Levels: x86Levels >>> 0, ...(leastKernel === undefined ? {} : { leastKernel }) };
}

interface Note {
  readonly type: number;
  /** Of what it says. */
  readonly at: number;
  readonly bytes: number;
}

/** Those whose owner is GNU. */
function notesIn({ reach }: ElfFile, { type, offset, bytes }: Segment, step: () => void): readonly Note[] {
  if (type !== SegmentType.note && type !== SegmentType.gnuProperty) return [];
  const end = offset + Math.min(bytes, MAX_BYTES);
  const notes: Note[] = [];
  for (let at = offset; at + 12 <= end; step()) {
    const nameBytes = reach.u32(at);
    const textBytes = reach.u32(at + 4);
    const textAt = at + rounded(12 + nameBytes, WORD);
    if (nameBytes === 4 && littleWord(reach.slice(at + 12, 4)) === GNU) {
      notes.push({ type: reach.u32(at + 8), at: textAt, bytes: Math.min(textBytes, Math.max(0, end - textAt)) });
    }
    at = textAt + rounded(textBytes, WORD);
  }
  return notes;
}

function levelsIn({ reach, bits }: ElfFile, start: number, bytes: number, step: () => void): number {
  let levels = 0;
  for (let at = start; at + 8 <= start + bytes; step()) {
    const size = reach.u32(at + 4);
    if (reach.u32(at) === X86_NEEDED && size >= 4) levels |= reach.u32(at + 8);
    at += 8 + rounded(size, bits / 8);
  }
  return levels;
}

function counting(): () => void {
  let steps = 0;
  return () => {
    steps += 1;
    if (steps > MAX_STEPS) throw unreadable("has too many notes");
  };
}

function rounded(bytes: number, step: number): number {
  return Math.ceil(bytes / step) * step;
}

function littleWord(bytes: Uint8Array): number {
  return bytes.reduceRight((word, byte) => word * 256 + byte, 0);
}
