import { isEngineryError } from "../core/errors.ts";
import type { Lease } from "../core/model/home.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import { isOfWork, type LeaseWork, RAN_VERB, type Work, workIn, workOfLeases } from "../core/work.ts";
import type { Home } from "../store/home.ts";
import { record } from "./commit.ts";
import type { World } from "./world.ts";

/** A ledger line holds this many rows at most: one of more than a MiB could not be read. */
const ROWS_A_LINE = 1000;

/** In its order. One pass over the ledger. */
export function* workInLedger(home: Home): Iterable<Work> {
  for (const entry of home.ledger.entries()) yield* workIn(entry);
}

/** All work that is on record: that of the ledger, then what leases alone tell. Errors: `home-damaged` where leases/ is a link. */
export function* workOnRecord(world: World, home: Home): Iterable<Work> {
  const told = new Set<string>();
  for (const work of workInLedger(home)) {
    if (work.lease !== undefined) told.add(runOf(work.lease));
    yield work;
  }
  yield* workOfLeases(untold(home, told, home.leases.all()), new Date(world.clock.now()).toISOString());
}

/**
 * prune.md 1: removes the leases whose process is gone, and the one to be forgotten. Launchers, and hosts in other languages, write no ledger:
 * what their leases tell of work is kept there first, and where that cannot be written the leases stay. Answers how many went.
 */
export function sweepLeases(world: World, home: Home, operation: string, forget?: string): number {
  home.leases.sweepAbandoned();
  // what cannot be removed is no more told twice than it is kept by: it tells by itself, for as long as it stays
  const isOver = (lease: Lease) => home.leases.state(lease) === "gone" && home.leases.isOursToRemove(lease.id);
  const ended = home.leases.all().filter((lease) => lease.id === forget || isOver(lease));
  const isKept = keepEvidence(world, home, operation, ended.filter(isOfWork));
  return ended.filter(({ id }) => (isKept || id === forget) && home.leases.remove(id)).length;
}

/** Whatever a line tells of already is not told again. False where the ledger could not be written. */
function keepEvidence(world: World, home: Home, operation: string, ended: readonly Lease[]): boolean {
  if (ended.length === 0) return true;
  const told = new Set<string>();
  for (const { lease } of workInLedger(home)) if (lease !== undefined) told.add(runOf(lease));
  const rows = workOfLeases(untold(home, told, ended), new Date(world.clock.now()).toISOString());
  for (let start = 0; start < rows.length; start += ROWS_A_LINE) {
    const ran = rows.slice(start, start + ROWS_A_LINE).map(({ by, ...row }) => row);
    if (!record(world, home, operation, RAN_VERB, { ran })) return false;
  }
  return true;
}

function untold(home: Home, told: ReadonlySet<string>, leases: readonly Lease[]): readonly LeaseWork[] {
  return leases
    .filter((lease) => isOfWork(lease) && !told.has(runOf(lease.id)))
    .map((lease) => ({ lease, writtenMs: home.leases.writtenMs(lease.id), tree: treeOf(home, lease) }));
}

/** `exec` and a child that it runs have a lease each, whose names end alike. */
function runOf(id: string): string {
  return /-[0-9a-f]{32}$/.exec(id)?.[0] ?? id;
}

function treeOf(home: Home, { engine, version }: Lease): Sha256 | undefined {
  try {
    return home.installations.seal(engine, version)?.tree;
  } catch (error) {
    if (isEngineryError(error)) return undefined;
    throw error;
  }
}
