import { lutimesSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { nodeFileSystem } from "../../../src/adapters/node-file-system.ts";
import { prune } from "../../../src/ops/prune.ts";
import type { PublisherWorld } from "../../../src/ops/repo/world.ts";
import type { FileSystem } from "../../../src/ports/file-system.ts";
import { lookAtRepository } from "../checker/repository.ts";
import { type Looked, lookAt } from "../checker.ts";
import type { Stage } from "../support/scenes.ts";
import { cuttingFileSystem } from "./cutting-file-system.ts";
import type { Disk } from "./disk.ts";
import { homeIn, newestIn, repositoryIn, type Verb } from "./verbs.ts";

export interface Matrix {
  readonly world: PublisherWorld;
  readonly stage: Stage;
  readonly disk: Disk;
  /** Whether what is in the file system's log reaches the disk before the power goes. */
  readonly log: boolean;
  /** Of a mutant: what it makes of the disk. It is caught with the first that is broken. */
  readonly mutant?: FileSystem;
}

/** After every how many points the sweep of what the dead left is looked at as well. */
const SWEEP_STRIDE = 8;

/** The power goes before every point of the verb, and once more right after it returned; answers how many cuts, and what is broken. */
export async function cutAtEveryPoint(
  matrix: Matrix,
  verb: Verb,
): Promise<{ readonly cuts: number; readonly broken: readonly string[] }> {
  const broken: string[] = [];
  for (let point = 1; ; point++) {
    const scene = join(matrix.disk.place, `${verb.name.replaceAll(" ", "-")}-${point}`);
    const { where, wrong } = await cutOnce(matrix, verb, scene, point);
    broken.push(...wrong.map((what) => `${verb.name} cut ${where ?? "after it returned"}: ${what}`));
    rmSync(scene, { recursive: true, force: true });
    const isCaught = matrix.mutant !== undefined && broken.length > 0;
    if (where === undefined || isCaught) return { cuts: point, broken };
  }
}

async function cutOnce(
  { world, stage, disk, log, mutant }: Matrix,
  verb: Verb,
  scene: string,
  point: number,
): Promise<{ readonly where: string | undefined; readonly wrong: readonly string[] }> {
  mkdirSync(scene);
  verb.arrange(stage, scene);
  disk.flush();
  const before = lookAt(homeIn(scene));
  const cutting = cuttingFileSystem(mutant ?? nodeFileSystem(), scene, point, () => disk.cut(log));
  try {
    await verb.act({ ...world, fileSystem: cutting.fileSystem, host: hostOfTheDead(world) }, stage, scene);
    if (cutting.cutAt === undefined) disk.cut(log);
  } catch (error) {
    // Nobody was there to say it.
    if (cutting.cutAt === undefined) throw error;
  }
  disk.unmount();
  disk.mount();
  const { cutAt } = cutting;
  const where = cutAt && `before point ${point} (${cutAt.name} ${(cutAt.to ?? cutAt.path).slice(scene.length + 1)})`;
  return { where, wrong: await wrongIn({ world, stage, disk, log }, verb, scene, before, cutAt === undefined, point) };
}

async function wrongIn(
  { world, stage }: Matrix,
  verb: Verb,
  scene: string,
  before: Looked,
  announced: boolean,
  point: number,
): Promise<readonly string[]> {
  const known = new Set(before.problems);
  const found = look(scene, before);
  const wrong = found.problems.filter((problem) => !known.has(problem)).map((problem) => `then: ${problem}`);
  if (!verb.found.includes(newestIn(scene))) wrong.push(`then: the newest is ${newestIn(scene)}`);
  if (announced && !verb.holds(scene)) wrong.push("then: what was announced is not there");
  try {
    await (verb.next ?? verb.act)(world, stage, scene);
  } catch (error) {
    return [...wrong, `next: ${String(error)}`];
  }
  wrong.push(...look(scene, found).problems.map((problem) => `after the next command: ${problem}`));
  if (!verb.ends.includes(newestIn(scene))) wrong.push(`after the next command: the newest is ${newestIn(scene)}`);
  if (verb.next === undefined && !verb.holds(scene)) wrong.push("after the next command: it is not done");
  if (point % SWEEP_STRIDE === 1 && verb.name !== "repo sign")
    wrong.push(...(await leftAfterSweep(world, homeIn(scene))));
  return wrong;
}

function look(scene: string, before: Looked): Looked {
  if (readdirSync(scene).includes("repository"))
    return { problems: lookAtRepository(repositoryIn(scene)).problems, newest: undefined, rooted: [] };
  const looked = lookAt(homeIn(scene), before.rooted);
  return { ...looked, problems: looked.problems.filter((problem) => !CUT_LINE.test(problem)) };
}

/** A line whose length reached the disk and whose bytes did not: it counts for nothing (docs/LAYOUT.md), and was never announced. */
const CUT_LINE = /^ledger\.jsonl has a line that is no JSON: \0/;

/** An hour later, a prune leaves nothing of the dead. */
async function leftAfterSweep(world: PublisherWorld, home: string): Promise<readonly string[]> {
  const then = new Date(Date.now() - 7_200_000);
  for (const name of readdirSync(join(home, "staging"))) lutimesSync(join(home, "staging", name), then, then);
  // The machine was started anew since.
  const host = { ...world.host, bootedMs: () => Date.now() + 60_000 };
  await prune({ ...world, host }, { home, dryRun: false });
  const left = ["staging", "marks", "leases"].flatMap((folder) =>
    readdirSync(join(home, folder)).map((name) => `after the sweep: ${folder}/${name} is left`),
  );
  return [...left, ...lookAt(home).problems.map((problem) => `after the sweep: ${problem}`)];
}

/** Whoever died with the power is another process than the one that looks. */
export function hostOfTheDead({ host }: PublisherWorld): PublisherWorld["host"] {
  const self = { ...host.self(), pid: 4_194_303, started: "1" };
  // It knows itself to be alive.
  return { ...host, self: () => self, startedOf: (pid) => (pid === self.pid ? self.started : host.startedOf(pid)) };
}
