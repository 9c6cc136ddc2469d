import { type Markup, markup } from "../markup.ts";
import { textWidth } from "../text-width.ts";
import { digits, withDigits } from "./digits.ts";
import type { Bar, Lane } from "./lanes.ts";
import { clamped, Row } from "./placing.ts";
import type { Scale } from "./scale.ts";
import { epochs } from "./words.ts";

const SIZE = 11.5;
const HEIGHT = 18;

/** A bar, and where it is drawn. */
export interface DrawnBar {
  readonly bar: Bar;
  readonly from: number;
  readonly to: number;
}

export interface Marks {
  readonly drawn: Markup;
  readonly height: number;
  /** Bars whose pins found no room. */
  readonly left: number;
}

/** Below the bars: the epochs left to the next deployment, and how many tenants are pinned to each. */
export function laneMarks(lane: Lane, bars: readonly DrawnBar[], scale: Scale, y: number, facts: MarkFacts): Marks {
  const row = new Row();
  const countdown = countdownMark(lane, scale, y, facts, row);
  const pinned = bars.filter(({ bar }) => bar.pins > 0).sort((one, other) => other.bar.pins - one.bar.pins);
  const pins = pinned.map((bar) => pinMark(bar, scale, y, row));
  const drawn = [countdown, ...pins].filter((mark) => mark !== undefined);
  return {
    drawn: markup`${drawn}`,
    height: drawn.length === 0 ? 0 : HEIGHT + 6,
    left: pins.filter((mark) => mark === undefined).length,
  };
}

export interface MarkFacts {
  readonly unit: string;
  readonly observed: number | null;
}

function countdownMark({ standing }: Lane, scale: Scale, y: number, facts: MarkFacts, row: Row): Markup | undefined {
  const next = standing?.next ?? null;
  if (next === null || facts.observed === null) return undefined;
  const [from, to] = [scale.at(facts.observed), scale.at(next.validFrom)];
  const words = [`${epochs(next.epochsLeft, facts.unit)} left`, `${next.epochsLeft} left`, String(next.epochsLeft)];
  const text = words.find((each) => textWidth(each, SIZE, "sans") + 36 <= to - from);
  if (text === undefined || !row.take(from, to)) return undefined;
  const [middle, line, half] = [(from + to) / 2, y + 11, textWidth(text, SIZE, "sans") / 2 + 9];
  return markup`<path class="countdown" d="M${from + 2} ${line - 5}v10M${to - 2} ${line - 5}v10M${from + 2} ${line}H${middle - half}M${middle + half} ${line}H${to - 2}" /><text class="mark" text-anchor="middle" x="${middle}" y="${line + 4}">${withDigits(text)}</text>`;
}

/** Under the middle of its bar, or where else under it there is room. */
function pinMark({ bar, from, to }: DrawnBar, { left, right }: Scale, y: number, row: Row): Markup | undefined {
  const text = String(bar.pins);
  const width = textWidth(text, SIZE, "sans") + 28;
  const wished = [(from + to) / 2, from + width / 2, to - width / 2];
  const middle = wished
    .map((place) => clamped(place, width, left, right))
    .find((place) => row.take(place - width / 2 - 2, place + width / 2 + 2));
  if (middle === undefined) return undefined;
  const x = middle - width / 2;
  return markup`<g class="pins"><rect x="${x}" y="${y + 2}" width="${width}" height="${HEIGHT}" rx="${HEIGHT / 2}" /><path d="M${x + 10} ${y + 12.5}v4" /><circle cx="${x + 10}" cy="${y + 9}" r="3.5" /><text x="${x + 17}" y="${y + 15}">${digits(bar.pins)}</text></g>`;
}
