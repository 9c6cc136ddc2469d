import type { Generation, Installation, Lease, Pin } from "../../../src/core/model/home.ts";
import type { Engine, Manifest } from "../../../src/core/model/manifest.ts";
import type { RetentionPolicy } from "../../../src/core/retention.ts";
import type { Work } from "../../../src/core/work.ts";
import { deploymentsOf, engineOf, generationOf, hashOf, installationOf, manifestOf, type Row } from "./samples.ts";

/** Everything that prune looks at. */
export interface RandomHome {
  readonly manifest: Manifest;
  readonly newest: Generation;
  /** The older ones, in no order. */
  readonly generations: readonly Generation[];
  /** On disk, and named by no generation. */
  readonly unnamed: readonly Installation[];
  readonly pins: readonly Pin[];
  readonly leases: readonly { readonly lease: Lease; readonly state: "alive" | "gone" | "foreign" }[];
  readonly epoch: number | undefined;
  readonly work: readonly Work[];
  readonly quarantined: ReadonlySet<string>;
  readonly policy: RetentionPolicy;
}

export interface Sizes {
  readonly engines: number;
  readonly versions: number;
  readonly claims: number;
  readonly generations: number;
  readonly work: number;
  /** The highest epoch that anything begins at. */
  readonly lastEpoch: number;
  /** The identity of a release. */
  readonly treeOf: (engine: string, version: string) => string;
  /** Whether the manifest describes each release, which nothing here asks for. */
  readonly describes?: boolean;
}

const trees = new Map<string, string>();
function fakeTree(engine: string, version: string): string {
  const name = `${engine} ${version}`;
  const tree = trees.get(name) ?? hashOf(name);
  trees.set(name, tree);
  return tree;
}

export const LARGE: Sizes = {
  engines: 4,
  versions: 12,
  claims: 100,
  generations: 9,
  work: 60,
  lastEpoch: 60,
  treeOf: fakeTree,
};

const AT = "2026-01-02T03:04:05Z";

/** The same home for the same seed. */
export function randomHome(seed: number, sizes: Sizes = LARGE): RandomHome {
  const chance = chances(seed);
  const names = ["xs", "wasm", "pink", "hermes"].slice(0, chance.upTo(1, sizes.engines));
  const universe = new Map(names.map((name) => [name, versions(chance.upTo(1, sizes.versions))]));
  const releases = [...universe].flatMap(([engine, all]) => all.map((version) => ({ engine, version })));
  const installed = ({ engine, version }: { engine: string; version: string }): Installation =>
    installationOf(engine, version, { tree: sizes.treeOf(engine, version) });
  const someReleases = (share: number) => releases.filter(() => chance.is(share));
  const epoch = chance.is(0.12) ? undefined : chance.upTo(0, sizes.lastEpoch);
  const manifest = manifestOf(
    Object.fromEntries(
      [...universe].filter(() => chance.is(0.95)).map(([name, all]) => [name, randomEngine(chance, all, sizes)]),
    ),
  );
  const count = chance.upTo(0, sizes.generations);
  const share = chance.among([0.2, 0.6, 0.95]);
  const selections = Object.fromEntries(
    releases.filter(() => chance.is(0.05)).map(({ engine, version }) => [engine, version]),
  );
  const generations = Array.from({ length: count }, (_, at) =>
    generationOf(someReleases(share).map(installed), { number: at + 1 }),
  );
  const claims = () => (chance.is(0.7) ? chance.upTo(0, 3) : chance.upTo(0, sizes.claims));
  const one = () => chance.among(releases);
  return {
    manifest,
    newest: generationOf(someReleases(Math.max(share, 0.6)).map(installed), { number: count + 1, selections }),
    generations: chance.shuffled(generations),
    unnamed: someReleases(0.1).map(installed),
    pins: Array.from({ length: claims() }, (_, at): Pin => {
      const { engine, version } = one();
      return { format: 1, tenant: `t${at}`, engine, version, tree: sizes.treeOf(engine, version), at: AT };
    }),
    leases: Array.from({ length: claims() }, (_, at) => {
      const { engine, version } = one();
      const lease: Lease = { format: 1, id: `${engine}@${version}.l${at}`, engine, version, pid: at + 1 };
      return { lease, state: chance.among(["alive", "gone", "gone", "gone", "gone", "foreign"] as const) };
    }),
    epoch,
    work: Array.from({ length: chance.upTo(0, sizes.work) }, (_, at) => randomWork(chance, one(), at, sizes)),
    quarantined: new Set(someReleases(0.08).map(({ engine, version }) => sizes.treeOf(engine, version))),
    policy: randomPolicy(chance, sizes),
  };
}

