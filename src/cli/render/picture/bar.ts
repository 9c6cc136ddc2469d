import { attributes, type Markup, markup } from "../markup.ts";
import { shortened, textWidth } from "../text-width.ts";
import type { Bar } from "./lanes.ts";
import { barWords } from "./words.ts";

export const BAR_HEIGHT = 30;
export const VERSION_SIZE = 12.5;
export const WORDS_SIZE = 11;
const PADDING = 8;
/** Longest version that is written within a bar; the whole of it is in the title. */
const MOST_CHARACTERS = 34;
/** Where that does not fit: shorter, but never so short that nothing is told. */
const CUTS = [22, 14];

/** Where a bar is drawn. */
export interface Place {
  readonly x: number;
  readonly width: number;
  readonly y: number;
}

/** The bar without its words: its colour, and its pattern, which tells the same without colours. */
export function barShape(bar: Bar, { x, width, y }: Place, patterns: string): Markup {
  const names = ["bar", bar.kind, ...(bar.absent === bar.count ? ["absent"] : [])];
  const size = { x, y, width, height: BAR_HEIGHT, rx: Math.min(4, width / 2) };
  const pattern = patternOf(bar);
  return markup`<rect${attributes({ class: names.join(" "), ...size })} />${
    pattern === undefined ? "" : markup`<rect${attributes({ ...size, fill: `url(#${patterns}${pattern})` })} />`
  }${bar.withdrawn < bar.count ? "" : markup`<rect${attributes({ class: "withdrawn", ...size, fill: `url(#${patterns}withdrawn)` })} />`}${
    bar.count === 1 ? "" : together(bar, { x, width, y })
  }`;
}

/** Several that are drawn as one look like a stack. */
function together({ kind }: Bar, { x, width, y }: Place): Markup {
  const step = Math.min(4, width / 8);
  return markup`<path class="together ${kind}" d="M${x + step} ${y}v${BAR_HEIGHT}m${step} 0v${-BAR_HEIGHT}M${x + width - step} ${y}v${BAR_HEIGHT}m${-step} 0v${-BAR_HEIGHT}" />`;
}

function patternOf({ kind, absent, count }: Bar): string | undefined {
  if (kind === "in-effect") return undefined;
  return absent === count && (kind === "pending" || kind === "selected") ? undefined : kind;
}

/** Where words may stand: from its left end, or in its middle. */
export interface LabelSpan {
  readonly from: number;
  readonly to: number;
  readonly isMiddle?: boolean;
}

/** The longest words that fit into one of the spans, the first of them that has room; undefined: none fit. */
export function barLabel(bar: Bar, spans: readonly LabelSpan[], y: number): Markup | undefined {
  for (const { name, words } of formsOf(bar)) {
    const nameWidth = textWidth(name, VERSION_SIZE, "mono");
    const gap = words === "" ? 0 : 7;
    const width = nameWidth + gap + textWidth(words, WORDS_SIZE, "sans");
    const span = spans.find(({ from, to }) => to - from >= width + 2 * PADDING);
    if (span === undefined) continue;
    const x = span.isMiddle ? (span.from + span.to - width) / 2 : span.from + PADDING;
    const line = y + BAR_HEIGHT / 2;
    const tone = labelTone(bar);
    // on a plate of the bar's own colour, or the pattern would run through the letters
    return markup`<rect class="plate ${plateOf(bar)}" x="${x - 4}" y="${y + 6}" width="${width + 8}" height="${BAR_HEIGHT - 12}" rx="3" /><text class="version ${tone}${bar.withdrawn === bar.count ? " struck" : ""}" x="${x}" y="${line + 4.5}">${name}</text>${
      words === "" ? "" : markup`<text class="words ${tone}" x="${x + nameWidth + gap}" y="${line + 4}">${words}</text>`
    }`;
  }
  return undefined;
}

function labelTone({ kind, absent, count }: Bar): string {
  return kind === "in-effect" && absent < count ? "on-solid" : "";
}

function plateOf({ kind, absent, count }: Bar): string {
  return absent === count ? "absent" : kind;
}

function formsOf(bar: Bar): readonly { readonly name: string; readonly words: string }[] {
  if (bar.count === 1) {
    const name = shortened(bar.first, MOST_CHARACTERS);
    const cut = CUTS.filter((most) => most < name.length).map((most) => ({
      name: shortened(bar.first, most),
      words: "",
    }));
    return [...barWords(bar).map((words) => ({ name, words })), ...cut];
  }
  const rest = barWords({ ...bar, absent: 0, withdrawn: 0 })[0] ?? "";
  const count = String(bar.count);
  return [
    { name: count, words: `deployments ${rest}`.trim() },
    { name: count, words: "deployments" },
    { name: count, words: "" },
  ];
}
