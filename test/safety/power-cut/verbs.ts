import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hold } from "../../../src/ops/hold.ts";
import { install } from "../../../src/ops/install.ts";
import { observe } from "../../../src/ops/observe.ts";
import { pin, unpin } from "../../../src/ops/pin.ts";
import { prune } from "../../../src/ops/prune.ts";
import { sign } from "../../../src/ops/repo/sign.ts";
import type { PublisherWorld } from "../../../src/ops/repo/world.ts";
import { rollback } from "../../../src/ops/rollback.ts";
import { upgrade } from "../../../src/ops/upgrade.ts";
import { verify } from "../../../src/ops/verify.ts";
import { listOf, recordAt, textOf } from "../checker/reading.ts";
import { lookAtRepository } from "../checker/repository.ts";
import { outsideLeases } from "../checker/roots.ts";
import { copyHome, type Stage } from "../support/scenes.ts";

/** One verb under test, on a scene of its own: a folder on the disk that is cut off. */
export interface Verb {
  readonly name: string;
  arrange(stage: Stage, scene: string): void;
  act(world: PublisherWorld, stage: Stage, scene: string): Promise<unknown>;
  /** What comes after the power is back; default: the same again. */
  next?(world: PublisherWorld, stage: Stage, scene: string): Promise<unknown>;
  /** What the newest generation may be after the cut (0: no home yet), and after the next command. */
  readonly found: readonly number[];
  readonly ends: readonly number[];
  /** Whether what the verb promises is there. */
  holds(scene: string): boolean;
}

const QUIET = { dryRun: false, offline: false, allowHttp: false } as const;
export const homeIn = (scene: string): string => join(scene, "home");
const from = (which: keyof Stage["homes"]) => (stage: Stage, scene: string) =>
  copyHome(stage.homes[which], homeIn(scene));

export const upgradeIn = (world: PublisherWorld, home: string) =>
  upgrade(world, { home, names: [], stageOnly: false, again: false, prune: false, ...QUIET });
export const pruneIn = async (world: PublisherWorld, home: string) =>
  await prune(world, { home, dryRun: false, before: 100, keepGenerations: 1 });

