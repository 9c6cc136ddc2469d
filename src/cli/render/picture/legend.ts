import { type Markup, markup } from "../markup.ts";
import { textWidth } from "../text-width.ts";
import type { Lane } from "./lanes.ts";

const SIZE = 12;
const SWATCH = 24;
const LINE = 22;

export interface Drawn {
  readonly drawn: Markup;
  readonly bottom: number;
}

interface Item {
  readonly swatch: (x: number, y: number) => Markup;
  readonly words: string;
}

/** What the patterns and marks of this picture mean: those that are in it. */
export function drawLegend(lanes: readonly Lane[], facts: LegendFacts, top: number): Drawn {
  const { left, right } = facts;
  let [x, y] = [left, top];
  const drawn = itemsOf(lanes, facts).map(({ swatch, words }) => {
    const width = SWATCH + 7 + textWidth(words, SIZE, "sans") + 18;
    if (x > left && x + width - 18 > right) [x, y] = [left, y + LINE];
    const item = markup`${swatch(x, y)}<text class="small" x="${x + SWATCH + 7}" y="${y + 11}">${words}</text>`;
    x += width;
    return item;
  });
  return { drawn: markup`${drawn}`, bottom: y + LINE };
}

export interface LegendFacts {
  readonly patterns: string;
  readonly unit: string;
  readonly window: boolean;
  readonly left: number;
  readonly right: number;
}

function itemsOf(lanes: readonly Lane[], { patterns, unit, window }: LegendFacts): readonly Item[] {
  const bars = lanes.flatMap((lane) => lane.bars);
  const box = (names: string, pattern?: string) => (x: number, y: number) =>
    markup`<rect class="${names}" x="${x}" y="${y}" width="${SWATCH}" height="14" rx="3" />${
      pattern === undefined
        ? ""
        : markup`<rect x="${x}" y="${y}" width="${SWATCH}" height="14" rx="3" fill="url(#${patterns}${pattern})" />`
    }`;
  const isThere = (kind: string) => bars.some((bar) => bar.kind === kind);
  const items: readonly (readonly [boolean, Item])[] = [
    [isThere("superseded"), { swatch: box("bar superseded", "superseded"), words: "superseded" }],
    [
      bars.some(({ kind, absent }) => kind === "in-effect" && absent === 0),
      { swatch: box("bar in-effect"), words: "in effect" },
    ],
    [isThere("pending"), { swatch: box("bar pending", "pending"), words: "pending" }],
    [isThere("unknown"), { swatch: box("bar unknown", "unknown"), words: `not known: the ${unit} is unknown` }],
    [isThere("selected"), { swatch: box("bar selected", "selected"), words: "selected" }],
    [
      bars.some(({ kind, absent }) => kind === "in-effect" && absent > 0),
      { swatch: box("bar in-effect absent"), words: "in effect, not installed" },
    ],
    [
      bars.some(({ kind, absent, count }) => kind !== "in-effect" && absent === count),
      { swatch: box("bar absent"), words: "not installed" },
    ],
    [
      bars.some(({ withdrawn, count }) => withdrawn === count),
      { swatch: box("bar withdrawn", "withdrawn"), words: "withdrawn" },
    ],
    [bars.some(({ count }) => count > 1), { swatch: stack, words: "several, drawn as one" }],
    [bars.some(({ pins }) => pins > 0), { swatch: pin, words: "tenants pinned to it" }],
    [bars.length > 0 && lanes.some((lane) => startsLate(lane, lanes)), { swatch: nothing, words: "nothing in effect" }],
    [window, { swatch: windowSwatch, words: "retention window" }],
  ];
  return items.flatMap(([isShown, item]) => (isShown ? [item] : []));
}

function stack(x: number, y: number): Markup {
  return markup`<rect class="bar superseded" x="${x}" y="${y}" width="${SWATCH}" height="14" rx="3" /><path class="together" d="M${x + 3} ${y}v14m3 0v-14M${x + SWATCH - 3} ${y}v14m-3 0v-14" />`;
}

function pin(x: number, y: number): Markup {
  return markup`<g class="pins"><rect x="${x}" y="${y}" width="${SWATCH}" height="14" rx="7" /><path d="M${x + 12} ${y + 7}v5" /><circle cx="${x + 12}" cy="${y + 5}" r="2.8" /></g>`;
}

function nothing(x: number, y: number): Markup {
  return markup`<path class="nothing" d="M${x} ${y + 7}h${SWATCH}" />`;
}

function startsLate({ bars }: Lane, lanes: readonly Lane[]): boolean {
  const first = Math.min(...lanes.flatMap((lane) => lane.bars[0]?.from ?? []));
  return (bars[0]?.from ?? first) > first;
}

function windowSwatch(x: number, y: number): Markup {
  return markup`<path class="window" d="M${x + 1} ${y + 4}v6M${x + 1} ${y + 7}h${SWATCH - 2}" />`;
}
