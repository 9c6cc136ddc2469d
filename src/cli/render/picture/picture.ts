import type { SchedulePage } from "../../../ops/operator.ts";
import { asMarkup, type Markup, markup } from "../markup.ts";
import { drawAxis } from "./axis.ts";
import { drawFoot, footNotes } from "./foot.ts";
import { drawHead, nowLine } from "./head.ts";
import { type DrawnLane, drawLane, type LaneFacts } from "./lane.ts";
import { beginsOf, type Lane, lanesOf } from "./lanes.ts";
import { drawLegend } from "./legend.ts";
import { patterns } from "./patterns.ts";
import { type Scale, scaleOf } from "./scale.ts";
import { pictureStyles } from "./styles.ts";
import { pictureWords } from "./words.ts";

export interface PictureManner {
  /** Pixels; the height follows. */
  readonly width: number;
  /** Milliseconds since 1970: ages are told as of then. */
  readonly now: number;
  /** Begins every id: a page holds several pictures. */
  readonly prefix: string;
  /** A file of its own has a name, its own styles, and says how it was made. */
  readonly alone?: { readonly name: string; readonly made: string };
}

/** Beyond this lanes are left out, and counted. */
const MOST_LANES = 40;
/** Around a picture that stands alone; within a page the page has its own. */
const MARGIN = { alone: 16, within: 3 };
const LANE_GAP = 24;
/** Width that one place on the axis takes at the least. */
const PLACE = 19;
const NARROW = 600;
const OPEN_END = { wide: 130, narrow: 96 };
const MOST_STATEMENTS = 80;

/** The time line as SVG: a lane an engine, deployments as bars, now as a line. Pure; what comes from outside is escaped. */
export function drawPicture(page: SchedulePage, manner: PictureManner): Markup {
  const { width, prefix, alone } = manner;
  const { unit, observed } = page.schedule;
  const margin = alone === undefined ? MARGIN.within : MARGIN.alone;
  const edges = { left: margin, right: width - margin };
  const openEnd = width < NARROW ? OPEN_END.narrow : OPEN_END.wide;
  const all = lanesOf(page, Math.floor((edges.right - edges.left - openEnd) / PLACE));
  const shown = all.slice(0, MOST_LANES);
  const scale = scaleOf(beginsOf(shown), observed, { ...edges, openEnd });
  const facts: LaneFacts = { unit, observed, windowFrom: page.windowFrom, patterns: `${prefix}-` };

  const head = drawHead(page, scale, manner.now, alone?.name);
  const lanes = drawLanes(shown, scale, head.bottom + 8, facts);
  const axisAt = (lanes.at(-1)?.bottom ?? head.bottom) + 26;
  const axis = drawAxis(scale, axisAt, { unit, observed, first: mattering(shown), edges });
  const window = page.windowFrom !== null;
  const legend = drawLegend(shown, { ...edges, patterns: facts.patterns, unit, window }, axis.bottom + 22);
  const notes = [...footNotes(all, shown, lanes, scale), ...(alone === undefined ? [] : [alone.made])];
  const foot = drawFoot(notes, edges, legend.bottom + 6);

  const height = Math.ceil(foot.bottom + 10);
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="time-line" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${prefix}-title ${prefix}-description">
<title id="${prefix}-title">${titleOf(page)}</title>
<desc id="${prefix}-description">${pictureWords(shown, unit, observed, MOST_STATEMENTS)}</desc>
${alone === undefined ? "" : markup`<style>${asMarkup(pictureStyles())}</style>`}
${patterns(facts.patterns)}
${alone === undefined ? "" : markup`<rect class="canvas" width="${width}" height="${height}" rx="8" />`}
${lanes.map(({ shapes }) => shapes)}
${nowLine(scale, observed, head.bottom - 4, axisAt)}
${head.drawn}
${lanes.map(({ labels }) => labels)}
${axis.drawn}
${legend.drawn}
${foot.drawn}
</svg>
`;
}

function drawLanes(lanes: readonly Lane[], scale: Scale, top: number, facts: LaneFacts): readonly DrawnLane[] {
  const drawn: DrawnLane[] = [];
  for (const lane of lanes) {
    const above = drawn.at(-1);
    drawn.push(drawLane(lane, scale, above === undefined ? top : above.bottom + LANE_GAP, facts));
  }
  return drawn;
}

/** Whose epochs are told first where not all have room: what is next, what is in effect, where it all begins and ends. */
function mattering(lanes: readonly Lane[]): readonly number[] {
  const next = lanes.flatMap(({ standing }) => standing?.next?.validFrom ?? []);
  const inEffect = lanes.flatMap(({ standing }) => standing?.inEffect?.validFrom ?? []);
  const ends = lanes.flatMap(({ bars }) => [bars[0]?.from ?? [], bars.at(-1)?.from ?? []].flat());
  return [...next, ...inEffect, ...ends];
}

function titleOf({ status, schedule }: SchedulePage): string {
  const at = schedule.observed === null ? "unknown" : String(schedule.observed);
  return `The schedule of ${status.channel}, ${schedule.unit} ${at}`;
}
