import { EngineryError, isEngineryError } from "../core/errors.ts";
import { lastKnownGood } from "../core/last-known-good.ts";
import type { Config, Generation, Installation } from "../core/model/home.ts";
import type { Manifest, Sha256 } from "../core/model/manifest.ts";
import { quote } from "../core/quote.ts";
import { releaseName } from "../core/release-name.ts";
import { planPrune } from "../core/retention.ts";
import type { Home } from "../store/home.ts";
import { commitGeneration, record, settle } from "./commit.ts";
import { standingQuarantine } from "./host-quarantine.ts";
import { withLock } from "./locking.ts";
import { makeRoom } from "./make-room.ts";
import type { PruneRequest, PruneResult } from "./operator.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { laterManifests, treesOf } from "./staged-ahead.ts";
import { sweepRecords } from "./sweep.ts";
import { sweepLeases, workOnRecord } from "./work.ts";
import type { World } from "./world.ts";

/** Generations kept where the config names no other number: the newest, the one to roll back to, and one more. */
export const DEFAULT_KEEP_GENERATIONS = 3;

const ATTEMPTS = 3;

type Plan = ReturnType<typeof planPrune>;

/** Removes what nothing keeps, and says of all the rest what keeps it (docs/operations/prune.md). Errors: `commit-lost`, `busy`. */
export async function prune(world: World, request: PruneRequest): Promise<PruneResult> {
  const snapshot = takeSnapshot(world, request);
  warnOfNoLease(world, snapshot.home, request.forgetLease);
  if (request.dryRun) return resultOf(planFor(world, snapshot, request), snapshot.newest, true);
  try {
    return await withLock(world, snapshot.home, "prune", () => pruneUnderLock(world, request));
  } catch (error) {
    if (!isEngineryError(error, "disk-full")) throw error;
    // prune.md, "On a full disk"
    makeRoom(world, snapshot.home, planFor(world, snapshot, request).retire);
    return await pruneInLittleRoom(world, request, snapshot.home);
  }
}

/** A lease may be gone by itself meanwhile, so that is no error; an ID that was mistyped keeps its installation for good. */
function warnOfNoLease(world: World, { leases }: Home, id: string | undefined): void {
  if (id === undefined || leases.all().some((lease) => lease.id === id)) return;
  world.reporter.warn(
    "lease",
    `There is no lease ${quote(id)} to forget: see \`enginery prune --dry-run --json\` for their IDs.`,
  );
}

async function pruneInLittleRoom(world: World, request: PruneRequest, home: Home): Promise<PruneResult> {
  try {
    return await withLock(world, home, "prune", () => {
      sweepRecords(home, takeSnapshot(world, request).newest);
      return pruneUnderLock(world, request);
    });
  } catch (error) {
    if (!isEngineryError(error, "disk-full")) throw error;
    throw new EngineryError(
      "disk-full",
      "The disk is full, and nothing of this home could go without a byte of room.",
      {
        hint: "Free a few KiB beside the home, then prune again.",
        context: { ...error.context, home: home.path },
        cause: error,
      },
    );
  }
}

/** For those who hold the writer lock already. */
export function pruneUnderLock(world: World, request: PruneRequest): PruneResult {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const result = pruneOnce(world, request);
    if (result !== "lost") return result;
  }
  throw new EngineryError("commit-lost", `Other writers committed first, ${ATTEMPTS} times.`);
}

function pruneOnce(world: World, request: PruneRequest): PruneResult | "lost" {
  const operation = world.identifiers.operation();
  const snapshot = takeSnapshot(world, request);
  const { home } = snapshot;
  sweepLeases(world, home, operation, request.forgetLease);
  home.marks.sweep();
  const planned = planFor(world, snapshot, request);
  // prune.md 2: marks first, then everything that may claim is read again; a claimant does it the other way round
  for (const { engine, version } of planned.remove) home.marks.put(engine, version, operation);
  try {
    const now = takeSnapshot(world, request);
    const isOurs = ({ engine, version }: Installation) => home.marks.get(engine, version)?.operation === operation;
    const plan = isSettled(planned, snapshot, now)
      ? planned
      : agreed(planned.remove.filter(isOurs), planFor(world, now, request));
    const reasons = request.force === undefined ? {} : { reasons: { force: request.force } };
    const newest = commitRestated(world, now, operation, plan.restate, reasons);
    if (newest === "lost") return "lost";
    home.generations.retire(plan.retire);
    // prune.md 6, before anything goes: a launcher or link never leads to what is not there
    settle(world, home, newest, now.manifest, newest !== now.newest);
    for (const { engine, version } of plan.remove) home.installations.toTrash(engine, version);
    home.staging.removeTrash(plan.remove.reduce((sum, { files }) => sum + files, 0));
    sweepRecords(home, newest);
    const result = resultOf(plan, newest, false);
    const { removed, freedBytes } = result;
    if (removed.length > 0 || newest.number !== now.newest.number) {
      const told = { removed, freedBytes, ...reasons };
      record(world, home, operation, "prune", told, { from: now.newest.number, to: newest.number });
    }
    return result;
  } finally {
    for (const { engine, version } of planned.remove) home.marks.remove(engine, version, operation);
  }
}

