import { join } from "node:path";
import { isEngineryError } from "../../../src/core/errors.ts";
import { hostHome } from "../../../src/index.ts";
import { exec } from "../../../src/ops/exec.ts";
import { pruneUnderLock } from "../../../src/ops/prune.ts";
import type { FileSystem } from "../../../src/ports/file-system.ts";
import { handPulse } from "../../support/hand-pulse.ts";
import { isWhole, recordAt } from "../checker/reading.ts";
import { lookAt } from "../checker.ts";
import { randomOf } from "../power-cut/replay.ts";
import { type CheapHome, real } from "./cheap-home.ts";
import { countedNames, isShared, Stepped } from "./stepped.ts";

/** How the claimant goes: before each step of prune, so many steps of its own; what is left, after prune has ended. */
export type Order = (pruneStep: number) => number;

export interface Handshake {
  readonly rounds: number;
  readonly claimed: number;
  readonly refused: number;
  readonly removed: number;
  readonly broken: readonly string[];
}

/** What a mutant makes of the disk that prune, or the claimant, sees. */
export interface Mutant {
  readonly prune?: (fileSystem: FileSystem, home: string) => FileSystem;
  readonly claimant?: (fileSystem: FileSystem, home: string) => FileSystem;
}

const CLAIM = { engine: "toy", version: "1.0.0" };
const NONE: Mutant = {};
/** How often the whole home is looked at by the checker. */
const LOOK_STRIDE = 40;

/** Prune of toy 1.0.0 against a process that wants to run it: both orders of every pair of steps, then random orders. */
export function raceHandshake(cheap: CheapHome, rounds: number, seed: number, mutant: Mutant = NONE): Handshake {
  const counted = { rounds: 0, claimed: 0, refused: 0, removed: 0 };
  const broken: string[] = [];
  for (const order of ordersOf(cheap, rounds, seed)) {
    cheap.reset();
    const { claimed, removed, wrong } = playRound(
      cheap,
      order.how,
      order.go,
      mutant,
      counted.rounds % LOOK_STRIDE === 0,
    );
    counted.rounds += 1;
    if (claimed) counted.claimed += 1;
    else counted.refused += 1;
    if (removed) counted.removed += 1;
    broken.push(...wrong.map((what) => `${order.how}, ${order.name}: ${what}`));
    if (mutant !== NONE && broken.length > 0) break;
  }
  return { ...counted, broken };
}

type Kind = "exec" | "library";

interface Ordered {
  readonly how: Kind;
  readonly name: string;
  readonly go: Order;
}

function* ordersOf(cheap: CheapHome, rounds: number, seed: number): Generator<Ordered> {
  let count = 0;
  for (const pair of pairsOf(cheap)) {
    if (count++ === rounds) return;
    yield pair;
  }
  const { steps: claims, pruneSteps } = measure(cheap);
  const random = randomOf(seed);
  for (; count < rounds; count++) {
    const plan = new Map<number, number>();
    const switches = 1 + Math.floor(random() * claims);
    for (let one = 0; one < switches; one++)
      plan.set(1 + Math.floor(random() * pruneSteps), 1 + Math.floor(random() * 3));
    const name = `random order ${[...plan].map(([at, steps]) => `${steps} at ${at}`).join(", ")}`;
    yield { how: count % 2 === 0 ? "exec" : "library", name, go: (now) => plan.get(now) ?? 0 };
  }
}

/** Each step of the claimant before each of prune, with what is left right after that one, or at the end. */
function* pairsOf(cheap: CheapHome): Generator<Ordered> {
  const { steps: claims, pruneSteps } = measure(cheap);
  for (let at = 1; at <= pruneSteps; at++) {
    for (let step = 0; step <= claims; step++) {
      for (const how of ["exec", "library"] as const) {
        const name = `${step} steps before prune's step ${at}, the rest`;
        yield { how, name: `${name} after it`, go: (now) => (now === at ? step : now === at + 1 ? claims + 1 : 0) };
        yield { how, name: `${name} at the end`, go: (now) => (now === at ? step : 0) };
      }
    }
  }
}

