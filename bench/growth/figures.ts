import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Axis, AxisFigures } from "./axis.ts";
import { plotOf } from "./plot.ts";

const PLOTS = join(import.meta.dirname, "..", "plots");
const FIGURES = join(PLOTS, "growth.json");

/** By the name of the axis: what the last run of each gave. */
export function readFigures(): ReadonlyMap<string, AxisFigures> {
  if (!existsSync(FIGURES)) return new Map();
  const kept = JSON.parse(readFileSync(FIGURES, "utf8")) as readonly AxisFigures[];
  return new Map(kept.map((one) => [one.name, one]));
}

/** Takes the place of what the axis gave before; with its picture. */
export function keepFigures(axis: Axis, figures: AxisFigures): void {
  mkdirSync(PLOTS, { recursive: true });
  const all = [...new Map(readFigures()).set(axis.name, figures).values()];
  // a row a line: a change of figures reads as one
  const text = JSON.stringify(all, null, 1)
    .replaceAll(/\n {4,}/g, " ")
    .replaceAll(/\n {3}([}\]])/g, " $1");
  writeFileSync(FIGURES, `${text}\n`);
  writeFileSync(join(PLOTS, `${plotName(axis)}.svg`), plotOf(axis, figures));
}

export function plotName({ name }: Pick<Axis, "name">): string {
  return name.replaceAll(/[^a-z]+/g, "-");
}
