import { EngineryError, isEngineryError } from "../core/errors.ts";
import { openHome } from "../store/home.ts";
import { fetchManifest } from "./fetch-manifest.ts";
import { withLock } from "./locking.ts";
import { mendTrust, surveyTrust } from "./mend-trust.ts";
import type { VerifyProblem, VerifyRequest } from "./operator.ts";
import { refresh } from "./refresh.ts";
import { basesOf, fetcherFor } from "./repository-access.ts";
import { acceptedManifest, type Snapshot } from "./snapshot.ts";
import { offlineKeeper, ROOT_AGAIN } from "./trust-state.ts";
import type { World } from "./world.ts";

/** repair.md 1: the manifest that the newest generation names, by its hash: the repository serves every manifest that there ever was. */
export async function repairManifest(world: World, request: VerifyRequest): Promise<readonly VerifyProblem[]> {
  const home = openHome(request.home, world);
  const newest = home.generations.newest();
  if (newest === undefined || isThere(() => acceptedManifest(home, newest))) return [];
  const config = { ...home.config.read(), ...request.config };
  const { sha256 } = newest.manifest;
  const fetcher = await fetcherFor(world, request, config);
  const bases = basesOf(config);
  const bytes = await fetchManifest(world.digester, fetcher, bases, sha256);
  await withLock(world, home, "verify --repair", () => home.manifests.keep(bytes));
  return [{ engine: "", version: "", path: `manifests/${sha256}.json`, kind: "manifest" }];
}

/**
 * repair.md 6: the trust set that the newest generation names, from another set of this home, else from the repository. Under the writer lock.
 * Errors: `home-damaged` where the repository has gone on to another manifest, or no set is whole.
 */
export async function repairTrust(
  world: World,
  request: VerifyRequest,
  snapshot: Snapshot,
): Promise<readonly VerifyProblem[]> {
  const { home, newest, manifestBytes } = snapshot;
  const offline = await offlineKeeper(world);
  const { open, damaged, lost } = surveyTrust(offline, home, newest, manifestBytes);
  const path = `trust/${String(newest.trustSet).padStart(8, "0")}`;
  if (!open && damaged.length === 0) return [];
  if (lost) throw new EngineryError("home-damaged", "No trust set of this home is whole.", { hint: ROOT_AGAIN });
  if (mendTrust(offline, home, newest, manifestBytes).open) await restoreFromRepository(world, request, snapshot);
  return [{ engine: "", version: "", path, kind: "signature" }];
}

async function restoreFromRepository(world: World, request: VerifyRequest, snapshot: Snapshot): Promise<void> {
  const { home, config, newest, manifest, manifestBytes, epoch } = snapshot;
  const fetcher = await fetcherFor(world, request, config);
  const refreshed = await refresh(world, request, {
    home,
    fetcher,
    keeper: await world.trust(fetcher),
    known: home.trust.read(home.trust.newest() ?? newest.trustSet),
    bases: basesOf(config),
    channel: config.channel,
    accepted: { bytes: manifestBytes, manifest },
    epoch,
  });
  home.trust.commit(refreshed.set);
  if (refreshed.manifestSha256 !== newest.manifest.sha256) {
    throw new EngineryError("home-damaged", "The repository has a newer manifest than the damaged trust set was for.", {
      hint: "Take it: enginery upgrade",
    });
  }
  home.trust.restore(newest.trustSet, refreshed.set);
}

function isThere(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return false;
    throw error;
  }
}
