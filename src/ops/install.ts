import { EngineryError, isEngineryError } from "../core/errors.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import { createHome, type Home, openHome } from "../store/home.ts";
import { type Advance, performAdvance, planAdvance, plannedResult } from "./advance.ts";
import { beginTrust, firstConfig, requireSameSource } from "./begin-trust.ts";
import { acceptLate } from "./late-work.ts";
import { withLock } from "./locking.ts";
import type { InstallRequest, InstallResult } from "./operator.ts";
import { refresh } from "./refresh.ts";
import { acceptedManifest, observedEpoch } from "./snapshot.ts";
import type { World } from "./world.ts";

/** How often another writer may win before we say so. */
const ATTEMPTS = 5;

/**
 * First install, or further releases of the accepted manifest into a home that is there (docs/operations/install.md).
 * Idempotent: what is installed already is not fetched again. Errors: every code but those of rollback and exec.
 */
export async function install(world: World, request: InstallRequest): Promise<InstallResult> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const advance = await prepareInstall(world, request);
    const plan = planAdvance(world, advance);
    if (request.dryRun || (advance.base !== undefined && !plan.changes)) {
      const { dryRun, ...planned } = plannedResult(advance, plan);
      return request.dryRun ? { ...planned, dryRun: true } : planned;
    }
    // install.md 4: nothing of the home is made before trust, plan and space are settled
    const home = advance.base?.home ?? createHome(request.home, world, firstConfig(request));
    const done = await withLock(world, home, "install", () => performAdvance(world, home, advance, plan));
    if (done !== "lost") return done.result;
  }
  throw new EngineryError("commit-lost", `Other writers committed first, ${ATTEMPTS} times.`);
}

async function prepareInstall(world: World, request: InstallRequest): Promise<Advance> {
  const home = existingHome(world, request.home);
  const newest = home?.generations.newest();
  return home === undefined || newest === undefined
    ? await prepareFirst(world, request, home)
    : await prepareFurther(world, request, home, newest);
}

async function prepareFirst(world: World, request: InstallRequest, home: Home | undefined): Promise<Advance> {
  const config = { ...(home?.config.read() ?? firstConfig(request)), ...request.config };
  requireSameSource(request, config, request.home);
  const bases = [config.repository, ...(config.mirrors ?? [])];
  const fetcher = await world.fetcher({ offline: request.offline, allowHttp: config.allowHttp ?? request.allowHttp });
  const keeper = await world.trust(fetcher);
  const known = await beginTrust(request, keeper, bases, home);
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
  return {
    ...common(world, request, config.platform),
    config,
    manifest: refreshed.manifest,
    refreshed,
    base: undefined,
    epoch,
    fetcher: async () => fetcher,
  };
}

async function prepareFurther(
  world: World,
  request: InstallRequest,
  home: Home,
  newest: NonNullable<ReturnType<Home["generations"]["newest"]>>,
): Promise<Advance> {
  const config = { ...home.config.read(), ...request.config };
  requireSameSource(request, config, request.home);
  const epoch = observedEpoch(world, home, config);
  const accepted = acceptedManifest(home, newest);
  const fetcher = () => world.fetcher({ offline: request.offline, allowHttp: config.allowHttp ?? request.allowHttp });
  const advance = {
    ...common(world, request, config.platform),
    config,
    base: { home, newest },
    epoch,
    fetcher,
  };
  const manifest = parseManifest(accepted);
  if (request.names.every(({ engine, version }) => isPublished(manifest, engine, version))) {
    return { ...advance, manifest, refreshed: undefined };
  }
  // a release published since: the manifest is refreshed as `upgrade` does it
  const opened = await fetcher();
  const keeper = await world.trust(opened);
  const refreshed = await refresh(world, request, {
    home,
    fetcher: opened,
    keeper,
    known: home.trust.read(home.trust.newest() ?? newest.trustSet),
    bases: [config.repository, ...(config.mirrors ?? [])],
    channel: config.channel,
    accepted,
    epoch,
  });
  acceptLate(world, home, refreshed.late, request.acceptLate);
  return { ...advance, manifest: refreshed.manifest, refreshed };
}

function common(world: World, request: InstallRequest, configured: string | undefined) {
  return {
    homePath: request.home,
    verb: "install" as const,
    operation: world.identifiers.operation(),
    platform: configured ?? request.platform ?? world.host.platform,
    names: request.names,
    reasons: {
      ...(request.allowExpired === undefined ? {} : { "allow-expired": request.allowExpired }),
      ...(request.acceptLate === undefined ? {} : { "accept-late": request.acceptLate }),
    },
    stageOnly: false,
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
