import type { Generation, Installation } from "./model/home.ts";
import type { Epoch, Manifest, Version } from "./model/manifest.ts";
import type { Work } from "./work.ts";

export interface RollbackFacts {
  readonly newest: Generation;
  /** The generation to restate. */
  readonly to: Generation;
  /** The accepted one: a rollback never changes the schedule. */
  readonly manifest: Manifest;
  /** The present one; undefined where it is unknown. */
  readonly epoch?: Epoch | undefined;
  /** The last epoch that was seen, however long ago: it has begun, and epoch 0 always has. */
  readonly observed?: Epoch | undefined;
  /**
   * On record here. Where the epoch is unknown, one that work ran in has begun; where it is known, that was a trial ahead. Asked only where
   * the observation does not decide.
   */
  readonly work: Iterable<Work>;
  /** Whether an installation is on disk, sealed. */
  readonly present: (installation: Installation) => boolean;
}

export interface RollbackPlan {
  readonly installations: readonly Installation[];
  readonly selections: Readonly<Record<string, Version>>;
  readonly restores: number;
  /** `upgrade` holds still until a serial above this one. */
  readonly holdsSerial: number;
  /** What is stated now and no longer then. */
  readonly lostEngines: readonly { readonly engine: string; readonly version: Version }[];
  /** Those of `lostEngines` that answer for epochs which have begun, as far as that is known. */
  readonly losesBegun: readonly BegunDeployment[];
  /** Of engines without a schedule, by name. */
  readonly changedSelections: readonly ChangedSelection[];
}

export interface BegunDeployment {
  readonly engine: string;
  readonly version: Version;
  readonly validFrom: Epoch;
  /** Where work tells that `validFrom` has begun, and no observation: the highest epoch in which this engine ran here. */
  readonly ran?: Epoch;
}

/** Null: none is selected. */
export interface ChangedSelection {
  readonly engine: string;
  readonly before: Version | null;
  readonly after: Version | null;
}

/** A new generation that restates an old one: installations that are there still, and selections. Nothing is refused here. */
export function planRollback(facts: RollbackFacts): RollbackPlan {
  const { newest, to, present } = facts;
  const now = new Map(newest.installations.map((installation) => [nameOf(installation), installation]));
  // the same bytes: entry points and guards that they were given since are no less true then
  const installations = to.installations.filter(present).map((then) => now.get(nameOf(then)) ?? then);
  const then = new Set(installations.map(nameOf));
  const lost = newest.installations.filter((installation) => !then.has(nameOf(installation)));
  return {
    installations,
    selections: to.selections,
    restores: to.number,
    holdsSerial: newest.manifest.serial,
    lostEngines: lost.map(({ engine, version }) => ({ engine, version })),
    losesBegun: begunOf(facts, lost),
    changedSelections: changedSelections(facts),
  };
}

/** Of the same bytes under the same label. */
function nameOf({ engine, version, tree }: Installation): string {
  return `${engine}@${version} ${tree}`;
}

function begunOf(facts: RollbackFacts, lost: readonly Installation[]): readonly BegunDeployment[] {
  const { manifest, epoch: present, observed = 0, work } = facts;
  const deployed = lost.flatMap(({ engine, version }) =>
    deploymentsOf(manifest, engine)
      .filter((one) => one.version === version)
      .map(({ validFrom }) => ({ engine, version, validFrom })),
  );
  const isDecided = present !== undefined || deployed.every(({ validFrom }) => validFrom <= observed);
  const ran = isDecided ? new Map<string, Epoch>() : lastRuns(work);
  return deployed.flatMap((one) => {
    if (one.validFrom <= observed) return [one];
    const epoch = ran.get(one.engine);
    return epoch === undefined || one.validFrom > epoch ? [] : [{ ...one, ran: epoch }];
  });
}

/** The highest epoch in which each engine ran. */
function lastRuns(work: Iterable<Work>): ReadonlyMap<string, Epoch> {
  const last = new Map<string, Epoch>();
  for (const { engine, epoch } of work) {
    if (epoch !== undefined && epoch >= (last.get(engine) ?? 0)) last.set(engine, epoch);
  }
  return last;
}

function changedSelections({ newest, to, manifest }: RollbackFacts): readonly ChangedSelection[] {
  const engines = [...new Set([...Object.keys(newest.selections), ...Object.keys(to.selections)])].sort();
  return engines
    .filter((engine) => deploymentsOf(manifest, engine).length === 0)
    .map((engine) => ({
      engine,
      before: selectionOf(newest, engine),
      after: selectionOf(to, engine),
    }))
    .filter(({ before, after }) => before !== after);
}

function selectionOf({ selections }: Generation, engine: string): Version | null {
  return Object.hasOwn(selections, engine) ? (selections[engine] ?? null) : null;
}

function deploymentsOf({ engines }: Manifest, engine: string) {
  return Object.hasOwn(engines, engine) ? (engines[engine]?.deployments ?? []) : [];
}
