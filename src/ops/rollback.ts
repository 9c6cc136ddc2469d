import { EngineryError } from "../core/errors.ts";
import { mergeInstallations } from "../core/merge-installations.ts";
import type { Generation, Installation } from "../core/model/home.ts";
import type { Manifest } from "../core/model/manifest.ts";
import { releaseName } from "../core/release-name.ts";
import { type BegunDeployment, planRollback } from "../core/rollback.ts";
import type { Home } from "../store/home.ts";
import { commitGeneration, record, settle } from "./commit.ts";
import { withLock } from "./locking.ts";
import type { RollbackRequest, RollbackResult } from "./operator.ts";
import { type DatedSnapshot, renewSnapshot, type Snapshot, takeSnapshot } from "./snapshot.ts";
import { warnUnknownEpoch } from "./unknown-epoch.ts";
import { workOnRecord } from "./work.ts";
import type { World } from "./world.ts";

/**
 * Commits a new generation that restates an older one's installations and selections, never its schedule
 * (docs/operations/rollback.md). Fetches nothing. Errors: `unknown-generation`, `rollback-loses-epoch`, `release-not-installed`.
 */
export async function rollback(world: World, request: RollbackRequest): Promise<RollbackResult> {
  const before = takeSnapshot(world, request);
  warnUnknownEpoch(world, before.manifest, before.epoch);
  if (request.dryRun) return plannedRollback(world, before, request).result;
  return await withLock(world, before.home, "rollback", () => perform(world, request, before));
}

function perform(world: World, request: RollbackRequest, before: DatedSnapshot): RollbackResult {
  const snapshot = renewSnapshot(world, request, before);
  const { home, newest, manifest } = snapshot;
  const operation = world.identifiers.operation();
  const { installations, plan, target, result } = plannedRollback(world, snapshot, request);
  using claims = new DisposableStack();
  // rollback.md 2: what only an older generation names may be marked by prune: claim, then look
  for (const { engine, version } of notIn(installations, newest.installations)) {
    claims.use(home.leases.take({ engine, version }));
  }
  const next = {
    cause: "rollback" as const,
    channel: newest.channel,
    trustSet: newest.trustSet,
    manifest: newest.manifest,
    installations,
    selections: plan.selections,
    restores: target.number,
    holdsSerial: plan.holdsSerial,
    ...(request.force === undefined ? {} : { reasons: { force: request.force } }),
  };
  const condemned = request.markBad === undefined ? [] : markBad(world, home, result.lost, newest, request.markBad);
  const committed = commitGeneration(world, home, operation, newest, next, manifest);
  // only what is really left behind is condemned
  if (committed.outcome === "lost") for (const tree of condemned) home.quarantine.lift(tree);
  if (committed.outcome === "lost") throw new EngineryError("commit-lost", "Another writer committed first.");
  const { generation } = committed;
  settle(world, home, generation, manifest, true);
  const { lost, selections } = result;
  const reasons = {
    ...(request.force && { force: request.force }),
    ...(request.markBad && { markBad: request.markBad }),
  };
  record(
    world,
    home,
    operation,
    "rollback",
    { restores: target.number, lost, ...(selections.length > 0 && { selections }), ...reasons },
    {
      from: newest.number,
      to: generation.number,
    },
  );
  return { ...result, generation: generation.number };
}

function plannedRollback(world: World, { home, newest, manifest, epoch }: Snapshot, request: RollbackRequest) {
  const target = targetOf(home, newest, request.to);
  requirePresent(target, presentIn(home, newest));
  const observed = home.clock.read()?.epoch;
  const plan = planRollback({
    newest,
    to: target,
    manifest,
    epoch,
    observed,
    work: workOnRecord(world, home),
    present: () => true,
  });
  const pinned = pinnedOf(home, notIn(newest.installations, plan.installations));
  const installations = pinned.length === 0 ? plan.installations : mergeInstallations(plan.installations, pinned);
  const kept = new Set(installations.map(({ tree }) => tree));
  const begun = plan.losesBegun.filter(({ engine, version }) => !installations.some(isRelease(engine, version)));
  const [first] = begun;
  if (first !== undefined && request.force === undefined) {
    throw new EngineryError("rollback-loses-epoch", losesBegun(target, first, manifest), { context: { begun } });
  }
  const lost = newest.installations
    .filter(({ tree }) => !kept.has(tree))
    .map(({ engine, version }) => ({ engine, version }));
  const result: RollbackResult = {
    generation: request.dryRun ? newest.number : newest.number + 1,
    restores: target.number,
    downloadedBytes: 0,
    lost,
    selections: plan.changedSelections,
    ...(request.dryRun ? { dryRun: true as const } : {}),
  };
  return { target, plan, installations, result };
}

