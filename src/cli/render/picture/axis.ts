import { type Markup, markup } from "../markup.ts";
import { digits, digitsWidth } from "./digits.ts";
import { clamped, Row } from "./placing.ts";
import type { Scale } from "./scale.ts";

const SIZE = 12;
const LINE = 17;

export interface AxisFacts {
  readonly unit: string;
  readonly observed: number | null;
  /** Epochs whose labels come first where not all have room. */
  readonly first: readonly number[];
  /** Edges of the canvas. */
  readonly edges: { readonly left: number; readonly right: number };
}

export interface DrawnAxis {
  readonly drawn: Markup;
  readonly bottom: number;
}

/** The epochs: a line with an open end, and under it each place's own number, on two lines where they are many. */
export function drawAxis(scale: Scale, y: number, facts: AxisFacts): DrawnAxis {
  const { left, right } = scale;
  const ticks = labelled(scale, y, facts);
  const breaks = scale.isEven ? [] : scale.places.slice(1).map((place, at) => breakMark(scale, at, place, y));
  return {
    drawn: markup`<path class="axis" d="M${left} ${y}H${right}m-6 -4l6 4l-6 4" />${breaks}${ticks.map(({ drawn }) => drawn)}<text class="small" text-anchor="end" x="${right}" y="${y - 8}">${facts.unit}</text>`,
    bottom: Math.max(y + 8, ...ticks.map(({ bottom }) => bottom)),
  };
}

interface Tick {
  readonly place: number;
  readonly drawn: Markup;
  readonly bottom: number;
}

function labelled(scale: Scale, y: number, { observed, first, edges }: AxisFacts): readonly Tick[] {
  const rows = [new Row(), new Row()];
  const wished = [...new Set([...(observed === null ? [] : [observed]), ...first, ...scale.places])];
  return wished.flatMap((place): readonly Tick[] => {
    const x = scale.at(place);
    const width = digitsWidth(place, SIZE) + 10;
    const middle = clamped(x, width - 10, edges.left, edges.right);
    const line = rows.findIndex((row) => row.take(middle - width / 2, middle + width / 2));
    if (line < 0) return [];
    const bottom = y + 20 + line * LINE;
    const name = place === observed ? "epoch now" : "epoch";
    const drawn = markup`<path class="tick" d="M${x} ${y - 4}V${line === 0 ? y + 6 : bottom - 11}" /><text class="${name}" text-anchor="middle" x="${middle}" y="${bottom}">${digits(place)}</text>`;
    return [{ place, drawn, bottom }];
  });
}

/** Two strokes through the axis, where a span has a scale of its own. */
function breakMark(scale: Scale, at: number, place: number, y: number): Markup | undefined {
  const [from, to] = [scale.at(scale.places[at] ?? place), scale.at(place)];
  if (to - from < 30) return undefined;
  const x = (from + to) / 2;
  return markup`<path class="break" d="M${x - 5} ${y + 5}l4 -10M${x + 1} ${y + 5}l4 -10" />`;
}
