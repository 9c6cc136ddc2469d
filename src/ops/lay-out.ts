import { EngineryError, type ErrorCode, isEngineryError } from "../core/errors.ts";
import type { Installation } from "../core/model/home.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import type { WantedRelease } from "../core/wanted.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { Home } from "../store/home.ts";
import { acquire } from "./acquire.ts";
import { acquireByNeed } from "./acquire-by-need.ts";
import { record } from "./commit.ts";
import { hostDigest, liftOutlived } from "./host-quarantine.ts";
import { inspectOne } from "./inspect.ts";
import { mendFrom } from "./mend-from.ts";
import type { FailedRelease, InstalledRelease, ReleaseWay } from "./operator.ts";
import { probe } from "./probe.ts";
import { requireSpace, spaceNeed } from "./space.ts";
import type { FindWays, TakenWay } from "./ways.ts";
import type { World } from "./world.ts";

export interface LayOutContext {
  readonly operation: string;
  readonly bases: readonly string[];
  readonly waysTo: FindWays;
  /** Bytes to leave free. */
  readonly reserveBytes: number;
  /** Called only where something must be fetched. */
  readonly fetcher: () => Promise<Fetcher>;
  /** Holds the claims on reused installations until the commit. */
  readonly claims: DisposableStack;
}

export interface LaidOut {
  readonly installations: readonly Installation[];
  readonly anew: readonly InstalledRelease[];
  readonly failed: readonly FailedRelease[];
  readonly downloadedBytes: number;
  /** How each release that was laid out came. */
  readonly ways: readonly ReleaseWay[];
}

/** The host's own trouble stops everything: the next release would meet it too. */
const FATAL: readonly ErrorCode[] = ["disk-full", "disk-space", "read-only", "permission", "io", "marked", "offline"];
/** What the publisher's bytes are guilty of: not tried again on this host until lifted. */
const GUILTY: readonly ErrorCode[] = ["probe-failed", "tree-mismatch", "archive-hostile", "archive-malformed"];

/**
 * Lays out each wanted release beside what is there: fetch, verify, probe, rename into place. Nothing names them until the commit.
 * A release that fails is listed, the others go on; one that is in effect or due within the lead time fails all.
 */
export async function layOut(
  world: World,
  home: Home,
  wanted: readonly WantedRelease[],
  context: LayOutContext,
): Promise<LaidOut> {
  const installations: Installation[] = [];
  const anew: InstalledRelease[] = [];
  const failed: FailedRelease[] = [];
  const ways: ReleaseWay[] = [];
  let downloadedBytes = 0;
  for (const release of wanted) {
    const { engine, version } = release;
    try {
      const laid = await layOutOne(world, home, release, context);
      downloadedBytes += laid.downloadedBytes;
      if (laid.taken !== undefined) ways.push({ engine, version, ...laid.taken });
      const installation = installationOf(release);
      installations.push(installation);
      if (!release.installed) anew.push(installedRelease(home, installation));
    } catch (error) {
      if (!isEngineryError(error) || FATAL.includes(error.code) || release.required) throw error;
      failed.push({ engine, version, code: error.code, message: error.message });
      world.reporter.warn("release-failed", `${engine}@${version}: ${error.message}`);
    }
  }
  return { installations, anew, failed, downloadedBytes, ways };
}

interface LaidOne {
  readonly downloadedBytes: number;
  /** Undefined: it was there. */
  readonly taken?: TakenWay;
}

async function layOutOne(world: World, home: Home, wanted: WantedRelease, context: LayOutContext): Promise<LaidOne> {
  if (wanted.installed) return { downloadedBytes: 0 };
  const found = await claimThere(world, home, wanted, context);
  if (found === "whole") return { downloadedBytes: 0 };
  const { engine, version, release } = wanted;
  try {
    const { stage, tree, downloadedBytes, taken } = await fetchRelease(world, home, wanted, context);
    await requireProof(world, wanted, stage.path).catch((error: unknown) => {
      home.staging.drop(stage);
      throw error;
    });
    if (found === "damaged") {
      // somebody may be running from it, or go back to it: it is never moved away
      await mendFrom(world, home, stage, tree);
      return { downloadedBytes, taken };
    }
    home.installations.adopt(stage);
    // no generation names it before the commit: claimed, or a prune in between would take it for a leftover
    context.claims.use(home.leases.take({ engine, version }));
    home.trees.keep(tree);
    liftOutlived(world, home, context.operation, release.tree.digest);
    return { downloadedBytes, taken };
  } catch (error) {
    if (isEngineryError(error, ...GUILTY)) condemn(world, home, wanted, context.operation, error);
    // set aside for as long as this host stays as it is: else every timer would fetch it anew to no end
    if (isEngineryError(error, "host-lacks")) condemn(world, home, wanted, context.operation, error, hostDigest(world));
    throw error;
  }
}