function losesBegun(
  { number }: Generation,
  { validFrom, ran, ...release }: BegunDeployment,
  { unit }: Manifest,
): string {
  const lacks = `Generation ${number} lacks ${releaseName(release)}`;
  if (ran === undefined) return `${lacks}, and ${unit} ${validFrom} has begun.`;
  return `${lacks}, in effect from ${unit} ${validFrom} on, and work ran here in ${unit} ${ran}.`;
}

/**
 * Of what the newest generation names with the same tree a look at the folders is enough: restating it loses nothing. Of all else the seal
 * is read. Cost: one look an engine, one seal for each release that only the older generation names.
 */
function presentIn(home: Home, newest: Generation): (installation: Installation) => boolean {
  const folders = new Set(home.installations.list().map(releaseName));
  const stated = new Map(newest.installations.map((installation) => [releaseName(installation), installation.tree]));
  return ({ engine, version, tree }) => {
    const name = releaseName({ engine, version });
    if (stated.get(name) === tree) return folders.has(name);
    return home.installations.seal(engine, version)?.tree === tree;
  };
}

/** What an older generation names is kept while that generation is; where it is gone all the same, going back is refused. */
function requirePresent(target: Generation, present: (installation: Installation) => boolean): void {
  const gone = target.installations.filter((installation) => !present(installation));
  const [first] = gone;
  if (first === undefined) return;
  throw new EngineryError(
    "release-not-installed",
    `Generation ${target.number} names ${first.engine}@${first.version}, which is no longer on disk.`,
    {
      hint: `Install it: enginery install ${first.engine}@${first.version}`,
      context: { generation: target.number, gone: gone.map(({ engine, version }) => ({ engine, version })) },
    },
  );
}

/** The default is one further back each time: a rollback after a rollback does not undo it. */
function targetOf(home: Home, newest: Generation, asked: number | undefined): Generation {
  const below = newest.restores ?? newest.number;
  const number = asked ?? home.generations.numbers().findLast((candidate) => candidate < below);
  const generation = number === undefined ? undefined : home.generations.read(number);
  if (generation !== undefined && generation.number !== newest.number) return generation;
  if (generation !== undefined) {
    throw new EngineryError(
      "unknown-generation",
      `Generation ${generation.number} is the newest: nothing to go back to.`,
    );
  }
  throw new EngineryError(
    "unknown-generation",
    number === undefined ? "There is no generation to go back to." : `There is no generation ${number}.`,
    { context: { generations: home.generations.numbers() } },
  );
}

/** A pinned tenant keeps its release whatever the generation restated did not have. Where that had all, no pin is read. */
function pinnedOf(home: Home, left: readonly Installation[]): readonly Installation[] {
  if (left.length === 0) return [];
  const pinned = new Set<string>();
  for (const { tree } of home.pins.all()) pinned.add(tree);
  return left.filter(({ tree }) => pinned.has(tree));
}

/** Answers the trees that were not condemned before. */
function markBad(
  world: World,
  home: Home,
  lost: RollbackResult["lost"],
  newest: Generation,
  reason: string,
): readonly string[] {
  const at = new Date(world.clock.now()).toISOString();
  const known = new Set(home.quarantine.list().map(({ tree }) => tree));
  const left = newest.installations.filter(({ engine, version }) => lost.some(isRelease(engine, version)));
  for (const { engine, version, tree } of left) home.quarantine.put({ format: 1, tree, engine, version, reason, at });
  return left.map(({ tree }) => tree).filter((tree) => !known.has(tree));
}

function isRelease(engine: string, version: string) {
  return (release: { readonly engine: string; readonly version: string }) =>
    release.engine === engine && release.version === version;
}

function notIn(some: readonly Installation[], others: readonly Installation[]): readonly Installation[] {
  const trees = new Set(others.map(({ tree }) => tree));
  return some.filter(({ tree }) => !trees.has(tree));
}
