/** Where an epoch lies. */
export interface Scale {
  /** From the left edge; beyond the last place: within the open end. */
  at(epoch: number): number;
  readonly left: number;
  readonly right: number;
  /** Ascending. */
  readonly places: readonly number[];
  /** Whether equal spans are equally long. If not, each span between two places has its own scale, and no order is ever turned. */
  readonly isEven: boolean;
}

/** What lies between two edges, in pixels or in columns of a terminal. */
export interface ScaleRoom {
  readonly left: number;
  readonly right: number;
  /** What lies open to the right of the last place, at the least. */
  readonly openEnd: number;
  /** What is to be told apart by a label is this far from its neighbour, or as far as so many allow. */
  readonly near?: number;
}

/** Pixels that a short label takes. */
const NEAR = 42;
const PART = 0.93;
/** Part of all the room that lies open to the right, at the least. */
const OPEN_END = 0.14;
const HALVINGS = 24;

/**
 * A scale on which every place can be told from its neighbours: an even one where that does; else each span is drawn by its length
 * to a power below 1, the greatest that does. `begins`: where bars begin; `observed` is a place as well.
 */
export function scaleOf(
  begins: readonly number[],
  observed: number | null,
  { left, right, openEnd, near = NEAR }: ScaleRoom,
): Scale {
  const isOwn = observed !== null && !begins.includes(observed);
  const places = (isOwn ? [...begins, observed] : [...begins]).sort((one, other) => one - other);
  const room = right - Math.max(openEnd, (right - left) * OPEN_END) - left;
  const spans = places.slice(1).map((place, at) => {
    const before = places[at] ?? 0;
    const least = Math.min(near, (PART * room) / (places.length - 1));
    // now is a line and no bar: to either side of it half as much is enough
    const isBesideNow = isOwn && (before === observed || place === observed);
    return { length: place - before, least: isBesideNow ? Math.min(near / 2, least) : least };
  });
  const widths = widthsOf(spans, room);
  const positions = [left];
  for (const width of widths.pixels) positions.push((positions.at(-1) ?? left) + width);
  return {
    at: (epoch) => positionOf(epoch, places, positions, right),
    left,
    right,
    places,
    isEven: widths.power === 1,
  };
}

interface Span {
  readonly length: number;
  readonly least: number;
}

function widthsOf(
  spans: readonly Span[],
  room: number,
): { readonly power: number; readonly pixels: readonly number[] } {
  const total = spans.reduce((sum, { length }) => sum + length, 0);
  const even = spans.map(({ length }) => (room * length) / total);
  const isRoomy = (pixels: readonly number[]) => spans.every(({ least }, at) => (pixels[at] ?? 0) >= least);
  if (isRoomy(even)) return { power: 1, pixels: even };
  let [low, high] = [0, 1];
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (isRoomy(powered(spans, room, middle))) low = middle;
    else high = middle;
  }
  return { power: low, pixels: powered(spans, room, low) };
}

/** Each span gets half of its least width, and of what is left a share by its length to that power. */
function powered(spans: readonly Span[], room: number, power: number): readonly number[] {
  const given = spans.reduce((sum, { least }) => sum + least / 2, 0);
  const weights = spans.map(({ length }) => length ** power);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return spans.map(({ least }, at) => least / 2 + ((room - given) * (weights[at] ?? 0)) / total);
}

function positionOf(epoch: number, places: readonly number[], positions: readonly number[], right: number): number {
  const after = places.findIndex((place) => place > epoch);
  if (after === 0) return positions[0] ?? right;
  if (after < 0) return epoch > (places.at(-1) ?? epoch) ? right : (positions.at(-1) ?? right);
  const [from, to] = [places[after - 1] ?? 0, places[after] ?? 0];
  const [begin, end] = [positions[after - 1] ?? 0, positions[after] ?? 0];
  return begin + ((epoch - from) / (to - from)) * (end - begin);
}