export const VERBS: readonly Verb[] = [
  {
    name: "install",
    arrange: () => undefined,
    act: (world, { repositories, root }, scene) =>
      install(world, {
        home: homeIn(scene),
        names: [],
        from: repositories.first,
        channel: "toys",
        root: readFileSync(root),
        ...QUIET,
      }),
    found: [0, 1],
    ends: [1],
    holds: (scene) => newestIn(scene) === 1,
  },
  {
    name: "upgrade",
    arrange: from("behind"),
    act: (world, _stage, scene) => upgradeIn(world, homeIn(scene)),
    found: [1, 2],
    ends: [2],
    holds: (scene) => newestIn(scene) === 2 && installed(scene, "toy/3.0.0"),
  },
  {
    name: "rollback",
    arrange: from("second"),
    act: (world, _stage, scene) => rollback(world, { home: homeIn(scene), dryRun: false }),
    next: (world, _stage, scene) => rollback(world, { home: homeIn(scene), dryRun: false, to: 1 }),
    found: [2, 3],
    ends: [3, 4],
    holds: (scene) => newestIn(scene) === 3,
  },
  {
    name: "prune",
    arrange: from("second"),
    act: (world, _stage, scene) => pruneIn(world, homeIn(scene)),
    found: [2, 3],
    ends: [3],
    holds: (scene) => newestIn(scene) === 3 && !installed(scene, "toy/1.0.0"),
  },
  {
    name: "verify --repair",
    arrange: from("damaged"),
    act: (world, _stage, scene) =>
      verify(world, { home: homeIn(scene), names: [], repair: true, quick: false, ...QUIET }),
    found: [2],
    ends: [2],
    holds: (scene) => installed(scene, "toy/1.0.0"),
  },
  {
    name: "pin",
    arrange: from("second"),
    act: (world, _stage, scene) => pin(world, { home: homeIn(scene), dryRun: false, pins: [PIN] }),
    found: [2],
    ends: [2],
    holds: (scene) => pinned(scene).includes("vat-2 toy@2.0.0"),
  },
  {
    name: "pin over a pin",
    arrange: from("second"),
    act: (world, _stage, scene) => pin(world, { home: homeIn(scene), dryRun: false, pins: [OTHER_PIN] }),
    found: [2],
    ends: [2],
    holds: (scene) => pinned(scene).includes("vat-1 rig@2.0.0"),
  },
  {
    name: "pins of a file",
    arrange: from("second"),
    act: (world, _stage, scene) => pin(world, { home: homeIn(scene), dryRun: false, pins: [PIN, OTHER_PIN] }),
    found: [2],
    ends: [2],
    holds: (scene) => ["vat-1 rig@2.0.0", "vat-2 toy@2.0.0"].every((one) => pinned(scene).includes(one)),
  },
  {
    name: "unpin",
    arrange: from("second"),
    act: (world, _stage, scene) => unpin(world, { home: homeIn(scene), dryRun: false, tenant: "vat-1", engine: "rig" }),
    next: (world, _stage, scene) => observe(world, { home: homeIn(scene), epoch: 170, dryRun: false }),
    found: [2],
    ends: [2],
    holds: (scene) => pinned(scene).length === 0,
  },
  {
    name: "observe",
    arrange: from("second"),
    act: (world, _stage, scene) => observe(world, { home: homeIn(scene), epoch: 170, dryRun: false }),
    found: [2],
    ends: [2],
    holds: (scene) => recordAt(homeIn(scene), "clock/observed.json")?.["epoch"] === 170,
  },
  {
    name: "hold",
    arrange: from("second"),
    act: (world, _stage, scene) => hold(world, { home: homeIn(scene), dryRun: false, until: "epoch:900" }),
    found: [2],
    ends: [2],
    holds: (scene) => recordAt(homeIn(scene), "hold.json")?.["untilEpoch"] === 900,
  },
  {
    name: "leases moved outside",
    arrange: from("second"),
    act: (world, _stage, scene) =>
      install(world, { home: homeIn(scene), names: [], leases: join(scene, "leases"), ...QUIET }),
    found: [2],
    ends: [2],
    holds: (scene) => outsideLeases(homeIn(scene)) !== undefined && textOf(join(homeIn(scene), "VERSION")) === "2\n",
  },
  {
    name: "repo sign",
    arrange: ({ repositories }, scene) => cpSync(repositories.draft, repositoryIn(scene), { recursive: true }),
    act: (world, { keys }, scene) =>
      sign(world, { directory: repositoryIn(scene), keysDir: keys, epoch: 150, dryRun: false }),
    found: [2, 3],
    ends: [3],
    holds: (scene) => newestIn(scene) === 3,
  },
];

const PIN = { tenant: "vat-2", engine: "toy", version: "2.0.0" };
const OTHER_PIN = { tenant: "vat-1", engine: "rig", version: "2.0.0" };

export function repositoryIn(scene: string): string {
  return join(scene, "repository");
}

/** Number of the newest generation; of a repository, the channel's serial. */
export function newestIn(scene: string): number {
  if (listOf(repositoryIn(scene)).length > 0) return lookAtRepository(repositoryIn(scene)).serials["toys"] ?? 0;
  const numbers = listOf(join(homeIn(scene), "generations")).flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []);
  return Math.max(0, ...numbers.map(Number));
}

function installed(scene: string, place: string): boolean {
  return recordAt(homeIn(scene), join("engines", place, "SEAL.json")) !== undefined;
}

export function pinned(scene: string): readonly string[] {
  const home = homeIn(scene);
  return listOf(join(home, "pins")).flatMap((shard) =>
    readdirSync(join(home, "pins", shard)).map((name) => {
      const pin = recordAt(home, join("pins", shard, name));
      return `${pin?.["tenant"]} ${pin?.["engine"]}@${pin?.["version"]}`;
    }),
  );
}