/** Where nothing is marked no claim can be missed: then every pin, lease and line of the ledger is read once. */
function isSettled({ remove }: Plan, planned: Snapshot, now: Snapshot): boolean {
  return remove.length === 0 && now.newest.number === planned.newest.number;
}

/** Only what both readings would remove, and what no other prune has marked before us, goes. */
function agreed(marked: readonly Installation[], again: Plan): Plan {
  const names = new Set(marked.map(releaseName));
  return { ...again, remove: again.remove.filter((release) => names.has(releaseName(release))) };
}

/** A generation that names what goes would lie, so one that states what stays comes before anything is removed. */
function commitRestated(
  world: World,
  { home, newest, manifest }: Snapshot,
  operation: string,
  restate: readonly Installation[],
  reasons: Pick<Generation, "reasons">,
): Generation | "lost" {
  if (restate.length === newest.installations.length) return newest;
  const { channel, trustSet, selections, holdsSerial, restores } = newest;
  const next = {
    cause: "prune" as const,
    channel,
    trustSet,
    manifest: newest.manifest,
    installations: restate,
    selections,
    ...(holdsSerial === undefined ? {} : { holdsSerial }),
    // else a rollback after it would go forward again
    ...(restores === undefined ? {} : { restores }),
    ...reasons,
  };
  const committed = commitGeneration(world, home, operation, newest, next, manifest);
  return committed.outcome === "lost" ? "lost" : committed.generation;
}

function planFor(world: World, snapshot: Snapshot, request: PruneRequest): Plan {
  const { home, config, newest, manifest, epoch } = snapshot;
  const generations = home.generations
    .numbers()
    .filter((number) => number !== newest.number)
    // one that cannot be read may name anything: nothing goes before `doctor --fix` has set it aside
    .flatMap((number) => home.generations.read(number) ?? []);
  const leases = home.leases
    .all()
    .filter(({ id }) => id !== request.forgetLease)
    .map((lease) => ({ lease, state: home.leases.state(lease) }));
  const readable = [newest, ...generations];
  const named = new Set(readable.flatMap(({ installations }) => installations.map(releaseName)));
  const later = laterManifests(home, newest, new Set(readable.map((one) => one.manifest.sha256)));
  const plan = planPrune({
    newest,
    generations,
    unnamed: orphans(home, named, treesOf(later)),
    manifest,
    pins: home.pins.all(),
    leases,
    epoch,
    lastKnownGood: lastKnownGood({
      manifest,
      newest,
      epoch,
      work: workOnRecord(world, home),
      quarantined: badTrees(world, home),
    }),
    policy: policyOf(config, request),
  });
  requirePublisherAsked(plan, request, manifest);
  return plan;
}

/** Who prunes below what the publisher says may be replayed or disputed cannot answer for it any more. Errors: `prune-below-retention`. */
function requirePublisherAsked({ publisherOnly }: Plan, { before }: PruneRequest, { unit }: Manifest): void {
  const [first] = publisherOnly;
  if (before === undefined || first === undefined) return;
  throw new EngineryError(
    "prune-below-retention",
    `The publisher needs ${publisherOnly.map(releaseName).join(", ")}, and --before ${before} would let go of that: work of its ${unit}s may still be asked for.`,
    { context: { before, needed: publisherOnly.map(({ engine, version }) => ({ engine, version })) } },
  );
}

function badTrees(world: World, home: Home): ReadonlySet<Sha256> {
  return new Set(standingQuarantine(world, home.quarantine.survey().records).map(({ tree }) => tree));
}

export function policyOf(config: Config, request: Partial<PruneRequest>) {
  return {
    keepGenerations: Math.max(1, request.keepGenerations ?? config.keepGenerations ?? DEFAULT_KEEP_GENERATIONS),
    keepEpochs: config.keepEpochs,
    keepSuperseded: config.keepSuperseded,
    keepLastKnownGood: config.keepLastKnownGood ?? true,
    before: request.before,
    overrulesPublisher: request.force !== undefined && request.before !== undefined,
    keepUnscheduled: request.keepUnscheduled,
  };
}

/** Installations that no generation names: left by an operation that failed or died before its commit, or only claimed still. */
function orphans(home: Home, named: ReadonlySet<string>, staged: ReadonlySet<Sha256>): readonly Installation[] {
  return home.installations.list().flatMap(({ engine, version }) => {
    if (named.has(releaseName({ engine, version }))) return [];
    const seal = sealOf(home, engine, version);
    if (seal !== undefined && staged.has(seal.tree)) return [];
    const { platform, tree, bytes, files } = seal ?? { platform: "any", tree: "", bytes: 0, files: 0 };
    return [{ engine, version, platform, tree, bytes, files, entries: {} }];
  });
}

function sealOf(home: Home, engine: string, version: string) {
  try {
    return home.installations.seal(engine, version);
  } catch {
    return undefined;
  }
}

function resultOf({ remove, keep, retire }: Plan, { number }: Generation, dryRun: boolean): PruneResult {
  const removed = remove.map(({ engine, version, bytes }) => ({ engine, version, bytes }));
  return {
    generation: number,
    removed,
    kept: keep.map(({ installation: { engine, version, bytes }, keptBy }) => ({ engine, version, bytes, keptBy })),
    freedBytes: removed.reduce((total, { bytes }) => total + bytes, 0),
    retiredGenerations: retire,
    ...(dryRun ? { dryRun: true as const } : {}),
  };
}
