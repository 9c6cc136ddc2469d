import type { Point } from "./axis.ts";

/** Less than that above the smallest size, and nothing that could be told from the start of a process has grown. */
const RISEN = 1.5;

export interface Growth {
  /** The slope of what it costs above the smallest size, by logarithms, between the two largest. */
  readonly own: number;
  /** The slope of all that it costs, start included. */
  readonly whole: number;
  readonly isFlat: boolean;
}

/** By processor time, which moves less than the other with what else the machine does. Undefined for fewer than three sizes. */
export function growthOf(points: readonly Point[]): Growth | undefined {
  const [first, before, last] = [points[0], points.at(-2), points.at(-1)];
  if (first === undefined || before === undefined || last === undefined || points.length < 3) return undefined;
  const slope = (small: number, large: number) => Math.log(large / small) / Math.log(last.size / before.size);
  // what lies within a tenth of the smallest is noise, and as the divisor it would make the slope whatever it likes
  const above = (cost: number) => Math.max(cost - first.cpu, first.cpu / 10);
  return {
    own: slope(above(before.cpu), above(last.cpu)),
    whole: slope(before.cpu, last.cpu),
    isFlat: last.cpu < RISEN * first.cpu,
  };
}
