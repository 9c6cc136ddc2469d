import { isEngineryError } from "../../../src/core/errors.ts";
import { install } from "../../../src/ops/install.ts";
import { observe } from "../../../src/ops/observe.ts";
import { pin } from "../../../src/ops/pin.ts";
import { prune } from "../../../src/ops/prune.ts";
import { rollback } from "../../../src/ops/rollback.ts";
import { upgrade } from "../../../src/ops/upgrade.ts";
import { use } from "../../../src/ops/use.ts";
import type { World } from "../../../src/ops/world.ts";
import { listOf, recordAt } from "../checker/reading.ts";
import { lookAt } from "../checker.ts";
import { randomOf } from "../power-cut/replay.ts";
import { type CheapHome, real } from "./cheap-home.ts";
import { countedNames, isShared, Stepped } from "./stepped.ts";

/** A writer, and what is true of the home when it has said that it is done, unless the other one is there to undo it. */
interface Writer {
  readonly name: string;
  act(world: World, home: string): Promise<unknown>;
  holds(home: string): boolean;
  readonly undoneBy?: readonly string[];
}

const QUIET = { dryRun: false, offline: false, allowHttp: false } as const;
const OLD = { engine: "toy", version: "1.0.0" };

export const WRITERS: readonly Writer[] = [
  {
    name: "upgrade",
    act: (world, home) => upgrade(world, { home, names: [], stageOnly: false, again: true, prune: false, ...QUIET }),
    holds: (home) => named(home).includes("toy@3.0.0"),
    undoneBy: ["rollback"],
  },
  {
    name: "install",
    act: (world, home) => install(world, { home, names: [{ engine: "rig", version: "3.0.0" }, OLD], ...QUIET }),
    holds: (home) => named(home).includes("rig@3.0.0"),
    undoneBy: ["rollback", "prune"],
  },
  {
    name: "rollback",
    act: (world, home) => rollback(world, { home, dryRun: false }),
    holds: (home) => listOf(`${home}/generations`).length > 0,
  },
  {
    name: "prune",
    act: (world, home) => prune(world, { home, dryRun: false, before: 100, keepGenerations: 1 }),
    holds: (home) => listOf(`${home}/marks`).length === 0,
  },
  {
    name: "use",
    act: (world, home) => use(world, { home, engine: "rig", version: "1.0.0", dryRun: false }),
    holds: (home) => newest(home)?.["selections"]["rig"] === "1.0.0" && named(home).includes("rig@1.0.0"),
    undoneBy: ["rollback"],
  },
  {
    name: "pin",
    act: (world, home) => pin(world, { home, dryRun: false, pins: [{ tenant: "vat-1", ...OLD }] }),
    holds: (home) => recordAt(home, "engines/toy/1.0.0/SEAL.json") !== undefined,
  },
  {
    name: "observe",
    act: (world, home) => observe(world, { home, epoch: 160, dryRun: false }),
    holds: (home) => recordAt(home, "clock/observed.json")?.["epoch"] === 160,
  },
];

/** What a writer that meets another may answer: exit 6, and 3 or 8 where what it asks for went meanwhile. */
const CLEAR = [
  "busy",
  "commit-lost",
  "marked",
  "pin-not-installed",
  "release-not-installed",
  "unknown-generation",
  "rollback-loses-epoch",
] as const;

export interface PairResult {
  readonly rounds: number;
  readonly broken: readonly string[];
}

/**
 * The lock lets everybody in. One of them waits before each of its steps while the other does all of its work; then in `random`
 * orders, in which each waits for the other several times.
 */
export async function racePair(
  cheap: CheapHome,
  arrange: () => Promise<void>,
  [one, other]: readonly [Writer, Writer],
  random: { readonly rounds: number; readonly seed: number },
): Promise<PairResult> {
  const broken: string[] = [];
  let rounds = 0;
  const play = async (name: string, turns: readonly number[]) => {
    await arrange();
    rounds += 1;
    const wrong = await playTurns(cheap, [one, other], turns);
    broken.push(...wrong.map((what) => `${one.name} and ${other.name}, ${name}: ${what}`));
  };
  const steps = await stepsOf(cheap, arrange, one);
  for (let step = 0; step < steps; step++) await play(`${step} of ${steps} steps, then the other`, [step, ALL, ALL]);
  const next = randomOf(random.seed);
  for (let round = 0; round < random.rounds; round++) {
    const turns = Array.from({ length: 4 }, () => 1 + Math.floor(next() * steps * 0.6));
    await play(`in turns of ${turns.join(", ")} steps`, [...turns, ALL, ALL]);
  }
  return { rounds, broken };
}

const ALL = 1_000_000;

async function stepsOf({ world, home }: CheapHome, arrange: () => Promise<void>, writer: Writer): Promise<number> {
  await arrange();
  const alone = stepping(world, home, writer, "c");
  await alone.advance(ALL);
  return alone.steps();
}

async function playTurns(
  { world, home }: CheapHome,
  writers: readonly [Writer, Writer],
  turns: readonly number[],
): Promise<readonly string[]> {
  const before = lookAt(home);
  const [one, other] = [stepping(world, home, writers[0], "c"), stepping(world, home, writers[1], "d")];
  for (const [index, steps] of turns.entries()) await (index % 2 === 0 ? one : other).advance(steps);
  await one.advance(ALL);
  const { problems } = lookAt(home, before.rooted);
  const wrong = [...problems, ...one.problems(), ...other.problems()];
  for (const [done, writer, rival] of [
    [one.done(), writers[0], writers[1]],
    [other.done(), writers[1], writers[0]],
  ] as const) {
    if (done && !writer.undoneBy?.includes(rival.name) && !writer.holds(home))
      wrong.push(`${writer.name} is done, and what it promised is not so`);
  }
  return wrong;
}

function stepping(world: World, home: string, writer: Writer, seed: string) {
  const childrenOnce = remembering(world);
  const stepped: Stepped<Promise<unknown>> = new Stepped(real, isShared(home), (fileSystem) =>
    writer.act({ ...world, fileSystem, identifiers: countedNames(seed), children: childrenOnce() }, home),
  );
  let ended = false;
  let problem: unknown;
  return {
    advance: async (steps: number) => {
      if (ended) return;
      let failure: unknown;
      await stepped.advance(steps).catch((error: unknown) => {
        failure = error;
      });
      if (stepped.waits) return;
      ended = true;
      problem = failure;
    },
    steps: () => stepped.steps,
    done: () => ended && problem === undefined,
    problems: () => {
      if (!ended) return [`${writer.name} did not end`];
      return problem === undefined || isEngineryError(problem, ...CLEAR) ? [] : [`${writer.name}: ${String(problem)}`];
    },
  };
}

/** What a child answered once it answers again: what it was run on has moved on since. */
function remembering({ children }: World): () => World["children"] {
  const answers: ReturnType<World["children"]["run"]>[] = [];
  return () => {
    let at = 0;
    return {
      ...children,
      run: (file, words, options) => {
        answers[at] ??= children.run(file, words, options);
        return answers[at++] as ReturnType<World["children"]["run"]>;
      },
    };
  };
}

function newest(home: string) {
  return recordAt(home, `generations/${listOf(`${home}/generations`).findLast((name) => /^\d+\.json$/.test(name))}`);
}

function named(home: string): readonly string[] {
  const installations = (newest(home)?.["installations"] ?? []) as { engine: string; version: string }[];
  return installations.map(({ engine, version }) => `${engine}@${version}`);
}
