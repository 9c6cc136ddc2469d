import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Section } from "../run/results.ts";
import { type Cost, openShell, type Shell } from "../run/shell.ts";
import { AXES } from "./axes.ts";
import type { Axis, GrowingVerb, GrowthRow, MeasuredAxis } from "./axis.ts";
import { plotOf } from "./plot.ts";
import { growthText } from "./table.ts";

const ROUNDS = 3;
const SECONDS_OF_A_VERB = 180;
const PLOTS = join(import.meta.dirname, "..", "plots");

export interface GrowthPlace {
  readonly work: string;
  readonly enginery: string;
  /** No size is begun after it; by `performance.now`. */
  readonly until: number;
  readonly tell: (line: string) => void;
}

/** Each verb's cost against what grows, a home a size; a picture for each axis. */
export async function growthSections(place: GrowthPlace): Promise<readonly Section[]> {
  const shell = openShell(place.work);
  const measured: MeasuredAxis[] = [];
  mkdirSync(PLOTS, { recursive: true });
  for (const axis of AXES) {
    const result = await measureAxis(place, shell, axis);
    measured.push(result);
    writeFileSync(join(PLOTS, `${fileName(axis)}.svg`), plotOf(result));
    place.tell(`growth: ${axis.name} done`);
  }
  return [{ name: "growth", text: growthText(measured, fileName) }];
}

export function fileName({ name }: Axis): string {
  return name.replaceAll(/[^a-z]+/g, "-");
}

interface Row extends GrowthRow {
  readonly points: { readonly size: number; readonly costs: readonly Cost[] }[];
  failed: string | undefined;
}

async function measureAxis(place: GrowthPlace, shell: Shell, axis: Axis): Promise<MeasuredAxis> {
  const rows = axis.verbs.map((verb): Row => ({ verb, points: [], failed: undefined }));
  const node: number[] = [];
  for (const size of axis.sizes) {
    const folder = join(place.work, "growth");
    mkdirSync(folder);
    try {
      if (performance.now() > place.until) throw new Error("the time was over");
      const made = await axis.make(folder, size);
      const env = { ...made, ENGINERY: place.enginery, NODE: process.execPath, HOME_FOLDER: join(folder, "home") };
      const bare = async () => node.push((await shell.measure('"$NODE" -e 0', env, 20)).wall);
      for (const row of rows.filter(({ failed }) => failed === undefined))
        await measureVerb(place, shell, row, size, env, bare);
    } catch (error) {
      for (const row of rows) row.failed ??= `failed at ${size}: ${(error as Error).message}`;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { axis, rows, node };
}

async function measureVerb(
  { until }: GrowthPlace,
  shell: Shell,
  row: Row,
  size: number,
  env: Readonly<Record<string, string>>,
  bare: () => Promise<unknown>,
): Promise<void> {
  const { verb } = row;
  try {
    if (performance.now() > until) throw new Error("the time was over");
    if (verb.before !== undefined) await shell.run(verb.before, env, SECONDS_OF_A_VERB);
    const costs: Cost[] = [];
    for (let round = 0; round < roundsOf(verb); round += 1) {
      await bare();
      costs.push(await shell.measure(verb.command, env, SECONDS_OF_A_VERB));
    }
    row.points.push({ size, costs });
  } catch (error) {
    row.failed = `failed at ${size}: ${(error as Error).message}`;
  }
}

function roundsOf({ once }: GrowingVerb): number {
  return once === true ? 1 : ROUNDS;
}