/** By need where something here serves, else the archive. */
async function fetchRelease(world: World, home: Home, wanted: WantedRelease, context: LayOutContext) {
  const { engine, version, platform, release } = wanted;
  const { operation, bases } = context;
  const request = { operation, engine, version, platform, release, bases, fetcher: await context.fetcher() };
  const ways = context.waysTo(wanted);
  const { acquired, wastedBytes } = await acquireByNeed(world, home, { ...request, ways });
  // by-need.md: the plan was for less
  if (acquired === undefined && ways[0].kind !== "archive")
    requireSpace(world, home.path, spaceNeed(world, home.path, [wanted], context.reserveBytes));
  const done = acquired ?? { ...(await acquire(world, home, request)), taken: { way: "archive" as const } };
  const downloadedBytes = done.downloadedBytes + wastedBytes;
  return { ...done, downloadedBytes, taken: { ...done.taken, downloadBytes: downloadedBytes } };
}

type Found = "whole" | "damaged" | "absent";

/** What an older generation left: claimed before the marks are read, then hashed. */
async function claimThere(
  world: World,
  home: Home,
  { engine, version, release }: WantedRelease,
  context: LayOutContext,
): Promise<Found> {
  const seal = sealThere(home, engine, version);
  if (seal === undefined || seal.tree !== release.tree.digest) return "absent";
  context.claims.use(home.leases.take({ engine, version }));
  const tree = home.trees.read(seal.tree);
  if (tree === undefined) return "damaged";
  return (await inspectOne(world, home, { engine, version, tree })).length === 0 ? "whole" : "damaged";
}

/** A seal that cannot be read seals nothing. */
function sealThere(home: Home, engine: string, version: string) {
  try {
    return home.installations.seal(engine, version);
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return undefined;
    throw error;
  }
}

async function requireProof(
  world: World,
  { engine, version, platform, release }: WantedRelease,
  path: string,
): Promise<void> {
  const proof = await probe(world, { path, platform, entries: release.entries });
  const name = `${engine}@${version}`;
  if (proof.ok) {
    for (const doubt of proof.doubts) world.reporter.warn("not-certain", `${name}: ${doubt}.`);
    return;
  }
  const context = { engine, version, entry: proof.entry, tree: release.tree.digest };
  if (proof.blame === "host") {
    const hint = `${proof.mend ?? "Mend that."} It is tried again once this host has changed.`;
    throw new EngineryError("host-lacks", `${name}: ${proof.reason}`, { hint, context });
  }
  throw new EngineryError("probe-failed", `${name}: ${proof.reason}`, {
    hint: `It is quarantined; once the cause is mended: enginery quarantine lift ${release.tree.digest}`,
    context,
  });
}

function condemn(
  world: World,
  home: Home,
  wanted: WantedRelease,
  operation: string,
  error: EngineryError,
  host?: Sha256,
): void {
  const { engine, version, release } = wanted;
  const at = new Date(world.clock.now()).toISOString();
  const bound = host === undefined ? {} : { host };
  home.quarantine.put({ format: 1, tree: release.tree.digest, engine, version, reason: error.message, at, ...bound });
  record(world, home, operation, "quarantine", { engine, version, tree: release.tree.digest, code: error.code });
}

export function installationOf({ engine, version, platform, release }: WantedRelease): Installation {
  const { digest, unpackedBytes, files } = release.tree;
  return { engine, version, platform, tree: digest, bytes: unpackedBytes, files, entries: release.entries };
}

export function installedRelease(
  home: Home | undefined,
  installation: Installation,
  homePath?: string,
): InstalledRelease {
  const { engine, version, platform, tree, bytes } = installation;
  const path = home?.installations.path(engine, version) ?? `${homePath ?? ""}/engines/${engine}/${version}`;
  return { engine, version, platform, tree, bytes, path };
}
