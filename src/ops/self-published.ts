import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Generation } from "../core/model/home.ts";
import type { Manifest, Sha256 } from "../core/model/manifest.ts";
import { SELF_CHANNEL } from "../core/self-update.ts";
import { type Home, openHome } from "../store/home.ts";
import type { SelfFolder } from "../store/self.ts";
import { beginTrust, firstConfig } from "./begin-trust.ts";
import { standingQuarantine } from "./host-quarantine.ts";
import { withLock } from "./locking.ts";
import { refresh } from "./refresh.ts";
import { basesOf, fetcherFor } from "./repository-access.ts";
import { acceptedManifest } from "./snapshot.ts";
import { believedSet } from "./trust-state.ts";
import type { SelfUpdateRequest } from "./updating.ts";
import type { World } from "./world.ts";

/** What Enginery's own channel says now, and what is known bad of it here. */
export interface Published {
  readonly manifest: Manifest;
  readonly newest: Generation | undefined;
  readonly quarantined: ReadonlySet<Sha256>;
}

/** Refreshes trust. What was seen is remembered where there is a home, unless nothing may change. Errors: `trust-*`, `root-required`. */
export async function publishedFor(
  world: World,
  request: SelfUpdateRequest,
  self: SelfFolder,
  repository: string | undefined,
): Promise<Published> {
  const known = homeOfSelf(world, self);
  if (known === undefined && repository === undefined) {
    throw new EngineryError("refused", "Nothing says where releases of Enginery are served.", {
      hint: "Run install.sh of a release again; it writes that down.",
      context: { path: self.path },
    });
  }
  const first = { ...request, home: self.home, names: [], from: repository, channel: SELF_CHANNEL, root: self.root };
  const written = known?.home.config.read() ?? firstConfig(first);
  const config = { ...written, ...(repository === undefined ? {} : { repository }), ...request.config };
  const fetcher = await fetcherFor(world, request, config);
  const keeper = await world.trust(fetcher);
  const bases = basesOf(config);
  const { home, newest } = known ?? {};
  const refreshed = await refresh(
    world,
    { ...request, home: self.home },
    {
      home,
      fetcher,
      keeper,
      known:
        home === undefined || newest === undefined
          ? await beginTrust(world, first, keeper, bases, home && { home, channel: SELF_CHANNEL })
          : believedSet(keeper, home, newest),
      bases,
      channel: SELF_CHANNEL,
      accepted: home === undefined || newest === undefined ? undefined : { bytes: acceptedManifest(home, newest) },
      epoch: undefined,
    },
  );
  if (home !== undefined && newest !== undefined && !refreshed.isKnown && !request.dryRun && !request.check) {
    await withLock(world, home, "self-update", () => home.trust.commit(refreshed.set));
  }
  const bad = home === undefined ? [] : standingQuarantine(world, home.quarantine.survey().records);
  return { manifest: refreshed.manifest, newest, quarantined: new Set(bad.map(({ tree }) => tree)) };
}

/** Where releases are found is what install.sh was told last; whose they are is the signatures' business. */
export async function followRepository(world: World, self: SelfFolder, repository: string | undefined): Promise<void> {
  const { home } = homeOfSelf(world, self) ?? {};
  if (home === undefined || repository === undefined) return;
  const config = home.config.read();
  if (config.repository === repository) return;
  await withLock(world, home, "self-update", () => home.config.write({ ...config, repository }));
}

/** Undefined before the first `self-update`. `newest`: undefined where that one was cut off. Errors: `home-damaged`, `generation-unreadable`. */
export function homeOfSelf(
  world: World,
  self: SelfFolder,
): { readonly home: Home; readonly newest: Generation | undefined } | undefined {
  try {
    const home = openHome(self.home, world);
    return { home, newest: home.generations.newest() };
  } catch (error) {
    if (isEngineryError(error, "no-home")) return undefined;
    if (!isEngineryError(error)) throw error;
    throw new EngineryError(error.code, `The home of Enginery's own channel: ${error.message}`, {
      hint: `Mend it: enginery doctor --fix --home ${self.home}`,
      cause: error,
    });
  }
}
