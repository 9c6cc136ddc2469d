/** The deployments of one engine that are drawn apart: from this place in its list up to, and without, that one. */
export interface Kept {
  readonly from: number;
  readonly to: number;
}

interface Begins {
  readonly validFrom: number;
}

/**
 * What of each schedule (earliest first) is drawn apart, so that no more than about `most` epochs need a place: as many to both
 * sides of now as fit, the same number in every lane, and never less than the one in effect and its neighbours. Where the epoch
 * is unknown: the last ones. Cost: a dozen passes.
 */
export function keptApart(
  schedules: readonly (readonly Begins[])[],
  observed: number | null,
  most: number,
): readonly Kept[] {
  const around = (neighbours: number) => schedules.map((schedule) => keptOf(schedule, observed, neighbours));
  let [low, high] = [1, Math.max(1, ...schedules.map((schedule) => schedule.length))];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const begins = around(middle).map((kept, at) => beginsOf(schedules[at] ?? [], kept));
    if (stationsOf(begins, observed).length <= most) low = middle;
    else high = middle - 1;
  }
  return around(low);
}

/** Ascending, each once. */
export function stationsOf(begins: readonly (readonly number[])[], observed: number | null): readonly number[] {
  return [...new Set([...begins.flat(), ...(observed === null ? [] : [observed])])].sort((one, other) => one - other);
}

function keptOf(schedule: readonly Begins[], observed: number | null, neighbours: number): Kept {
  const { length } = schedule;
  const begun = observed === null ? length : schedule.filter(({ validFrom }) => validFrom <= observed).length;
  const from = Math.max(0, begun - 1 - neighbours);
  const to = Math.min(length, begun + neighbours);
  // one alone takes as much room as what it would be drawn with
  return { from: from === 1 ? 0 : from, to: to === length - 1 ? length : to };
}

/** Where the bars begin: what is drawn together before, each that is drawn apart, what is drawn together after. */
function beginsOf(schedule: readonly Begins[], { from, to }: Kept): readonly number[] {
  const rest = to < schedule.length ? schedule.slice(to, to + 1) : [];
  const before = from > 0 ? schedule.slice(0, 1) : [];
  return [...before, ...schedule.slice(from, to), ...rest].map(({ validFrom }) => validFrom);
}
