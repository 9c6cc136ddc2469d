import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { nodeFileSystem } from "../../../src/adapters/node-file-system.ts";
import { observe } from "../../../src/ops/observe.ts";
import { pin } from "../../../src/ops/pin.ts";
import { sign } from "../../../src/ops/repo/sign.ts";
import type { PublisherWorld } from "../../../src/ops/repo/world.ts";
import { rollback } from "../../../src/ops/rollback.ts";
import { upgrade } from "../../../src/ops/upgrade.ts";
import { listOf, recordAt } from "../checker/reading.ts";
import { lookAtRepository } from "../checker/repository.ts";
import { lookAt } from "../checker.ts";
import { copyHome, type Stage } from "../support/scenes.ts";
import { blocksOf, readLog, rememberingDisk, type Span, writeAll } from "./block-log.ts";
import { attach, type DiskKind, diskFolder, diskOn, makeFileSystem, must } from "./disk.ts";
import { hostOfTheDead } from "./matrix.ts";
import { homeIn, pinned, pruneIn, repositoryIn, upgradeIn } from "./verbs.ts";

export interface Replay {
  readonly kind: DiskKind;
  readonly world: PublisherWorld;
  readonly stage: Stage;
  readonly seed: number;
  /** Random subsets of the writes of each span that is not empty. */
  readonly subsets: number;
  /** Of a mutant: what it makes of the disk. It is caught with the first that is broken. */
  readonly mutant?: ReturnType<typeof nodeFileSystem>;
}

export interface Replayed {
  readonly flushes: number;
  readonly states: number;
  readonly broken: readonly string[];
}

/** What returned, where the log was then, and whether it is there. */
interface Announced {
  readonly what: string;
  readonly position: number;
  holds(scene: string): boolean;
}

const NEXT_STRIDE = 5;

/** Records a life of a home and of a repository block by block; then cuts the power at every flush and within every span between two. */
export async function replayEveryFlush(replay: Replay): Promise<Replayed> {
  const folder = diskFolder();
  try {
    const { announced, spans, image } = await recordLife(replay, folder);
    return await lookAtEveryState(replay, folder, image, spans, announced);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function recordLife({ kind, world, stage, mutant }: Replay, folder: string) {
  const [image, backing, log] = [join(folder, "image"), join(folder, "backing"), join(folder, "log")];
  makeFileSystem(kind, image);
  arrange(kind, stage, folder, image);
  must("cp", ["--sparse=always", image, backing]);
  const disk = await rememberingDisk(kind, folder, backing, log);
  const announced: Announced[] = [];
  try {
    const living = { ...world, host: hostOfTheDead(world), fileSystem: mutant ?? nodeFileSystem() };
    for (const { what, act, holds } of lifeOf(living, stage, disk.place)) {
      await act();
      announced.push({ what, position: disk.position(), holds });
    }
  } finally {
    await disk.stop();
  }
  return { announced, spans: readLog(log), image };
}

function arrange(kind: DiskKind, stage: Stage, folder: string, image: string): void {
  const device = attach(image);
  const disk = diskOn(kind, device, join(folder, "mnt"));
  disk.mount();
  copyHome(stage.homes.behind, homeIn(disk.place));
  cpSync(stage.repositories.draft, repositoryIn(disk.place), { recursive: true });
  disk.unmount();
  must("losetup", ["-d", device]);
}

function lifeOf(world: PublisherWorld, stage: Stage, scene: string) {
  const home = homeIn(scene);
  const generation = (least: number) => (place: string) => newestGeneration(place) >= least;
  const again = {
    names: [],
    stageOnly: false,
    again: true,
    prune: false,
    dryRun: false,
    offline: false,
    allowHttp: false,
  };
  const pins = [{ tenant: "vat-2", engine: "toy", version: "2.0.0" }];
  return [
    {
      what: "pin",
      act: () => pin(world, { home, dryRun: false, pins }),
      holds: (place: string) => pinned(place).includes("vat-2 toy@2.0.0"),
    },
    {
      what: "observe",
      act: () => observe(world, { home, epoch: 170, dryRun: false }),
      holds: (place: string) => recordAt(homeIn(place), "clock/observed.json")?.["epoch"] === 170,
    },
    { what: "upgrade", act: () => upgradeIn(world, home), holds: generation(2) },
    { what: "rollback", act: () => rollback(world, { home, dryRun: false }), holds: generation(3) },
    { what: "upgrade --again", act: () => upgrade(world, { home, ...again }), holds: generation(4) },
    { what: "prune", act: () => pruneIn(world, home), holds: generation(5) },
    {
      what: "repo sign",
      act: () => sign(world, { directory: repositoryIn(scene), keysDir: stage.keys, epoch: 150, dryRun: false }),
      holds: (place: string) => lookAtRepository(repositoryIn(place)).serials["toys"] === 3,
    },
  ];
}

function newestGeneration(scene: string): number {
  const names = listOf(join(homeIn(scene), "generations"));
  return Math.max(0, ...names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number));
}

async function lookAtEveryState(
  replay: Replay,
  folder: string,
  image: string,
  spans: readonly Span[],
  announced: readonly Announced[],
): Promise<Replayed> {
  const random = randomOf(replay.seed);
  const broken: string[] = [];
  let states = 0;
  let begin = 0;
  const state = join(folder, "state");
  const look = async (where: string, position: number, writes: Span["writes"]) => {
    must("cp", ["--sparse=always", image, state]);
    writeAll(state, writes);
    states += 1;
    const wrong = await wrongIn(
      replay,
      folder,
      state,
      announced.filter((one) => one.position <= position),
      states,
    );
    broken.push(...wrong.map((what) => `${replay.kind}, ${where}: ${what}`));
  };
  for (const [index, { writes, end }] of spans.entries()) {
    if (replay.mutant !== undefined && broken.length > 0) break;
    const blocks = blocksOf(writes);
    for (let subset = 0; subset < replay.subsets && blocks.length > 0; subset++) {
      const share = random();
      const some = blocks.filter(() => random() < share);
      await look(`${some.length} of ${blocks.length} blocks after flush ${index}`, begin, some);
    }
    writeAll(image, writes);
    begin = end;
    if (writes.length > 0) await look(`flush ${index + 1} of ${spans.length}`, end, []);
  }
  return { flushes: spans.length, states, broken };
}

async function wrongIn(
  { kind, world, stage }: Replay,
  folder: string,
  state: string,
  announced: readonly Announced[],
  count: number,
): Promise<readonly string[]> {
  const device = attach(state);
  const disk = diskOn(kind, device, join(folder, "mnt"));
  try {
    disk.mount();
    const scene = disk.place;
    const home = homeIn(scene);
    const wrong = [...lookAt(home).problems, ...lookAtRepository(repositoryIn(scene)).problems];
    wrong.push(
      ...announced.filter((one) => !one.holds(scene)).map(({ what }) => `${what} was announced and is not there`),
    );
    if (count % NEXT_STRIDE !== 0) return wrong;
    await upgradeIn(world, home);
    await sign(world, { directory: repositoryIn(scene), keysDir: stage.keys, epoch: 150, dryRun: false });
    const then = [...lookAt(home).problems, ...lookAtRepository(repositoryIn(scene)).problems];
    return [...wrong, ...then.map((problem) => `after the next command: ${problem}`)];
  } catch (error) {
    return [String(error)];
  } finally {
    disk.unmount();
    must("losetup", ["-d", device]);
  }
}

/** Numbers from 0 to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
