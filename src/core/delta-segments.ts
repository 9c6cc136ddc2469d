import type { FreshContent } from "./delta-content.ts";
import type { Stretch } from "./model/delta.ts";
import type { Tree, TreeFile } from "./model/tree.ts";

/** Content of a segment: what a client decompresses at once. */
export const SEGMENT_BYTES = 8 * 1024 * 1024;
/** Twice a segment: in a linked program what is alike lies near the same place, moved by what was put in before it. */
const WINDOW_FACTOR = 2;
const LEAST_MARGIN = 1024 * 1024;
const MOST_DICTIONARY = 24 * 1024 * 1024;

export interface PlannedSegment {
  /** What it holds, in order. */
  readonly parts: readonly ContentPart[];
  /** What it is compressed with, in order. */
  readonly stretches: readonly Stretch[];
}

/** A part of the content at `fresh` (its place among the fresh ones). */
export interface ContentPart {
  readonly fresh: number;
  readonly start: number;
  readonly end: number;
}

/** How far `part` lies behind its counterpart in the old file at `file`; undefined: not known. */
export type ShiftOf = (part: ContentPart, file: number) => number | undefined;

/** Cuts what is new into segments and says which stretches of old files each is compressed with. */
export function planSegments(old: Tree, fresh: readonly FreshContent[], shiftOf: ShiftOf): readonly PlannedSegment[] {
  const counterpart = counterparts(old);
  return cut(fresh).map((parts) => {
    const stretches: Stretch[] = [];
    let room = MOST_DICTIONARY;
    for (const part of parts) {
      const [first] = fresh[part.fresh]?.files ?? [];
      const file = first === undefined ? undefined : counterpart(first);
      const stretch = file === undefined ? undefined : stretchFor(old, file, part, shiftOf(part, file) ?? 0, room);
      if (stretch === undefined) continue;
      stretches.push(stretch);
      room -= stretch.bytes;
    }
    return { parts, stretches };
  });
}

function cut(fresh: readonly FreshContent[]): readonly (readonly ContentPart[])[] {
  const segments: ContentPart[][] = [];
  let filled = SEGMENT_BYTES;
  for (const [index, { bytes }] of fresh.entries()) {
    for (let start = 0; start < bytes; ) {
      if (filled === SEGMENT_BYTES) {
        segments.push([]);
        filled = 0;
      }
      const end = Math.min(bytes, start + SEGMENT_BYTES - filled);
      segments.at(-1)?.push({ fresh: index, start, end });
      filled += end - start;
      start = end;
    }
  }
  return segments;
}

function stretchFor(old: Tree, file: number, part: ContentPart, shift: number, room: number): Stretch | undefined {
  const there = old.files[file]?.bytes ?? 0;
  const length = part.end - part.start;
  const bytes = Math.min(there, room, Math.max(WINDOW_FACTOR * length, length + 2 * LEAST_MARGIN));
  if (bytes === 0) return undefined;
  const middle = (part.start + part.end) / 2 + shift;
  const offset = Math.floor(Math.max(0, Math.min(there - bytes, middle - bytes / 2)));
  return { file, offset, bytes };
}

/** The old file that a new one most likely came from: of the same path, else of the same name and nearest in size. */
export function counterparts(old: Tree): (file: TreeFile) => number | undefined {
  const byPath = new Map(old.files.map(({ path }, index) => [path, index]));
  const byName = Map.groupBy(old.files.keys(), (index) => nameOf(old.files[index]?.path ?? ""));
  return ({ path, bytes }) => {
    const same = byPath.get(path);
    if (same !== undefined) return same;
    const distance = (index: number) => Math.abs((old.files[index]?.bytes ?? 0) - bytes);
    const [nearest] = (byName.get(nameOf(path)) ?? []).toSorted((one, other) => distance(one) - distance(other));
    return nearest;
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
