import { type Reach, unreadable } from "./reach.ts";

export interface ElfFile {
  /** In the file's own byte order. */
  readonly reach: Reach;
  readonly bits: 32 | 64;
}

/** A program header. */
export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  /** In the file. */
  readonly bytes: number;
}

export const SegmentType = { load: 1, dynamic: 2, interpreter: 3, note: 4, gnuProperty: 0x6474e553 } as const;

/** Linux itself takes 64 KiB of headers. */
const MAX_SEGMENTS = 1024;

export function segmentsOf({ reach, bits }: ElfFile): readonly Segment[] {
  const wide = bits === 64;
  const start = wide ? reach.u64(32) : reach.u32(28);
  const size = reach.u16(wide ? 54 : 42);
  const count = reach.u16(wide ? 56 : 44);
  if (count === 0) return [];
  if (size !== (wide ? 56 : 32)) throw unreadable("has program headers of a size of its own");
  if (count > MAX_SEGMENTS) throw unreadable(`has ${count} program headers`);
  return Array.from({ length: count }, (_, index) => segmentAt(reach, start + index * size, wide));
}

function segmentAt(reach: Reach, at: number, wide: boolean): Segment {
  return wide
    ? {
        type: reach.u32(at),
        offset: reach.u64(at + 8),
        address: reach.u64(at + 16),
        bytes: reach.u64(at + 32),
      }
    : {
        type: reach.u32(at),
        offset: reach.u32(at + 4),
        address: reach.u32(at + 8),
        bytes: reach.u32(at + 16),
      };
}

/** Where in the file that lies which the loader sees at `address`. */
export function offsetOf(segments: readonly Segment[], address: number): number {
  const segment = segments.find(
    (one) => one.type === SegmentType.load && address >= one.address && address < one.address + one.bytes,
  );
  if (segment === undefined) throw unreadable("points at an address that nothing of it is loaded to");
  return segment.offset + (address - segment.address);
}
