import { median } from "../run/statistics.ts";
import type { Axis, GrowthRow, MeasuredAxis } from "./axis.ts";

const HOW = `Each verb by its command line, beside \`node -e 0\` in turns (3 rounds, one where a verb cannot be done again). Cells: wall time as a ratio to
\`node -e 0\`, and the greatest peak in MiB. *Growth*: how many times what the largest size costs above the smallest, over what the one before it costs above
the smallest, to the power that the sizes make of it: 1.0 is linear, 0 is flat; "flat" where the largest costs less than twice the smallest.`;

export function growthText(measured: readonly MeasuredAxis[], fileName: (axis: Axis) => string): string {
  return ["## Growth", "", HOW, ...measured.map((one) => axisText(one, fileName(one.axis)))].join("\n");
}

function axisText({ axis, rows, node }: MeasuredAxis, file: string): string {
  const base = median(node);
  const columns = axis.sizes.map((size) => size.toLocaleString("en"));
  return [
    `\n### By ${axis.name}\n`,
    `![Cost by ${axis.name}](plots/${file}.svg)\n`,
    `| verb | ${columns.join(" | ")} | growth |`,
    `| --- | ${columns.map(() => "---").join(" | ")} | --- |`,
    ...rows.map((row) => rowText(row, axis, base)),
  ].join("\n");
}

function rowText(row: GrowthRow, { sizes }: Axis, base: number): string {
  const cells = sizes.map((size) => {
    const costs = row.points.find((point) => point.size === size)?.costs ?? [];
    if (costs.length === 0) return "";
    const peak = Math.max(...costs.map(({ peak: kibibytes }) => kibibytes)) / 1024;
    return `${(median(costs.map(({ wall }) => wall)) / base).toFixed(1)} (${peak.toFixed(0)})`;
  });
  return `| ${row.verb.name} | ${cells.join(" | ")} | ${row.failed ?? growthOf(row)} |`;
}

/** By processor time, which moves less than the other with what else the machine does. */
function growthOf({ points }: GrowthRow): string {
  const costs = points.map(({ size, costs: all }) => ({ size, cost: median(all.map(({ cpu }) => cpu)) }));
  const [first, before, last] = [costs[0], costs.at(-2), costs.at(-1)];
  if (first === undefined || before === undefined || last === undefined || before === first) return "";
  if (last.cost < 2 * first.cost) return "flat";
  const [small, large] = [Math.max(before.cost - first.cost, 1), last.cost - first.cost];
  return (Math.log(large / small) / Math.log(last.size / before.size)).toFixed(1);
}
