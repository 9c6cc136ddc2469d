import type { Section } from "../run/results.ts";
import { axesIn } from "./axes.ts";
import type { Axis, AxisFigures, GrowthRow, Point } from "./axis.ts";
import { growthOf } from "./exponent.ts";
import { plotName, readFigures } from "./figures.ts";

const HOW = `Each verb by its command line; up to 5 rounds, fewer where it takes long, one where it cannot be done again. Cells: milliseconds of processor time
(user and system, of it and of all that it started), wall time as a ratio to \`node -e 0\` in the same run, and the greatest peak of any one of its processes in MiB.
*Growth* is the slope of processor time against size, both by their logarithms, between the two largest sizes, after the smallest size's cost is taken off: 1.0 is
linear, 0 is flat; "flat" where the largest costs less than 1.5 times the smallest. In parentheses the slope of the whole cost. A verb in *italics* has nothing to do that grows.`;

/** What every axis gave when it was last run. */
export function growthSections(): readonly Section[] {
  const figures = readFigures();
  const known = axesIn("").flatMap((axis) => {
    const one = figures.get(axis.name);
    return one === undefined ? [] : [{ axis, figures: one }];
  });
  const texts = known.map((one) => axisText(one.axis, one.figures));
  const growth = ["## Growth", "", HOW, "", verdict(known), ...texts].join("\n");
  return [
    { name: "growth", text: growth },
    { name: "memory", text: memoryText(known) },
  ];
}

type Known = readonly { readonly axis: Axis; readonly figures: AxisFigures }[];

const LINEAR = 1.1;

function verdict(known: Known): string {
  const judged = known.flatMap(({ axis, figures }) =>
    figures.rows.flatMap((row) => {
      const growth = growthOf(row.points);
      return growth === undefined ? [] : [{ axis, row, ...growth }];
    }),
  );
  const steep = judged.filter(({ own, isFlat }) => !isFlat && own > LINEAR);
  const risen = judged.filter(({ row, isFlat }) => !row.grows && !isFlat);
  const list = (all: typeof judged) =>
    all.map(({ axis, row, own }) => `${row.verb} by ${axis.name} (${own.toFixed(2)})`).join(", ");
  return [
    `${judged.length} verbs and axes. `,
    steep.length === 0 ? "None grows faster than linear." : `Above ${LINEAR}: ${list(steep)}.`,
    risen.length === 0 ? " What has nothing to do that grows is flat." : ` To be flat and not: ${list(risen)}.`,
  ].join("");
}

function axisText(axis: Axis, figures: AxisFigures): string {
  const columns = axis.sizes.map((size) => size.toLocaleString("en"));
  const [begun, ended] = figures.load;
  return [
    `\n### By ${axis.name}\n`,
    `![Processor time by ${axis.name}](plots/${plotName(axis)}.svg)\n`,
    `Load ${begun} when it began, ${ended} at its end; \`node -e 0\` takes ${figures.node.cpu} ms of processor time, ${figures.node.wall} of wall.\n`,
    `| verb | ${columns.join(" | ")} | growth |`,
    `| --- | ${columns.map(() => "---").join(" | ")} | --- |`,
    ...figures.rows.map((row) => rowText(row, axis, figures)),
  ].join("\n");
}

function rowText(row: GrowthRow, { sizes }: Axis, { node }: AxisFigures): string {
  const cells = sizes.map((size) => {
    const point = row.points.find((one) => one.size === size);
    return point === undefined
      ? ""
      : `${number(point.cpu)} ms, ${number(point.wall / node.wall)}, ${point.peak.toFixed(0)}`;
  });
  const growth = growthOf(row.points);
  const told =
    growth === undefined ? "" : growth.isFlat ? "flat" : `${growth.own.toFixed(2)} (${growth.whole.toFixed(2)})`;
  return `| ${row.grows ? row.verb : `*${row.verb}*`} | ${cells.join(" | ")} | ${row.failed ?? told} |`;
}

/** Of each verb the peak where it has least to do, at the ordinary size and at the largest, on the axis where it is greatest. */
function memoryText(known: Known): string {
  const verbs = new Map<string, { axis: Axis; row: GrowthRow }[]>();
  for (const { axis, figures } of known) {
    for (const row of figures.rows) {
      const name = row.verb.replace(
        /(?<!\d),.*| --(dry-run|quick|tenant|html|once|epoch|export|from-file|repair).*/,
        "",
      );
      verbs.set(name, [...(verbs.get(name) ?? []), { axis, row }]);
    }
  }
  const rows = [...verbs].flatMap(([name, all]) => {
    const worst = all.toSorted((one, other) => peakOf(other.row) - peakOf(one.row))[0];
    const peaks = all.flatMap(({ axis, row }) => row.points.filter(({ size }) => size === axis.ordinary)).map(peakIn);
    const last = worst?.row.points.at(-1);
    if (worst === undefined || last === undefined || peaks.length === 0) return [];
    const where = `${last.size.toLocaleString("en")} ${worst.axis.unit}`;
    return [`| ${name} | ${Math.max(...peaks).toFixed(0)} | ${peakOf(worst.row).toFixed(0)} | ${where} |`];
  });
  const ordinary = known.map(({ axis }) => `${axis.ordinary.toLocaleString("en")} ${axis.unit}`).join(", ");
  return [
    "## Memory",
    "",
    `Peak resident memory in MiB of any one process of a verb. Ordinary: the greatest of what it took at ${ordinary}. Largest: where it took most.`,
    "",
    "| verb | ordinary | largest | there |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function peakIn({ peak }: Point): number {
  return peak;
}

function peakOf({ points }: GrowthRow): number {
  return Math.max(0, ...points.map(peakIn));
}

function number(value: number): string {
  return value >= 100
    ? Math.round(value).toLocaleString("en")
    : value
        .toPrecision(2)
        .replace(/^(\d+\.\d*?)0+$/, "$1")
        .replace(/\.$/, "");
}
