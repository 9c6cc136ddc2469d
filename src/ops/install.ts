import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Config, Generation } from "../core/model/home.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import type { TrustKeeper, TrustSet } from "../ports/trust.ts";
import { createHome, type Home, openHome } from "../store/home.ts";
import { type Advance, performAdvance, planAdvance, plannedResult } from "./advance.ts";
import { beginTrust, configOf, firstConfig, requireSameSource } from "./begin-trust.ts";
import { withCarried } from "./carried.ts";
import { requireSafePlace } from "./home-dangers.ts";
import { acceptLate } from "./late-work.ts";
import { ownerOf, requireLeaseFolder } from "./lease-folder.ts";
import { withLock } from "./locking.ts";
import type { InstallRequest, InstallResult } from "./operator.ts";
import { refresh } from "./refresh.ts";
import { basesOf, fetcherFor } from "./repository-access.ts";
import { acceptedManifest, lostGeneration, observedEpoch } from "./snapshot.ts";
import { believedSet, isVouchedFor, offlineKeeper, trustSetProblem } from "./trust-state.ts";
import { doesUseDeltas } from "./ways.ts";
import type { World } from "./world.ts";

/** How often another writer may win before we say so. */
const ATTEMPTS = 5;

/**
 * First install, or further releases of the accepted manifest into a home that is there (docs/operations/install.md).
 * Idempotent: what is installed already is not fetched again. Errors: every code but those of rollback and exec.
 */
export async function install(world: World, asked: InstallRequest): Promise<InstallResult> {
  const request = await withCarried(world, asked);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { advance, config } = await prepareInstall(world, request);
    const plan = planAdvance(world, advance);
    if (request.dryRun || (advance.base !== undefined && !plan.changes)) {
      if (config !== undefined && !request.dryRun) await writeConfig(world, request, config);
      if (!request.dryRun) await claimOutside(world, request);
      const { dryRun, ...planned } = plannedResult(advance, plan);
      return request.dryRun ? { ...planned, dryRun: true } : planned;
    }
    // install.md 4: nothing of the home is made before trust, plan and space are settled
    requireSafePlace(world, request.home);
    if (request.leases !== undefined) requireLeaseFolder(world, request.leases, ownerOf(world, request.home));
    const home =
      existingHome(world, request.home) ?? createHome(request.home, world, firstConfig(request), request.leases);
    await claimOutside(world, request);
    if (config !== undefined) await writeConfig(world, request, config);
    const done = await withLock(world, home, "install", () => {
      if (advance.base === undefined) keepNumbers(home);
      return performAdvance(world, home, advance, plan);
    });
    if (done !== "lost") return done.result;
  }
  throw new EngineryError("commit-lost", `Other writers committed first, ${ATTEMPTS} times.`);
}

/** install.md 4: a home that is there has its leases moved outside where that is asked for; where it has them there, the folder is made. */
async function claimOutside(world: World, { home: path, leases }: InstallRequest): Promise<void> {
  if (leases === undefined) return;
  // LEASES is of whoever owns the home: nobody else makes a folder where it says
  requireSafePlace(world, path);
  const home = openHome(path, world);
  const outside = home.leases.outside();
  requireLeaseFolder(world, outside ?? leases, ownerOf(world, path));
  if (outside === undefined) await withLock(world, home, "install", () => home.leases.moveOutside(leases));
}

/** Where all generations were lost, theirs are numbers that are not used again. */
function keepNumbers(home: Home): void {
  const lost = lostGeneration(home, 0);
  if (lost !== undefined) home.generations.setAside(lost);
}

/** recovery.md: a config that was lost or is no JSON, written anew from the command's words; what was there lies beside it. */
async function writeConfig(world: World, request: InstallRequest, config: Config): Promise<void> {
  const home = openHome(request.home, world);
  await withLock(world, home, "install", () => {
    home.config.setAside();
    home.config.write(config);
  });
}

interface Prepared {
  readonly advance: Advance;
  /** To be written: the home's own is lost. */
  readonly config: Config | undefined;
}

async function prepareInstall(world: World, request: InstallRequest): Promise<Prepared> {
  const home = existingHome(world, request.home);
  const newest = home?.generations.newest();
  return home === undefined || newest === undefined
    ? await prepareFirst(world, request, home)
    : await prepareFurther(world, request, home, newest);
}

