import { EngineryError } from "../../core/errors.ts";
import type { Sha256 } from "../../core/model/manifest.ts";
import type { TrustKeeper, TrustSet } from "../../ports/trust.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import { overlayFetcher } from "./overlay-fetcher.ts";
import type { PublisherWorld } from "./world.ts";

/** A client's view: each channel's manifest, and the trust set it ended at. */
export interface ClientView {
  readonly set: TrustSet;
  /** ISO instants, by role. */
  readonly expires: Readonly<Record<string, string>>;
  readonly manifests: ReadonlyMap<string, { readonly bytes: Uint8Array; readonly sha256: Sha256 }>;
}

/**
 * Reads the repository as a client that trusts its first root and has seen nothing else, with `files` in it as if they were
 * visible. Errors: `trust-*`, `hash-mismatch`, `length-mismatch`, `missing`.
 */
export async function viewAsNewClient(
  world: PublisherWorld,
  repository: Repository,
  channels: readonly string[],
  options: { readonly files: ReadonlyMap<string, Uint8Array>; readonly allowExpired: boolean },
): Promise<ClientView> {
  const keeper = await world.trust(overlayFetcher(repository, options.files));
  const path = repositoryLayout.root(1);
  const bytes = options.files.get(path) ?? repository.read(path);
  if (bytes === undefined) throw new EngineryError("missing", `${repository.absolute(path)} is not there.`);
  const begun = await keeper.begin({ bases: [repository.directory], root: { bytes } });
  return await refreshAll(world, keeper, repository, begun, channels, options.allowExpired);
}

/** As `viewAsNewClient`, for one that has seen what is visible now: versions may not go back for it. */
export async function viewAsKnownClient(
  world: PublisherWorld,
  repository: Repository,
  known: TrustSet,
  channels: readonly string[],
  files: ReadonlyMap<string, Uint8Array>,
): Promise<ClientView> {
  const keeper = await world.trust(overlayFetcher(repository, files));
  return await refreshAll(world, keeper, repository, known, channels, false);
}

async function refreshAll(
  world: PublisherWorld,
  keeper: TrustKeeper,
  repository: Repository,
  known: TrustSet,
  channels: readonly string[],
  allowExpired: boolean,
): Promise<ClientView> {
  const manifests = new Map<string, { readonly bytes: Uint8Array; readonly sha256: Sha256 }>();
  let set = known;
  for (const channel of channels) {
    const bases = [repository.directory];
    const view = await keeper.refresh({ known: set, bases, channel, now: world.clock.now(), allowExpired });
    set = view.set;
    manifests.set(channel, { bytes: view.manifest, sha256: view.manifestSha256 });
  }
  return { set, expires: keeper.expiries(set), manifests };
}
