import { EngineryError } from "../core/errors.ts";
import { isLocal, redacted } from "../core/location.ts";
import type { LateChange } from "../core/model/home.ts";
import type { Epoch, Manifest, Sha256 } from "../core/model/manifest.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { TrustKeeper, TrustSet } from "../ports/trust.ts";
import type { Home } from "../store/home.ts";
import { acceptManifest, type KnownManifest } from "./accept-manifest.ts";
import { requireNotBelow } from "./accepted-floor.ts";
import type { NetworkRequest } from "./operator.ts";
import type { World } from "./world.ts";

/** What the repository says now, believed: nothing of the home is changed yet. */
export interface Refreshed {
  readonly set: TrustSet;
  /** Whether `set` is the one that this home believed before. */
  readonly isKnown: boolean;
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly manifestSha256: Sha256;
  readonly late: readonly LateChange[];
  readonly expired: readonly string[];
}

export interface RefreshContext {
  readonly home: Home | undefined;
  readonly fetcher: Fetcher;
  readonly keeper: TrustKeeper;
  readonly known: TrustSet;
  readonly bases: readonly string[];
  readonly channel: string;
  readonly accepted: KnownManifest | undefined;
  readonly epoch: Epoch | undefined;
}

/** Errors: `trust-*`, `unknown-channel`, `schedule-*`, `release-changed`, and those of Fetcher. */
export async function refresh(world: World, request: NetworkRequest, context: RefreshContext): Promise<Refreshed> {
  const { bases, channel, fetcher, home } = context;
  requireFolder(request, bases);
  const trusted = await context.keeper.refresh({
    known: context.known,
    bases,
    channel,
    held: context.accepted?.bytes,
    now: world.clock.now(),
    allowExpired: request.allowExpired !== undefined,
  });
  for (const role of trusted.expired) {
    world.reporter.warn("allowed-expired", `${role} has expired and was taken: ${request.allowExpired ?? ""}`);
  }
  for (const { base, code, message } of trusted.refused ?? []) {
    world.reporter.warn("mirror-refused", `${redacted(base)} was passed over (${code}): ${message}`);
  }
  const { sha256, manifest, late } = await acceptManifest(world, {
    home,
    fetcher,
    bases,
    channel,
    offered: trusted.manifest,
    accepted: context.accepted,
    localEpoch: context.epoch,
  });
  if (home !== undefined) requireNotBelow(home, { sha256, manifest });
  return {
    set: trusted.set,
    isKnown: trusted.set === context.known,
    manifest,
    manifestBytes: trusted.manifest,
    manifestSha256: trusted.manifestSha256,
    late,
    expired: trusted.expired,
  };
}

/** An expired timestamp from the network may be a replay; from a folder at hand it is the operator's own business. */
function requireFolder(request: NetworkRequest, bases: readonly string[]): void {
  if (request.allowExpired === undefined) return;
  const remote = bases.find((base) => !isLocal(base));
  if (remote === undefined) return;
  throw new EngineryError("refused", "--allow-expired is for a repository in a folder, not for one on the network.", {
    hint: "Ask the publisher to refresh the timestamp, or copy the repository to a folder.",
    context: { base: remote },
  });
}
