import { beginnings } from "../core/beginnings.ts";
import { EngineryError, isEngineryError } from "../core/errors.ts";
import { holdEndWords } from "../core/hold.ts";
import { releaseName } from "../core/release-name.ts";
import {
  type Advance,
  type AdvancePlan,
  performAdvance,
  planAdvance,
  plannedResult,
  writesNothing,
} from "./advance.ts";
import { record } from "./commit.ts";
import { standingHold } from "./hold.ts";
import { acceptLate } from "./late-work.ts";
import { prepareToWrite, withLock } from "./locking.ts";
import { pinnedNotPromised, warnOfPinned } from "./not-promised.ts";
import type {
  CheckRequest,
  CheckResult,
  InstallResult,
  PrunedRelease,
  PruneResult,
  UpgradeRequest,
  UpgradeResult,
  WithdrawnRelease,
} from "./operator.ts";
import { pruneUnderLock } from "./prune.ts";
import { type Refreshed, refresh } from "./refresh.ts";
import { basesOf, fetcherFor } from "./repository-access.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { believedSet, isVouchedFor } from "./trust-state.ts";
import { warnUnknownEpoch } from "./unknown-epoch.ts";
import { doesUseDeltas } from "./ways.ts";
import type { World } from "./world.ts";

const ATTEMPTS = 5;

/**
 * Refreshes trust, accepts the new manifest, stages what is new, proves it, commits, then prunes (docs/operations/upgrade.md).
 * Nothing new: the generation stays and no archive is fetched. Errors: `trust-*`, `schedule-*`, and those of `install`.
 */
export async function upgrade(world: World, request: UpgradeRequest): Promise<UpgradeResult> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const snapshot = takeSnapshot(world, request);
    const advance = await prepareUpgrade(world, request, snapshot);
    const held = holdReason(world, request, snapshot, advance.refreshed);
    if (held !== undefined) return await heldResult(world, request, snapshot, advance, held);
    const plan = planAdvance(world, advance);
    if (plan.changes) warnUnknownEpoch(world, advance.manifest, snapshot.epoch);
    if (request.dryRun) return upgraded(snapshot, advance, plannedResult(advance, plan), []);
    if (writesNothing(advance, plan)) {
      prepareToWrite(world, snapshot.home);
      return upgraded(snapshot, advance, nothingDone(advance, plan), []);
    }
    const done = await withLock(world, snapshot.home, "upgrade", async () => {
      const performed = await performAdvance(world, snapshot.home, advance, plan);
      if (performed === "lost") return "lost";
      const { result, generation } = performed;
      if (generation === undefined) recordReasons(world, snapshot, advance);
      const pruned = generation === undefined || !request.prune ? undefined : pruneAfter(world, request);
      const newest = pruned?.generation ?? result.generation;
      return upgraded(snapshot, advance, { ...result, generation: newest }, pruned?.removed ?? []);
    });
    if (done !== "lost") return done;
  }
  throw new EngineryError("commit-lost", `Other writers committed first, ${ATTEMPTS} times.`);
}

/** What `upgrade` would do, from the network, changing nothing. */
export async function check(world: World, request: CheckRequest): Promise<CheckResult> {
  const snapshot = takeSnapshot(world, request);
  const advance = await prepareUpgrade(world, { ...request, acceptLate: "check" }, snapshot);
  const plan = planAdvance(world, advance);
  const missing = plan.wanted.filter(({ installed }) => !installed);
  const begins = beginnings(advance.manifest);
  const ways = new Map(plan.ways.map((way) => [releaseName(way), way]));
  const wayOf = (name: string) => {
    const { way = "archive", from, downloadBytes = 0 } = ways.get(name) ?? {};
    return { way, downloadBytes, ...(from === undefined ? {} : { from }) };
  };
  return {
    updates: missing.map(({ engine, version, release }) => ({
      engine,
      version,
      validFrom: begins.get(releaseName({ engine, version })) ?? null,
      bytes: release.archive.bytes,
      ...wayOf(releaseName({ engine, version })),
    })),
    downloadBytes: plan.space.downloadBytes,
    diskBytes: plan.space.unpackedBytes,
    manifest: manifestOf(advance, snapshot),
    withdrawn: withdrawnHere(advance, snapshot),
    pinned: pinnedNotPromised(snapshot, advance.manifest),
  };
}

type PrepareRequest = CheckRequest & Partial<Pick<UpgradeRequest, "acceptLate" | "again" | "stageOnly">>;