/** How many steps each has when the other is not there. */
function measure(cheap: CheapHome): { readonly steps: number; readonly pruneSteps: number } {
  cheap.reset();
  let pruneSteps = 0;
  prune(
    cheap,
    counting(cheap.home, () => (pruneSteps += 1)),
  );
  let steps = 0;
  for (const how of ["exec", "library"] as const) {
    cheap.reset();
    const claimant = claimantOf(cheap, how, {});
    claimant.advance(1000);
    steps = Math.max(steps, claimant.steps);
  }
  return { steps, pruneSteps };
}

function playRound(
  cheap: CheapHome,
  how: Kind,
  order: Order,
  mutant: Mutant,
  whole: boolean,
): { readonly claimed: boolean; readonly removed: boolean; readonly wrong: readonly string[] } {
  const { home } = cheap;
  const claimant = claimantOf(cheap, how, mutant);
  claimant.advance(0);
  let now = 0;
  const watched = counting(home, () => {
    now += 1;
    const steps = order(now);
    if (steps > 0 && claimant.waits) claimant.advance(steps);
  });
  const removed = prune(cheap, mutant.prune?.(watched, home) ?? watched);
  if (claimant.waits) claimant.advance(1000);
  const claimed = claimant.claimed();
  const wrong: string[] = [];
  const { problem } = claimant;
  if (problem() !== undefined) wrong.push(String(problem()));
  if (claimed && !isInstalled(home)) wrong.push("it runs, and its installation is gone");
  if (claimed && removed) wrong.push("it runs, and prune says that it removed it");
  if (whole) wrong.push(...lookAt(home).problems);
  return { claimed, removed, wrong };
}

/** Two prunes and a claimant, each a few steps at a time, in random orders. */
export function raceTwoPrunes(cheap: CheapHome, rounds: number, seed: number): readonly string[] {
  const random = randomOf(seed);
  const broken: string[] = [];
  for (let round = 0; round < rounds; round++) {
    cheap.reset();
    const claimant = claimantOf(cheap, round % 2 === 0 ? "exec" : "library", NONE);
    const rival = new Stepped(real, isShared(cheap.home), (fileSystem) => prune(cheap, fileSystem, "e"));
    const order: string[] = [];
    const go = (name: string, who: { readonly waits: boolean; advance(steps: number): unknown }, steps: number) => {
      order.push(`${name} ${steps}`);
      try {
        if (who.waits) who.advance(steps);
      } catch (error) {
        if (!who.waits) broken.push(`${name}: ${String(error)}`);
      }
    };
    claimant.advance(0);
    go("rival", { waits: true, advance: () => rival.advance(0) }, 0);
    const watched = counting(cheap.home, () => {
      if (random() < 0.08) go("rival", rival, 1 + Math.floor(random() * 25));
      if (random() < 0.08) go("claimant", claimant, 1 + Math.floor(random() * 4));
    });
    prune(cheap, watched);
    go("claimant", claimant, Math.floor(random() * 6));
    go("rival", rival, 1000);
    go("claimant", claimant, 1000);
    if (claimant.claimed() && !isInstalled(cheap.home)) broken.push(`it runs, and its installation is gone: ${order}`);
  }
  return broken;
}

function prune({ world, home }: CheapHome, fileSystem: FileSystem, names = "a"): boolean {
  const { removed } = pruneUnderLock(
    { ...world, fileSystem, identifiers: countedNames(names) },
    { home, dryRun: false, before: 100, keepGenerations: 1 },
  );
  return removed.some(({ engine, version }) => engine === CLAIM.engine && version === CLAIM.version);
}

interface Claimant {
  advance(steps: number): void;
  readonly waits: boolean;
  readonly steps: number;
  claimed(): boolean;
  /** Any other answer than yes, `marked` and `release-not-installed`. */
  problem(): unknown;
}

