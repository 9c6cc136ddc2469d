import { mkdirSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { type Cost, openShell, type Shell } from "../run/shell.ts";
import { median } from "../run/statistics.ts";
import { axesIn } from "./axes.ts";
import type { Axis, AxisFigures, GrowingVerb, GrowthRow, Point } from "./axis.ts";
import { keepFigures } from "./figures.ts";

const MOST_ROUNDS = 5;
const MEDIAN_ROUNDS = 3;
/** A verb that has taken so long in all is not asked again, where there is a median already; or not at all: milliseconds. */
const ENOUGH = 1_500;
const FAR_ENOUGH = 8_000;
const SECONDS_OF_A_VERB = 600;

export interface GrowthPlace {
  readonly work: string;
  readonly enginery: string;
  /** Of axes, or words of them; all where there are none. */
  readonly wanted: readonly string[];
  /** No size is begun after it; by `performance.now`. */
  readonly until: number;
  readonly tell: (line: string) => void;
}

/** Each verb's cost against what grows, a home a size. What an axis gave is kept when it is through: another run may go on from there. */
export async function measureGrowth(place: GrowthPlace): Promise<void> {
  const shell = openShell(place.work);
  const isWanted = ({ name }: Axis) => place.wanted.length === 0 || place.wanted.some((word) => name.includes(word));
  for (const axis of axesIn(place.work).filter(isWanted)) {
    const begun = performance.now();
    keepFigures(axis, await measureAxis(place, shell, axis));
    place.tell(`growth: ${axis.name} in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
  }
}

interface Row {
  readonly verb: GrowingVerb;
  readonly points: Point[];
  failed: string | undefined;
}

async function measureAxis(place: GrowthPlace, shell: Shell, axis: Axis): Promise<AxisFigures> {
  const rows = axis.verbs.map((verb): Row => ({ verb, points: [], failed: undefined }));
  const bare: Cost[] = [];
  const before = loadavg()[0] ?? 0;
  for (const size of axis.sizes) {
    const folder = join(place.work, "growth");
    mkdirSync(folder);
    try {
      if (performance.now() > place.until) throw new Error("the time was over");
      const begun = performance.now();
      const made = await axis.make(folder, size);
      place.tell(`growth: ${axis.name}, ${size}: made in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
      const env = {
        ...made,
        ENGINERY: place.enginery,
        NODE: process.execPath,
        ENGINERY_NODE: process.execPath,
        HOME_FOLDER: join(folder, "home"),
      };
      for (const row of rows.filter(({ failed }) => failed === undefined)) {
        bare.push(await shell.measure('"$NODE" -e 0', env, 20));
        await measureVerb(place, shell, row, size, env);
        place.tell(`  ${row.verb.name}: ${row.failed ?? JSON.stringify(row.points.at(-1))}`);
      }
    } catch (error) {
      for (const row of rows) row.failed ??= `failed at ${size}: ${(error as Error).message}`;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return {
    name: axis.name,
    load: [round(before), round(loadavg()[0] ?? 0)],
    node: { wall: middle(bare, "wall"), cpu: middle(bare, "cpu") },
    rows: rows.map(rowFigures),
  };
}

async function measureVerb(
  { until }: GrowthPlace,
  shell: Shell,
  row: Row,
  size: number,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { verb } = row;
  try {
    if (performance.now() > until) throw new Error("the time was over");
    if (verb.before !== undefined) await shell.run(verb.before, env, SECONDS_OF_A_VERB);
    const costs: Cost[] = [];
    do costs.push(await costOf(shell, verb, env));
    while (!isEnough(verb, costs));
    const peak = round(Math.max(...costs.map(({ peak: kibibytes }) => kibibytes)) / 1_024);
    row.points.push({ size, wall: middle(costs, "wall"), cpu: middle(costs, "cpu"), peak });
  } catch (error) {
    row.failed = `failed at ${size}: ${(error as Error).message}`;
  }
}

async function costOf(shell: Shell, verb: GrowingVerb, env: Readonly<Record<string, string>>): Promise<Cost> {
  if (!verb.tells) return await shell.measure(verb.command, env, SECONDS_OF_A_VERB);
  const [wall = 0, cpu = 0, peak = 0] = (await shell.run(verb.command, env, SECONDS_OF_A_VERB)).split(" ").map(Number);
  return { wall, cpu, peak };
}

function isEnough({ once }: GrowingVerb, costs: readonly Cost[]): boolean {
  const spent = costs.reduce((sum, { wall }) => sum + wall, 0);
  if (once === true || costs.length === MOST_ROUNDS || spent > FAR_ENOUGH) return true;
  return costs.length >= MEDIAN_ROUNDS && spent > ENOUGH;
}

function rowFigures({ verb: { name, grows }, points, failed }: Row): GrowthRow {
  return { verb: name, grows, points, ...(failed === undefined ? {} : { failed }) };
}

function middle(costs: readonly Cost[], what: "wall" | "cpu"): number {
  return round(median(costs.map((cost) => cost[what])));
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