async function prepareUpgrade(world: World, request: PrepareRequest, snapshot: Snapshot): Promise<Advance> {
  const { home, config, newest, epoch } = snapshot;
  const fetcher = await fetcherFor(world, request, config);
  const keeper = await world.trust(fetcher);
  const refreshed = await refresh(world, request, {
    home,
    fetcher,
    keeper,
    known: believedSet(keeper, home, newest),
    bases: basesOf(config),
    channel: config.channel,
    accepted: { bytes: snapshot.manifestBytes, manifest: snapshot.manifest },
    epoch,
  });
  acceptLate(world, home, refreshed.late, request.acceptLate);
  if (refreshed.manifestSha256 !== newest.manifest.sha256) warnOfPinned(world, snapshot, refreshed.manifest);
  return {
    homePath: request.home,
    verb: "upgrade",
    operation: world.identifiers.operation(),
    config,
    platform: config.platform ?? world.host.platform,
    names: request.names,
    manifest: refreshed.manifest,
    known: request.again === true ? undefined : snapshot.manifest,
    refreshed,
    home,
    base: { home, newest },
    endsHold: request.again === true && newest.holdsSerial !== undefined,
    epoch,
    reasons: {
      ...(request.allowExpired === undefined ? {} : { "allow-expired": request.allowExpired }),
      ...(request.acceptLate === undefined ? {} : { "accept-late": request.acceptLate }),
    },
    stageOnly: request.stageOnly ?? false,
    deltas: doesUseDeltas(request, config),
    restoresTrust: !isVouchedFor(keeper, home, newest, snapshot.manifestBytes),
    fetcher: async () => fetcher,
  };
}

/**
 * An operator's hold stops what nobody asked for by hand. After a rollback nothing is taken until the publisher has something newer, or the
 * operator says --again.
 */
function holdReason(
  world: World,
  request: UpgradeRequest,
  snapshot: Snapshot,
  refreshed: Refreshed | undefined,
): string | undefined {
  const said = request.automatic ? standingHold(world, snapshot) : undefined;
  if (said !== undefined)
    return `An operator's hold stops automatic upgrades${holdEndWords(said)}; \`enginery unhold\` ends it.`;
  const { holdsSerial, restores } = snapshot.newest;
  if (request.again || holdsSerial === undefined || refreshed === undefined) return undefined;
  if (refreshed.manifest.serial > holdsSerial) return undefined;
  return `After the rollback to generation ${restores ?? "before"}, serial ${holdsSerial} is not taken again; --again takes it.`;
}

async function heldResult(
  world: World,
  request: UpgradeRequest,
  snapshot: Snapshot,
  advance: Advance,
  held: string,
): Promise<UpgradeResult> {
  const { home } = snapshot;
  // what was seen is remembered all the same: trust never goes down
  if (!request.dryRun && advance.refreshed !== undefined) {
    const { set } = advance.refreshed;
    await withLock(world, home, "upgrade", () => {
      home.trust.commit(set);
      recordReasons(world, snapshot, advance);
    });
  }
  const plan = { wanted: [], refused: [], ways: [], space: noSpace(world, snapshot), changes: false };
  const result = nothingDone(advance, plan);
  return { ...upgraded(snapshot, advance, request.dryRun ? { ...result, dryRun: true } : result, []), held };
}

function nothingDone(advance: Advance, plan: AdvancePlan): InstallResult {
  const { dryRun, ...result } = plannedResult(advance, plan);
  return result;
}

function noSpace(world: World, { home }: Snapshot) {
  const { bytes } = world.fileSystem.freeSpace(home.path);
  return { downloadBytes: 0, unpackedBytes: 0, reserveBytes: 0, freeBytes: bytes, inodes: 0 };
}

/** What was overridden is told also where nothing was committed. */
function recordReasons(world: World, { home }: Snapshot, { operation, reasons }: Advance): void {
  if (Object.keys(reasons).length > 0) record(world, home, operation, "upgrade", { reasons });
}

/** The upgrade is committed: what prune meets is told and takes nothing back. */
function pruneAfter(world: World, request: UpgradeRequest): PruneResult | undefined {
  try {
    const { home, config } = request;
    return pruneUnderLock(world, { home, config, keepUnscheduled: true, dryRun: false });
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    world.reporter.warn("cleanup", `Nothing was pruned: ${error.message} Try: enginery prune`);
    return undefined;
  }
}

function upgraded(
  snapshot: Snapshot,
  advance: Advance,
  result: InstallResult,
  pruned: readonly PrunedRelease[],
): UpgradeResult {
  return {
    ...result,
    from: snapshot.newest.number,
    to: result.generation,
    manifest: manifestOf(advance, snapshot),
    pruned,
    withdrawn: withdrawnHere(advance, snapshot),
    pinned: pinnedNotPromised(snapshot, advance.manifest),
  };
}

/** As the publisher says it now, taken or not. */
function withdrawnHere({ manifest }: Advance, { newest }: Snapshot): readonly WithdrawnRelease[] {
  return newest.installations.flatMap(({ engine, version }) => {
    const reason = manifest.engines[engine]?.releases[version]?.withdrawn;
    return reason === undefined ? [] : [{ engine, version, reason }];
  });
}

function manifestOf({ refreshed }: Advance, { newest }: Snapshot): UpgradeResult["manifest"] {
  return refreshed === undefined
    ? newest.manifest
    : { serial: refreshed.manifest.serial, sha256: refreshed.manifestSha256 };
}
