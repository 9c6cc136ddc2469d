import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { LateChange } from "../core/model/home.ts";
import type { Epoch, Manifest, Sha256 } from "../core/model/manifest.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import { checkSchedule } from "../core/schedule.ts";
import { checkTransition, lateChanges } from "../core/transition.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { Home } from "../store/home.ts";
import { fetchManifest } from "./fetch-manifest.ts";
import type { World } from "./world.ts";

/** A client that was away may be this many manifests behind. */
const MAX_STEPS = 10_000;

export interface AcceptRequest {
  readonly home: Home | undefined;
  readonly fetcher: Fetcher;
  readonly bases: readonly string[];
  readonly channel: string;
  /** The channel's newest manifest, signatures and hash verified. */
  readonly offered: Uint8Array;
  /** The one accepted before; undefined at a first install. */
  readonly accepted: KnownManifest | undefined;
  readonly localEpoch: Epoch | undefined;
}

export interface KnownManifest {
  readonly bytes: Uint8Array;
  /** The bytes parsed, where somebody has done it already. */
  readonly manifest?: Manifest;
}

export interface AcceptedManifest {
  readonly sha256: Sha256;
  readonly manifest: Manifest;
  /** What was accepted in one go, oldest first, the offered one last; empty where it is the accepted one. */
  readonly chain: readonly ManifestStep[];
  readonly late: LateChange[];
}

export interface ManifestStep {
  readonly serial: number;
  readonly sha256: Sha256;
}

/**
 * Takes a channel's newest manifest if every step from the accepted one to it keeps the rules, each at its own `publishedEpoch`:
 * a client that was away is never stranded (DESIGN: Trust). At a first install there is nothing to hold it against.
 * Cost: one fetch and one parse a step. Errors: `trust-channel`, `trust-rollback`, `trust-chain`, `schedule-*`, `release-changed`,
 * `document-invalid`, and those of Fetcher.
 */
export async function acceptManifest(
  world: Pick<World, "digester">,
  request: AcceptRequest,
): Promise<AcceptedManifest> {
  const { offered, accepted, channel } = request;
  const sha256 = world.digester.sha256(offered);
  const acceptedSha256 = accepted && world.digester.sha256(accepted.bytes);
  // a manifest of thousands of releases takes its time to parse: one that is known is known
  const known = sha256 === acceptedSha256 ? accepted?.manifest : undefined;
  const newest = { sha256, manifest: known ?? parseManifest(offered) };
  requireChannel(newest.manifest, channel);
  checkSchedule(newest.manifest);
  if (accepted === undefined || acceptedSha256 === undefined) return { ...newest, chain: [stepOf(newest)], late: [] };
  if (acceptedSha256 === sha256) return { ...newest, chain: [], late: [] };

  const before = { sha256: acceptedSha256, manifest: accepted.manifest ?? parseManifest(accepted.bytes) };
  requireHigherSerial(before.manifest, newest.manifest);
  const chain = await walkBack(world, request, before, newest);
  return { ...newest, chain, late: lateChanges(before.manifest, newest.manifest, request.localEpoch) };
}

interface HeldManifest {
  readonly sha256: Sha256;
  readonly manifest: Manifest;
}

/** Each step is checked while both its ends are at hand: of a long chain no more than two manifests are kept. */
async function walkBack(
  world: Pick<World, "digester">,
  request: AcceptRequest,
  accepted: HeldManifest,
  newest: HeldManifest,
): Promise<readonly ManifestStep[]> {
  const chain: ManifestStep[] = [];
  let after = newest;
  while (true) {
    chain.push(stepOf(after));
    if (chain.length > MAX_STEPS) throw broken(`It is more than ${MAX_STEPS} manifests long.`, accepted, newest);
    const before =
      after.manifest.previous === accepted.sha256 ? accepted : await predecessor(world, request, accepted, after);
    checkTransition(before.manifest, after.manifest, after.manifest.publishedEpoch ?? undefined);
    if (before === accepted) return chain.reverse();
    after = before;
  }
}

async function predecessor(
  { digester }: Pick<World, "digester">,
  { home, fetcher, bases }: AcceptRequest,
  accepted: HeldManifest,
  after: HeldManifest,
): Promise<HeldManifest> {
  const sha256 = after.manifest.previous;
  if (sha256 === null) throw broken(`Serial ${after.manifest.serial} says that it is the first.`, accepted, after);
  if (after.manifest.serial <= accepted.manifest.serial) {
    throw broken(`It reaches serial ${after.manifest.serial} and has not met the accepted one.`, accepted, after);
  }
  const bytes = home?.manifests.read(sha256) ?? (await fetchManifest(digester, fetcher, bases, sha256));
  try {
    return { sha256, manifest: parseManifest(bytes) };
  } catch (cause) {
    if (!isEngineryError(cause, "document-invalid")) throw cause;
    throw broken(
      `The one before serial ${after.manifest.serial} is unusable: ${cause.message}`,
      accepted,
      after,
      cause,
    );
  }
}

function requireChannel(manifest: Manifest, channel: string): void {
  if (manifest.channel === channel) return;
  throw new EngineryError("trust-channel", `The manifest is for the channel ${manifest.channel}, and not ${channel}.`, {
    context: { expected: channel, found: manifest.channel },
  });
}

function requireHigherSerial(before: Manifest, after: Manifest): void {
  if (after.serial > before.serial) return;
  const how = after.serial === before.serial ? "another manifest of the serial" : `serial ${after.serial} after`;
  throw new EngineryError("trust-rollback", `The repository offers ${how} ${before.serial}, which was accepted.`, {
    context: { accepted: before.serial, offered: after.serial },
  });
}

function broken(why: string, accepted: HeldManifest, after: HeldManifest, cause?: unknown): EngineryError {
  return new EngineryError("trust-chain", `The chain of manifests back to the accepted one is broken: ${why}`, {
    context: { accepted: accepted.manifest.serial, at: after.manifest.serial },
    cause,
  });
}

function stepOf({ sha256, manifest }: HeldManifest): ManifestStep {
  return { serial: manifest.serial, sha256 };
}
