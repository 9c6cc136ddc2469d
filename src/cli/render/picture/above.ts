import { type Markup, markup } from "../markup.ts";
import { shortened, textWidth } from "../text-width.ts";
import { VERSION_SIZE } from "./bar.ts";
import type { Bar } from "./lanes.ts";
import { clamped, Row } from "./placing.ts";
import type { Scale } from "./scale.ts";

const ANGLE = 40;
const COSINE = Math.cos((ANGLE * Math.PI) / 180);
const SINE = Math.sin((ANGLE * Math.PI) / 180);
/** Nearer than this, two slanted lines of text would touch. */
const SPACING = 1.38 * VERSION_SIZE;
const LINE = 20;
const NARROW = 480;
const MOST_CHARACTERS = { narrow: 12, wide: 20 };

/** A bar that is too narrow to hold its version. */
export interface Wordless {
  readonly bar: Bar;
  readonly middle: number;
}

export interface LabelsAbove {
  /** Pixels that they take. */
  readonly height: number;
  /** How many found room. */
  readonly count: number;
  /** `y`: the upper edge of the bars. */
  readonly drawn: (y: number) => Markup;
}

/** The versions of narrow bars, over them: lying where all have room, else slanted; of two that would touch, that which matters more. */
export function labelsAbove(bars: readonly Wordless[], scale: Scale): LabelsAbove {
  const most = scale.right - scale.left < NARROW ? MOST_CHARACTERS.narrow : MOST_CHARACTERS.wide;
  return lying(bars, scale, most) ?? slanted(bars, scale, most);
}

/** Undefined where one finds no room. */
function lying(bars: readonly Wordless[], { left, right }: Scale, most: number): LabelsAbove | undefined {
  const row = new Row();
  const labels: { readonly bar: Bar; readonly text: string; readonly x: number }[] = [];
  for (const { bar, middle } of bars) {
    const text = labelOf(bar, most);
    const width = textWidth(text, VERSION_SIZE, "mono");
    const x = clamped(middle, width, left, right);
    if (!row.take(x - width / 2 - 5, x + width / 2 + 5)) return undefined;
    labels.push({ bar, text, x });
  }
  return {
    height: bars.length === 0 ? 0 : LINE,
    count: labels.length,
    drawn: (y) =>
      markup`${labels.map(({ bar, text, x }) => markup`<text class="${namesOf(bar)}" text-anchor="middle" x="${x}" y="${y - 7}">${text}</text>`)}`,
  };
}

function slanted(bars: readonly Wordless[], { right }: Scale, most: number): LabelsAbove {
  const row = new Row();
  const labels: { readonly bar: Bar; readonly text: string; readonly x: number }[] = [];
  for (const { bar, middle } of bars.toSorted((one, other) => rank(one.bar) - rank(other.bar))) {
    const room = Math.floor((right - middle) / COSINE / textWidth("0", VERSION_SIZE, "mono")) - 1;
    if (room < 5 || !row.take(middle - SPACING / 2, middle + SPACING / 2)) continue;
    labels.push({ bar, text: labelOf(bar, Math.min(most, room)), x: middle + 3 });
  }
  const widest = Math.max(0, ...labels.map(({ text }) => textWidth(text, VERSION_SIZE, "mono")));
  return {
    height: labels.length === 0 ? 0 : widest * SINE + 20,
    count: labels.length,
    drawn: (y) =>
      markup`${labels.map(({ bar, text, x }) => markup`<text class="${namesOf(bar)}" x="${x}" y="${y - 5}" transform="rotate(${-ANGLE} ${x} ${y - 5})">${text}</text>`)}`,
  };
}

function namesOf(bar: Bar): string {
  return `version above ${bar.kind}`;
}

function labelOf(bar: Bar, most: number): string {
  return bar.count > 1 ? `${bar.count} x` : shortened(bar.first, most);
}

function rank({ kind, count }: Bar): number {
  if (kind === "in-effect" || kind === "selected") return 0;
  return count > 1 ? 1 : kind === "pending" ? 2 : 3;
}
