import { type Markup, markup } from "../markup.ts";
import { textWidth, wrapped } from "../text-width.ts";
import { labelsAbove } from "./above.ts";
import { BAR_HEIGHT, barLabel, barShape, type LabelSpan } from "./bar.ts";
import { withDigits } from "./digits.ts";
import type { Bar, Lane } from "./lanes.ts";
import { type DrawnBar, laneMarks } from "./marks.ts";
import type { Scale } from "./scale.ts";
import { barSentence, laneWords } from "./words.ts";

const NAME_SIZE = 16;
const WORDS_SIZE = 12.5;
const LINE = 18;
/** Between two bars. */
const GAP = 1.5;

export interface LaneFacts {
  readonly unit: string;
  readonly observed: number | null;
  readonly windowFrom: number | null;
  /** Begins the names of patterns. */
  readonly patterns: string;
}

export interface DrawnLane {
  readonly shapes: Markup;
  /** Lies over the line of now. */
  readonly labels: Markup;
  readonly top: number;
  readonly bottom: number;
  readonly unlabelled: number;
  readonly unpinned: number;
}

/** One engine, from its name down to its marks; `top` is where it begins. */
export function drawLane(lane: Lane, scale: Scale, top: number, facts: LaneFacts): DrawnLane {
  const bars = lane.bars.map((bar) => placed(bar, scale));
  const head = header(lane, scale, top, facts);
  const labelled = bars.map((bar) => ({ ...bar, label: barLabel(bar.bar, clearSpans(bar, scale, facts), 0) }));
  const wordless = labelled.flatMap(({ bar, from, to, label }) =>
    label === undefined ? [{ bar, middle: (from + to) / 2 }] : [],
  );
  const above = labelsAbove(wordless, scale);
  const y = head.bottom + 6 + above.height;
  const window = windowLine(lane, scale, y + BAR_HEIGHT + 3, facts);
  const marks = laneMarks(lane, bars, scale, y + BAR_HEIGHT + 7, facts);
  return {
    shapes: markup`${bars.map(({ bar, from, to }) => markup`<g><title>${`${lane.engine} ${barSentence(bar, facts.unit)}`}</title>${barShape(bar, { x: from, width: to - from, y }, facts.patterns)}</g>`)}${window}${empty(bars, scale, y)}`,
    labels: markup`${head.drawn}${bars.map((bar) => barLabel(bar.bar, clearSpans(bar, scale, facts), y))}${above.drawn(y)}${marks.drawn}`,
    top: y,
    bottom: y + BAR_HEIGHT + 7 + marks.height,
    unlabelled: wordless.length - above.count,
    unpinned: marks.left,
  };
}

function placed(bar: Bar, scale: Scale): DrawnBar {
  const from = bar.from === null ? scale.left : scale.at(bar.from);
  const to = bar.until === null ? scale.right : scale.at(bar.until);
  return { bar, from: from + GAP / 2, to: Math.max(from + GAP, to - GAP / 2) };
}

/** Beside the line of now where there is room, else over it. */
function clearSpans({ from, to }: DrawnBar, scale: Scale, { observed }: LaneFacts): readonly LabelSpan[] {
  const now = observed === null ? undefined : scale.at(observed);
  if (now === undefined || now <= from || now >= to) return [{ from, to }];
  const sides = [
    { from, to: now },
    { from: now, to },
  ].sort((one, other) => other.to - other.from - (one.to - one.from));
  // a plate that covers the line for the height of a bar is better than no words
  return [...sides, { from, to, isMiddle: true }];
}

function header(lane: Lane, scale: Scale, top: number, { unit, observed }: LaneFacts) {
  const words = laneWords(lane, unit, observed);
  const beside = scale.left + textWidth(lane.engine, NAME_SIZE, "bold") + 14;
  const fits = beside + textWidth(words, WORDS_SIZE, "sans") <= scale.right;
  const lines = fits ? [words] : wrapped(words, scale.right - scale.left, WORDS_SIZE, "sans");
  const at = (line: number) => top + NAME_SIZE + (fits ? 0 : LINE * (line + 1));
  return {
    drawn: markup`<text class="engine" x="${scale.left}" y="${top + NAME_SIZE}">${lane.engine}</text>${lines.map(
      (line, number) =>
        markup`<text class="about" x="${fits ? beside : scale.left}" y="${at(number)}">${withDigits(line)}</text>`,
    )}`,
    bottom: at(lines.length - 1) + 6,
  };
}

/** What the retention window holds, from its first epoch to now. */
function windowLine(
  { deployments }: Lane,
  scale: Scale,
  y: number,
  { windowFrom, observed }: LaneFacts,
): Markup | undefined {
  if (windowFrom === null || observed === null || deployments === 0) return undefined;
  const from = scale.at(windowFrom);
  return markup`<path class="window" d="M${from} ${y - 2}v6M${from} ${y + 1}H${scale.at(observed)}" />`;
}

/** Before the first deployment nothing is in effect. */
function empty(bars: readonly DrawnBar[], scale: Scale, y: number): Markup | undefined {
  const to = bars[0]?.from ?? scale.right;
  if (to - scale.left < 4) return undefined;
  return markup`<path class="nothing" d="M${scale.left} ${y + BAR_HEIGHT / 2}H${to - 3}" />`;
}