function versions(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${at + 1}.0.0`);
}

/** Versions in order, each later one from a later epoch; some have no deployment, some engines no schedule. */
function randomEngine(chance: Chances, all: readonly string[], { lastEpoch, describes }: Sizes): Engine {
  const deployed = chance.is(0.15) ? [] : all.filter(() => chance.is(0.8));
  let validFrom = chance.upTo(0, 3) - 1;
  const rows = deployed.flatMap((version): Row[] => {
    validFrom += chance.upTo(1, Math.max(1, Math.floor((1.5 * lastEpoch) / all.length)));
    return validFrom > lastEpoch ? [] : [[version, validFrom]];
  });
  const retention = {
    ...(chance.is(0.7) ? { keepEpochs: chance.upTo(0, chance.among([3, lastEpoch])) } : {}),
    ...(chance.is(0.5) ? { keepSuperseded: chance.upTo(0, 4) } : {}),
  };
  const change = chance.is(0.6) ? { retention } : {};
  const shuffled = chance.shuffled(rows);
  return describes
    ? engineOf(shuffled, change, all)
    : { ...engineOf([], change), deployments: deploymentsOf(shuffled) };
}

function randomWork(chance: Chances, release: { engine: string; version: string }, at: number, sizes: Sizes): Work {
  const because = chance.among([
    "schedule",
    "schedule",
    "schedule",
    "selected",
    "selected",
    "pin",
    "explicit",
    undefined,
  ]);
  const hasEpoch = because === undefined ? chance.is(0.7) : because === "schedule";
  const tenant = because === "pin" || chance.is(0.1) ? { tenant: `t${at}` } : {};
  return {
    ...release,
    at: new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString(),
    by: because === undefined ? "ran" : "exec",
    ...(because === undefined ? {} : { because }),
    ...(hasEpoch ? { epoch: chance.upTo(0, sizes.lastEpoch) } : {}),
    ...(chance.is(0.8) ? { tree: sizes.treeOf(release.engine, release.version) } : {}),
    ...tenant,
  };
}

function randomPolicy(chance: Chances, { lastEpoch, generations }: Sizes): RetentionPolicy {
  const before = chance.is(0.25) ? chance.upTo(0, lastEpoch + 5) : undefined;
  return {
    keepGenerations: chance.among([0, 1, 1, 2, 3, generations]),
    keepEpochs: chance.is(0.6) ? chance.upTo(0, chance.among([3, lastEpoch])) : undefined,
    keepSuperseded: chance.is(0.6) ? chance.upTo(0, 4) : undefined,
    before,
    overrulesPublisher: before !== undefined && chance.is(0.4),
    keepUnscheduled: chance.is(0.3),
    keepLastKnownGood: chance.is(0.8),
  };
}

interface Chances {
  is(share: number): boolean;
  /** Both ends included. */
  upTo(least: number, most: number): number;
  among<T>(all: readonly T[]): T;
  shuffled<T>(all: readonly T[]): T[];
}

function chances(seed: number): Chances {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const upTo = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    is: (share) => next() < share,
    upTo,
    among: (all) => all[upTo(0, all.length - 1)] as never,
    shuffled: (all) =>
      all
        .map((one) => [next(), one] as const)
        .sort(([a], [b]) => a - b)
        .map(([, one]) => one),
  };
}
