import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isInPart } from "./part.ts";
import { forEachOf, run } from "./run.ts";
import { changesIn, mainThreadOf, type TracedCall, traced } from "./strace.ts";

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
  /** Points that other parts take (`part.ts`). */
  readonly otherParts: number;
  /** Points that no try hit. */
  readonly missed: readonly string[];
  readonly broken: readonly string[];
}

const LANES = 2;
/** Calls of Node's own come and go between runs, so the n-th call may be a neighbour of the one that is meant. */
const DRIFTS = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, 8] as const;

/** Runs the command once to learn its changes, then once for each of them with a SIGKILL before it. */
export async function killAtEveryChange(scenario: KillScenario): Promise<KillResult> {
  const { plan, main } = await learn(scenario);
  const wanted = plan
    .map((change, index) => ({ change, index }))
    .filter(({ change, index }) => isWanted(scenario, change, index));
  const points = wanted.filter((_, nth) => isInPart(nth));
  const covered = new Set<number>();
  const broken: string[] = [];
  await forEachOf(points, LANES, async ({ change, index }) => {
    for (const drift of DRIFTS) {
      if (covered.has(index)) return;
      const scene = newScene(scenario, `${index}.${drift}`);
      const reached = await killOnce(scenario, scene, change, drift, change.thread !== main, index);
      if (reached !== undefined) {
        covered.add(reached);
        const found = await scenario.check(scene, reached);
        const where = plan[reached] ?? change;
        broken.push(
          ...found.map(
            (what) =>
              `${scenario.name} killed before ${reached + 1} of ${plan.length} (${where.call} ${where.path}): ${what}`,
          ),
        );
      }
      rmSync(scene, { recursive: true, force: true });
    }
  });
  const missed = points.filter(({ index }) => !covered.has(index)).map(({ change }) => `${change.call} ${change.path}`);
  const [strided, otherParts] = [plan.length - wanted.length, wanted.length - points.length];
  return { changes: plan.length, points: covered.size, strided, otherParts, missed, broken };
}

function isWanted({ flushStride, contentStride = 1 }: KillScenario, { call }: TracedCall, index: number): boolean {
  if (/sync/.test(call)) return index % flushStride === 0;
  return !/^(openat|p?writev?(64)?|copy_file_range|fchmod)$/.test(call) || index % contentStride === 0;
}

/** One run without a kill. */
async function learn(
  scenario: KillScenario,
): Promise<{ readonly plan: readonly TracedCall[]; readonly main: string | undefined }> {
  const scene = newScene(scenario, PLAN);
  const log = join(scene, "..", `${scenario.name}.log`);
  const ran = await run(programOf(scenario, scene), scenario.words(scene), {
    through: traced(log),
    env: { TMPDIR: join(scene, "tmp") },
  });
  if (ran.status !== 0) throw new Error(`${scenario.name} ends with ${ran.status}: ${ran.stdout}${ran.stderr}`);
  const learned = { plan: changesIn(log, scene), main: mainThreadOf(log) };
  rmSync(scene, { recursive: true, force: true });
  return learned;
}

/** How many changes were made before it died; undefined where it lived. */
async function killOnce(
  scenario: KillScenario,
  scene: string,
  { call, nth, absolute }: TracedCall,
  drift: number,
  elsewhere: boolean,
  index: number,
): Promise<number | undefined> {
  const log = `${scene}.log`;
  // Counts are per thread: a call of another thread than the main one is hit by its path.
  const when = elsewhere ? 1 : Math.max(1, nth + drift);
  const path = elsewhere ? ["-P", absolute.replace(placeOf(scenario, PLAN), scene)] : [];
  const ran = await run(programOf(scenario, scene), scenario.words(scene), {
    through: [...traced(log, `${call}:signal=KILL:when=${when}`), ...path],
    env: { TMPDIR: join(scene, "tmp") },
  });
  const made = changesIn(log, scene).filter(({ answer }) => answer !== undefined && !answer.startsWith("?")).length;
  rmSync(log, { force: true });
  if (ran.signal !== "SIGKILL" && ran.status !== 137) return undefined;
  return elsewhere ? index : made;
}

function programOf({ program }: KillScenario, scene: string): string {
  return typeof program === "string" ? program : program(scene);
}

const PLAN = "plan";

function placeOf({ folder, name }: KillScenario, point: string): string {
  return join(folder, name.replaceAll(" ", "-"), point);
}

function newScene(scenario: KillScenario, point: string): string {
  const scene = placeOf(scenario, point);
  rmSync(scene, { recursive: true, force: true });
  mkdirSync(join(scene, "tmp"), { recursive: true });
  scenario.arrange(scene);
  return scene;
}
