import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildCounter, type Change, counted, readChanges } from "./changes.ts";
import { forEachOf, run, told } from "./run.ts";

export interface KillScenario {
  /** Where each scene has its own: the way to it. */
  readonly program: string | ((scene: string) => string);
  /** A folder for scenes. */
  readonly folder: string;
  readonly name: string;
  /** Puts what the command works on into an empty folder. */
  arrange(scene: string): void;
  words(scene: string): readonly string[];
  /** Looks at what the kill left, then runs what comes next and looks again; answers what is wrong. */
  check(scene: string, point: number): Promise<readonly string[]>;
  /** A flush changes nothing that a kill could show: every how many flushes to die before one. */
  readonly flushStride: number;
  /** Likewise of calls that fill a file which has no name of its own yet, where another matrix takes every one of them. Default: each. */
  readonly contentStride?: number;
}

export interface KillResult {
  /** Changes that the command makes. */
  readonly changes: number;
  /** Points at which it was killed. */
  readonly points: number;
  readonly strided: number;
  /** Points before which it had ended by itself. */
  readonly missed: readonly string[];
  readonly broken: readonly string[];
}

const LANES = 2;

/** Runs the command once to learn its changes, then once for each of them with a SIGKILL before it. */
export async function killAtEveryChange(scenario: KillScenario): Promise<KillResult> {
  mkdirSync(scenario.folder, { recursive: true });
  const library = buildCounter(scenario.folder);
  const plan = await learn(scenario, library);
  const points = plan.filter((change, index) => isWanted(scenario, change, index));
  const missed: string[] = [];
  const broken: string[] = [];
  await forEachOf(points, LANES, async ({ number, call, path }) => {
    const scene = newScene(scenario, `${number}`);
    const ran = await run(programOf(scenario, scene), scenario.words(scene), {
      env: { TMPDIR: join(scene, "tmp"), ...counted(library, scene, `${scene}.log`, number) },
    });
    const where = `${scenario.name} killed before ${number} of ${plan.at(-1)?.number} (${call} ${path})`;
    if (ran.hung) broken.push(`${where}: ${told(ran)}`);
    else if (ran.signal === "SIGKILL" || ran.status === 137) {
      const found = await scenario.check(scene, number);
      broken.push(...found.map((what) => `${where}: ${what}`));
    } else missed.push(`${call} ${path}`);
    for (const one of [scene, `${scene}.log`]) rmSync(one, { recursive: true, force: true });
  });
  const killed = points.length - missed.length;
  return { changes: plan.length, points: killed, strided: plan.length - points.length, missed, broken };
}

function isWanted({ flushStride, contentStride = 1 }: KillScenario, { call }: Change, index: number): boolean {
  if (/sync/.test(call)) return index % flushStride === 0;
  return !/^(openat|p?writev?(64)?|copy_file_range|fchmod)$/.test(call) || index % contentStride === 0;
}

/** One run without a kill. */
async function learn(scenario: KillScenario, library: string): Promise<readonly Change[]> {
  const scene = newScene(scenario, "plan");
  const log = `${scene}.log`;
  rmSync(log, { force: true });
  const ran = await run(programOf(scenario, scene), scenario.words(scene), {
    env: { TMPDIR: join(scene, "tmp"), ...counted(library, scene, log) },
  });
  if (ran.status !== 0) throw new Error(told(ran));
  const plan = readChanges(log);
  rmSync(scene, { recursive: true, force: true });
  return plan;
}

function programOf({ program }: KillScenario, scene: string): string {
  return typeof program === "string" ? program : program(scene);
}

function newScene(scenario: KillScenario, point: string): string {
  const scene = join(scenario.folder, scenario.name.replaceAll(" ", "-"), point);
  rmSync(scene, { recursive: true, force: true });
  mkdirSync(join(scene, "tmp"), { recursive: true });
  scenario.arrange(scene);
  return scene;
}