async function prepareFirst(world: World, request: InstallRequest, home: Home | undefined): Promise<Prepared> {
  const written = home === undefined ? { config: firstConfig(request), anew: false } : configOf(request, home);
  const config = { ...written.config, ...request.config };
  requireSameSource(request, config, request.home);
  const bases = basesOf(config);
  const fetcher = await fetcherFor(world, request, config);
  const keeper = await world.trust(fetcher);
  const known = await beginTrust(world, request, keeper, bases, home && { home, channel: config.channel });
  const epoch = home === undefined ? undefined : observedEpoch(world, home, config);
  const refreshed = await refresh(world, request, {
    home,
    fetcher,
    keeper,
    known,
    bases,
    channel: config.channel,
    accepted: undefined,
    epoch,
  });
  const advance = {
    ...common(world, request, config),
    config,
    manifest: refreshed.manifest,
    refreshed,
    home,
    base: undefined,
    epoch,
    fetcher: async () => fetcher,
  };
  return { advance, config: written.anew ? written.config : undefined };
}

async function prepareFurther(
  world: World,
  request: InstallRequest,
  home: Home,
  newest: NonNullable<ReturnType<Home["generations"]["newest"]>>,
): Promise<Prepared> {
  const written = configOf(request, home);
  requireChannel(request, newest);
  const config = { ...written.config, ...request.config };
  requireSameSource(request, config, request.home);
  const epoch = observedEpoch(world, home, config);
  const accepted = acceptedManifest(home, newest);
  const fetcher = () => fetcherFor(world, request, config);
  const lost = written.anew ? written.config : undefined;
  const advance = {
    ...common(world, request, config),
    config,
    home,
    base: { home, newest },
    epoch,
    fetcher,
  };
  const manifest = parseManifest(accepted);
  if (request.names.every(({ engine, version }) => isPublished(manifest, engine, version))) {
    if (!(await isTrustGivenAgain(world, request, home, newest)))
      return { advance: { ...advance, manifest, refreshed: undefined }, config: lost };
  }
  // a release published since: the manifest is refreshed as `upgrade` does it
  const opened = await fetcher();
  const keeper = await world.trust(opened);
  const bases = basesOf(config);
  const refreshed = await refresh(world, request, {
    home,
    fetcher: opened,
    keeper,
    known: await knownTrust(world, request, keeper, bases, { home, newest }),
    bases,
    channel: config.channel,
    accepted: { bytes: accepted, manifest },
    epoch,
  });
  acceptLate(world, home, refreshed.late, request.acceptLate);
  const restoresTrust = !isVouchedFor(keeper, home, newest, accepted);
  return { advance: { ...advance, manifest: refreshed.manifest, refreshed, restoresTrust }, config: lost };
}

/** A root that is given to a home with sound trust says nothing new; with damaged trust it is what mends it. */
async function isTrustGivenAgain(
  world: World,
  request: InstallRequest,
  home: Home,
  newest: Generation,
): Promise<boolean> {
  if (request.root === undefined && request.rootSha256 === undefined) return false;
  const keeper = await offlineKeeper(world);
  const number = home.trust.newest() ?? newest.trustSet;
  return [number, newest.trustSet].some((one) => trustSetProblem(keeper, home, one, newest.channel) !== undefined);
}

/** The set of this home, unless it is damaged and the root is given again: the accepted manifest holds all the same. */
async function knownTrust(
  world: World,
  request: InstallRequest,
  keeper: TrustKeeper,
  bases: readonly string[],
  { home, newest }: { readonly home: Home; readonly newest: Generation },
): Promise<TrustSet> {
  if (request.root === undefined && request.rootSha256 === undefined) return believedSet(keeper, home, newest);
  return await beginTrust(world, request, keeper, bases, { home, channel: newest.channel });
}

/** What is installed was signed for this channel and no other. Errors: `home-exists`. */
function requireChannel(request: InstallRequest, { channel }: Generation): void {
  if (request.channel === undefined || request.channel === channel) return;
  throw new EngineryError("home-exists", `${request.home} follows the channel ${channel}.`, { context: { channel } });
}

function common(world: World, request: InstallRequest, config: Config) {
  return {
    homePath: request.home,
    verb: "install" as const,
    operation: world.identifiers.operation(),
    platform: request.platform ?? config.platform ?? world.host.platform,
    names: request.names,
    reasons: {
      ...(request.allowExpired === undefined ? {} : { "allow-expired": request.allowExpired }),
      ...(request.acceptLate === undefined ? {} : { "accept-late": request.acceptLate }),
    },
    stageOnly: false,
    deltas: doesUseDeltas(request, config),
  };
}

function isPublished(manifest: ReturnType<typeof parseManifest>, engine: string, version: string | undefined): boolean {
  const releases = Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine]?.releases : undefined;
  return releases !== undefined && (version === undefined || Object.hasOwn(releases, version));
}

function existingHome(world: World, path: string): Home | undefined {
  try {
    return openHome(path, world);
  } catch (error) {
    if (isEngineryError(error, "no-home")) return undefined;
    throw error;
  }
}
