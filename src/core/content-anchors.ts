/** Where a content can be recognised in another: places chosen by the bytes before them, about one in 4 KiB. */
export interface Anchors {
  /** Offsets by what stands there, in rising order. */
  readonly places: readonly { readonly hash: number; readonly offset: number }[];
}

/** One in 2^12 places. */
const CHOSEN_BITS = 20;
/** A hash forgets a byte after 32 more. */
const GEAR = gearOf(0x9e3779b9);

/** Takes a content in order, in chunks of any size. Some 400 MB a second. */
export function anchorScanner(): { push(bytes: Uint8Array): void; finish(): Anchors } {
  const places: { hash: number; offset: number }[] = [];
  let hash = 0;
  let start = 0;
  return {
    push: (bytes) => {
      for (let index = 0; index < bytes.length; index += 1) {
        hash = ((hash << 1) + (GEAR[bytes[index] as number] as number)) | 0;
        if (hash >>> CHOSEN_BITS === 0) places.push({ hash, offset: start + index });
      }
      start += bytes.length;
    },
    finish: () => ({ places }),
  };
}

/**
 * How far a part of the new content (from `start`, before `end`) lies behind its counterpart in the old one: the middle one of what the
 * anchors say, so that a few that are wrong do not matter. Undefined where nothing is alike.
 */
export function shiftOf(old: Anchors, fresh: Anchors, start: number, end: number): number | undefined {
  const there = uniquePlaces(old);
  const shifts = fresh.places
    .filter(({ offset }) => offset >= start && offset < end)
    .flatMap(({ hash, offset }) => {
      const found = there.get(hash);
      return found === undefined || found < 0 ? [] : [found - offset];
    })
    .sort((one, other) => one - other);
  return shifts[Math.floor(shifts.length / 2)];
}

const known = new WeakMap<Anchors, Map<number, number>>();

/** By hash; -1 where it stands at several places, and so tells nothing. */
function uniquePlaces(anchors: Anchors): Map<number, number> {
  const cached = known.get(anchors);
  if (cached !== undefined) return cached;
  const unique = new Map<number, number>();
  for (const { hash, offset } of anchors.places) unique.set(hash, unique.has(hash) ? -1 : offset);
  known.set(anchors, unique);
  return unique;
}

/** Numbers without a pattern, the same each time (xorshift). */
function gearOf(seed: number): Int32Array {
  const gear = new Int32Array(256);
  let value = seed;
  for (let index = 0; index < gear.length; index += 1) {
    value ^= value << 13;
    value ^= value >>> 17;
    value ^= value << 5;
    gear[index] = value;
  }
  return gear;
}
