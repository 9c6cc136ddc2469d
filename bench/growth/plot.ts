import type { Axis, AxisFigures } from "./axis.ts";

const WIDTH = 760;
const HEIGHT = 480;
const AREA = { left: 64, right: 540, top: 44, bottom: 430 };
const COLOURS = ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#cf222e", "#9a6700", "#1b7c83", "#bf3989", "#57606a"];
const ON_DARK = ["#4493f8", "#f0883e", "#3fb950", "#c297ff", "#f85149", "#d29922", "#39c5cf", "#f778ba", "#9198a1"];

/** Processor time against size, both by powers of ten: a line as steep as the dashed one grows as its work does. Reads in light and dark. */
export function plotOf(axis: Axis, { rows }: AxisFigures): string {
  const lines = rows.map(({ verb, points }) => ({
    name: verb,
    points: points.map(({ size, cpu }) => ({ size, cost: cpu })),
  }));
  const sizes = scale(axis.sizes, AREA.left, AREA.right);
  const costs = scale(
    lines.flatMap(({ points }) => points.map(({ cost }) => cost)),
    AREA.bottom,
    AREA.top,
  );
  const ends = spreadOut(lines.map(({ points }) => costs.at(points.at(-1)?.cost ?? 1)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">
<title id="title">Processor time of each verb by ${axis.name}</title>
<style>${styles()}</style>
<rect class="page" width="${WIDTH}" height="${HEIGHT}" rx="6"/>
<text class="head" x="${AREA.left}" y="24">Processor time, ms, by ${axis.name}</text>
${costs.powers.map((power) => grid(power, costs.at(power))).join("\n")}
${axis.sizes.map((size) => `<text class="tick" x="${sizes.at(size)}" y="${AREA.bottom + 20}" text-anchor="middle">${size.toLocaleString("en")}</text>`).join("\n")}
<text class="tick" x="${(AREA.left + AREA.right) / 2}" y="${AREA.bottom + 40}" text-anchor="middle">${axis.unit}</text>
${linear(sizes, costs)}
${lines.map(({ name, points }, at) => lineOf(name, points, at, ends[at] ?? 0, sizes, costs)).join("\n")}
</svg>
`;
}

interface Scale {
  readonly powers: readonly number[];
  readonly low: number;
  readonly high: number;
  at(value: number): number;
}

function scale(values: readonly number[], from: number, to: number): Scale {
  const known = values.filter((value) => value > 0);
  const low = 10 ** Math.floor(Math.log10(Math.min(...known, 1e6)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...known, low * 10)));
  const span = Math.log10(high / low);
  return {
    low,
    high,
    powers: Array.from({ length: Math.round(span) + 1 }, (_, power) => low * 10 ** power),
    at: (value) => round(from + ((to - from) * Math.log10(Math.max(value, low) / low)) / span),
  };
}

function grid(power: number, y: number): string {
  return `<line class="grid" x1="${AREA.left}" x2="${AREA.right}" y1="${y}" y2="${y}"/><text class="tick" x="${AREA.left - 8}" y="${y + 4}" text-anchor="end">${power.toLocaleString("en", { maximumFractionDigits: 6 })}</text>`;
}

/** As steep as what is linear. */
function linear(sizes: Scale, costs: Scale): string {
  const first = Math.max(sizes.low, (sizes.high * costs.low) / costs.high);
  return `<line class="linear" x1="${sizes.at(first)}" y1="${costs.at(costs.low)}" x2="${sizes.at(sizes.high)}" y2="${costs.at((costs.low * sizes.high) / first)}"/>`;
}

function lineOf(
  name: string,
  points: readonly { readonly size: number; readonly cost: number }[],
  at: number,
  end: number,
  sizes: Scale,
  costs: Scale,
): string {
  const places = points.map(({ size, cost }) => [sizes.at(size), costs.at(cost)] as const);
  const [x = 0, y = 0] = places.at(-1) ?? [];
  const dots = places.map(([left, top]) => `<circle cx="${left}" cy="${top}" r="3"/>`).join("");
  return `<g class="c${at % COLOURS.length}"><polyline points="${places.map((place) => place.join(",")).join(" ")}"/>${dots}<path class="lead" d="M${x} ${y}L${AREA.right + 14} ${end}"/><text x="${AREA.right + 18}" y="${end + 4}">${name.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text></g>`;
}

/** Names beside the ends of their lines, none over another. */
function spreadOut(ends: readonly number[]): readonly number[] {
  const placed = ends.map((y, at) => ({ y, at })).toSorted((one, other) => one.y - other.y);
  let last = Number.NEGATIVE_INFINITY;
  const places = new Map<number, number>();
  for (const { y, at } of placed) {
    last = Math.max(y, last + 16);
    places.set(at, last);
  }
  const over = Math.max(0, last - AREA.bottom);
  return ends.map((_, at) => round((places.get(at) ?? 0) - over));
}

function styles(): string {
  const coloured = (colours: readonly string[]) => colours.map((colour, at) => `.c${at}{--c:${colour}}`).join("");
  return `text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2328}.head{font-size:14px;font-weight:600}.tick{fill:#59636e}.page{fill:#fff}.grid{stroke:#d1d9e0}.linear{stroke:#59636e;stroke-dasharray:4 4}polyline{fill:none;stroke:var(--c);stroke-width:2}circle{fill:var(--c)}.lead{stroke:var(--c);stroke-width:.7;opacity:.6}g text{fill:var(--c)}${coloured(COLOURS)}@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.tick{fill:#9198a1}.page{fill:#0d1117}.grid{stroke:#3d444d}${coloured(ON_DARK)}}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
