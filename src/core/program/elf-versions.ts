import type { VersionNeed } from "../model/program.ts";
import { type Reach, unreadable } from "./reach.ts";

/** `.gnu.version_r` or `.gnu.version_d`: the same in 32 and 64 bits. */
export interface VersionTable {
  readonly at: number;
  /** As the file says. */
  readonly count: number;
  readonly text: (offset: number) => string;
}

const WEAK = 2;
/** The definition that names the file itself. */
const BASE = 1;
const MAX_LIBRARIES = 1024;
const MAX_VERSIONS = 8192;

/** What must be there of other libraries; a weak need is none. */
export function readNeeds(reach: Reach, table: VersionTable | undefined): readonly VersionNeed[] {
  if (table === undefined) return [];
  let versions = 0;
  return linked(reach, table.at, Math.min(table.count, MAX_LIBRARIES), 12).map((at) => {
    const count = reach.u16(at + 2);
    versions += count;
    if (versions > MAX_VERSIONS) throw unreadable("needs too many versions");
    const names = linked(reach, at + reach.u32(at + 8), count, 12)
      .filter((aux) => (reach.u16(aux + 4) & WEAK) === 0)
      .map((aux) => table.text(reach.u32(aux + 8)));
    return { library: table.text(reach.u32(at + 4)), versions: names };
  });
}

export function readDefinitions(reach: Reach, table: VersionTable | undefined): readonly string[] {
  if (table === undefined) return [];
  return linked(reach, table.at, Math.min(table.count, MAX_VERSIONS), 16)
    .filter((at) => (reach.u16(at + 2) & BASE) === 0)
    .map((at) => table.text(reach.u32(at + reach.u32(at + 12))));
}

/**
 * Offsets of at most `count` records, each of which says how far the next one is in its last word but `next` bytes: forward only, so that
 * no file leads in a circle.
 */
function linked(reach: Reach, start: number, count: number, next: number): readonly number[] {
  const offsets: number[] = [];
  for (let at = start; offsets.length < count; ) {
    offsets.push(at);
    const step = reach.u32(at + next);
    if (step === 0) break;
    at += step;
  }
  return offsets;
}