function claimantOf({ world, home }: CheapHome, how: Kind, mutant: Mutant): Claimant {
  let claimed = false;
  let problem: unknown;
  const refuse = (error: unknown) => {
    if (!stepped.waits && !isEngineryError(error, "marked", "release-not-installed")) problem = error;
  };
  const stepped: Stepped<void> = new Stepped(real, isShared(home), (disk) => {
    const fileSystem = mutant.claimant?.(disk, home) ?? disk;
    const living = { ...world, fileSystem, identifiers: countedNames("b") };
    const begin = () => {
      if (!stepped.waits) claimed = true;
    };
    try {
      if (how === "library") {
        // by hand: the same steps each time that it is begun
        const host = hostHome(living, home, handPulse());
        // Never disposed of: it runs on.
        host.lease(host.resolve({ engine: "toy", epoch: 50 }));
        begin();
      } else startEngine(living, home, begin, refuse);
    } catch (error) {
      refuse(error);
    }
  });
  return {
    advance: (steps) => stepped.advance(steps),
    get waits() {
      return stepped.waits;
    },
    get steps() {
      return stepped.steps;
    },
    claimed: () => claimed,
    problem: () => problem,
  };
}

/** All of `exec` up to the engine's start is done when this returns. */
function startEngine(
  living: CheapHome["world"],
  home: string,
  begin: () => void,
  refuse: (error: unknown) => void,
): void {
  const children = {
    ...living.children,
    replace: () => {
      begin();
      // It runs on, with its lease.
      return new Promise<number>(() => undefined);
    },
  };
  const request = { home, engine: "toy", epoch: 50, args: [], env: {} };
  exec({ ...living, children }, request).catch(refuse);
}

function isInstalled(home: string): boolean {
  const place = join("engines", CLAIM.engine, CLAIM.version);
  const tree = recordAt(home, join(place, "SEAL.json"))?.["tree"];
  const files = recordAt(home, join("trees", `${tree}.json`))?.["files"] as
    | { path: string; sha256: string }[]
    | undefined;
  return files?.every(({ path, sha256 }) => isWhole(join(home, place, path), sha256)) ?? false;
}

/** Tells of each shared step before it is taken. */
function counting(home: string, before: () => void): FileSystem {
  const isStep = isShared(home);
  return new Proxy(real, {
    get: (target, name: keyof FileSystem) => (path: string, second: unknown) => {
      const to = name === "rename" || name === "link" ? { to: String(second) } : {};
      if (isStep({ name, path: name === "symlink" ? String(second) : path, ...to })) before();
      return (target[name] as (...words: readonly unknown[]) => unknown)(path, second);
    },
  });
}

/** Reads the leases before it writes its mark, and not after. */
export const PRUNE_READS_FIRST: Mutant = {
  prune: (fileSystem, home) => {
    const leases = fileSystem.list(join(home, "leases"));
    return { ...spread(fileSystem), list: (path) => (path === join(home, "leases") ? leases : fileSystem.list(path)) };
  },
};

/** Looks for the mark before it writes its lease, and not after. */
export const CLAIMANT_LOOKS_FIRST: Mutant = {
  claimant: (fileSystem, home) => {
    const name = `${CLAIM.engine}@${CLAIM.version}`;
    const early = new Map<string, ReturnType<FileSystem["status"]>>();
    const installation = join(home, "engines", CLAIM.engine, CLAIM.version);
    const seal = join(installation, "SEAL.json");
    const looked = [join(home, "marks", name), installation, seal];
    let sealed: Uint8Array | undefined;
    return {
      ...spread(fileSystem),
      rename: (from, to) => {
        if (to.startsWith(join(home, "leases"))) {
          for (const one of looked) early.set(one, fileSystem.status(one));
          sealed = fileSystem.readFile(seal);
        }
        fileSystem.rename(from, to);
      },
      status: (path) => (early.has(path) ? early.get(path) : fileSystem.status(path)),
      readFile: (path, maxBytes) => (path === seal && sealed ? sealed : fileSystem.readFile(path, maxBytes)),
    };
  },
};

/** A proxy has no members of its own to spread. */
function spread(fileSystem: FileSystem): FileSystem {
  const names = Object.keys(real) as (keyof FileSystem)[];
  return Object.fromEntries(names.map((name) => [name, fileSystem[name]])) as unknown as FileSystem;
}
