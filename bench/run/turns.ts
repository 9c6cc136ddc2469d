import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { median, quantile } from "./statistics.ts";

export interface Way {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly home?: string;
}

/** A clock tick of Linux, as processes are told theirs. */
const TICK_MS = 10;

/** Runs each way in each round; a table of the ratios to the first of them, which is a start of Node that does nothing. */
export function inTurns(ways: readonly Way[], rounds: number): string {
  const times = ways.map((): number[] => []);
  const processor = ways.map(() => 0);
  // the first round fills the disk's cache
  for (let round = -1; round < rounds; round += 1) {
    for (const [number, way] of ways.entries()) {
      const before = childrenTicks();
      const elapsed = time(way);
      if (round < 0) continue;
      times[number]?.push(elapsed);
      processor[number] = (processor[number] ?? 0) + childrenTicks() - before;
    }
  }
  const [bare = []] = times;
  const load = loadavg().map((each) => each.toFixed(1));
  const first = `\`${ways[0]?.name}\` took ${median(bare).toFixed(0)} ms, ${(((processor[0] ?? 0) * TICK_MS) / rounds).toFixed(0)} of the processor`;
  const rows = ways.map(({ name }, number) => {
    const own = times[number] ?? [];
    const ratios = own.map((elapsed, round) => elapsed / (bare[round] ?? Number.NaN));
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(2));
    const least = (Math.min(...own) / Math.min(...bare)).toFixed(2);
    const spent = ((processor[number] ?? 0) / (processor[0] ?? 0)).toFixed(2);
    return `| \`${name}\` | ${spent} | ${middle} | ${low} to ${high} | ${least} |`;
  });
  return [
    `Node ${process.version} on ${process.platform}-${process.arch}, ${rounds} rounds, load ${load.join(" ")}; ${first}\n`,
    "| command | processor | median | quartiles | least to least |\n| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** User and system time of all children that have ended, in ticks; not a number where the OS does not tell. */
function childrenTicks(): number {
  if (process.platform !== "linux") return Number.NaN;
  const text = readFileSync("/proc/self/stat", "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[13]) + Number(fields[14]);
}

/** Milliseconds. */
function time({ name, file, args, home }: Way): number {
  const env = { ...process.env, ...(home === undefined ? {} : { ENGINERY_HOME: home }) };
  const begin = process.hrtime.bigint();
  const { status, stderr } = spawnSync(file, args, { stdio: ["ignore", "ignore", "pipe"], env });
  const elapsed = Number(process.hrtime.bigint() - begin) / 1e6;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return elapsed;
}
