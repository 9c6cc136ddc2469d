import type { Reach } from "../program/reach.ts";
import { isWithin, roundUp, unfit, viewOf } from "./insertion.ts";

const CHAINED_FIXUPS = 0x80000034;
const SEGMENT = 0x19;
const HEADER_BYTES = 28;
/** The header's offsets: of where chains start, of imports, of symbols (<mach-o/fixup-chains.h>). */
const STARTS = 4;
const OFFSETS = [4, 8, 12];
const MAX_STARTS = 4096;

/** What takes the place of `oldBytes` from `at` in the file; all behind them moves by `growth`. */
export interface NewFixups {
  /** Of the load command, in the commands. */
  readonly command: number;
  readonly at: number;
  readonly oldBytes: number;
  readonly bytes: Uint8Array;
  readonly growth: number;
}

interface LoadCommand {
  readonly type: number;
  readonly at: number;
  readonly bytes: number;
}

/**
 * Fixups say of each segment, by its number, where its chains start, and dyld starts no program whose fixups count other segments than its load commands.
 * Answers them with one more at `place`, without chains; undefined where the program has none. Errors: as `findInMachO`.
 */
export function fixupsWithSegment(
  reach: Reach,
  view: DataView,
  list: readonly LoadCommand[],
  place: number,
): NewFixups | undefined {
  const command = list.find(({ type }) => type === CHAINED_FIXUPS);
  if (command === undefined) return undefined;
  if (command.bytes !== 16) throw unfit("has a load command of a wrong size");
  const [at, all] = [view.getUint32(command.at + 8, true), view.getUint32(command.at + 12, true)];
  const segments = list.filter(({ type }) => type === SEGMENT).length;
  if (all < HEADER_BYTES || !isWithin(at, all, reach.bytes)) throw unfit("has its fixups where they cannot be");
  const starts = reach.u32(at + STARTS);
  const count = isWithin(starts, 4, all) ? reach.u32(at + starts) : Number.POSITIVE_INFINITY;
  if (starts < HEADER_BYTES || starts > MAX_STARTS || count > segments || !isWithin(starts, 4 + count * 4, all))
    throw unfit("has fixups of other segments than its own");

  const offsets = Array.from({ length: count }, (_, each) => reach.u32(at + starts + 4 + each * 4));
  const chains = offsets.filter((offset) => offset > 0).map((offset) => starts + offset);
  const behind = OFFSETS.map((field) => reach.u32(at + field)).filter((offset) => offset > starts);
  const oldEnd = Math.min(all, ...chains, ...behind);
  if (oldEnd < starts + 4 + count * 4) throw unfit("has fixups that lie over each other");
  const newEnd = starts + 4 + (segments + 1) * 4;
  // a signature begins at the next multiple of 16 behind the last of __LINKEDIT: it stays there
  const growth = Math.max(0, roundUp(newEnd - oldEnd, 16));

  const oldBytes = Math.min(oldEnd, newEnd);
  const bytes = new Uint8Array(oldBytes + growth);
  bytes.set(reach.slice(at, starts));
  const fresh = viewOf(bytes);
  for (const field of OFFSETS) {
    const offset = fresh.getUint32(field, true);
    if (offset > starts) fresh.setUint32(field, offset + growth, true);
  }
  fresh.setUint32(starts, segments + 1, true);
  for (const [each, offset] of offsets.entries()) {
    const to = starts + 4 + (each < place ? each : each + 1) * 4;
    fresh.setUint32(to, offset > 0 ? offset + growth : 0, true);
  }
  return { command: command.at, at, oldBytes, bytes, growth };
}
