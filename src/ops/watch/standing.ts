import { isEngineryError } from "../../core/errors.ts";
import type { Epoch, Sha256, Version } from "../../core/model/manifest.ts";
import { platformRelease } from "../../core/platform.ts";
import { releaseName } from "../../core/release-name.ts";
import { inEffect, nextAfter } from "../../core/schedule.ts";
import { leadOf } from "../../core/watch/pace.ts";
import type { ReleaseFacts } from "../../core/watch/release-conditions.ts";
import { observedEpoch, type Snapshot, takeSnapshot } from "../snapshot.ts";
import { problemOf } from "./problem.ts";
import type { Session } from "./session.ts";

export interface Standing extends ReleaseFacts {
  /** Of the installation; undefined where there is none. */
  readonly tree: Sha256 | undefined;
  readonly proven: boolean;
}

export interface Standings {
  readonly epoch: Epoch | undefined;
  /** In epochs. */
  readonly lead: number;
  /** What is in effect and what is next, engine by engine. */
  readonly releases: readonly Standing[];
}

/** Looks at the home again. What cannot be read leaves what was known before, and is told. */
export function look(session: Session): void {
  try {
    session.snapshot = newestSnapshot(session);
    session.unreadable = undefined;
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    session.unreadable = problemOf(error);
  }
}

/** A manifest of thousands of deployments takes its time to parse: that of a generation that is known is known. */
function newestSnapshot({ world, request, home, config, snapshot }: Session): Snapshot {
  const isKnown = snapshot !== undefined && home.generations.numbers().at(-1) === snapshot.newest.number;
  const fresh = isKnown ? snapshot : takeSnapshot(world, { home: request.home, config: request.config });
  const { newest, manifest, manifestBytes } = fresh;
  return { home, config, newest, manifest, manifestBytes, epoch: epochOf({ world, home, config }) };
}

/** One that is damaged is written anew with the next reading; until then it is unknown. */
function epochOf({ world, home, config }: Pick<Session, "world" | "home" | "config">): Epoch | undefined {
  try {
    return observedEpoch(world, home, config);
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return undefined;
    throw error;
  }
}

export function standingOf(session: Session): Standings {
  const { snapshot, settings, pace, request, taken } = session;
  const lead = leadOf(settings, pace);
  if (snapshot === undefined) return { epoch: undefined, lead, releases: [] };
  // a dry run has written nothing, and asks what would be
  const epoch = request.dryRun ? (taken ?? snapshot.epoch) : snapshot.epoch;
  if (epoch === undefined) return { epoch, lead, releases: [] };
  const releases = Object.entries(snapshot.manifest.engines).flatMap(([engine, { deployments }]) => {
    const now = inEffect(deployments, epoch);
    const next = nextAfter(deployments, epoch);
    return [
      ...(now === undefined ? [] : [standing(session, snapshot, "in-effect", { engine, ...now })]),
      ...(next === undefined ? [] : [standing(session, snapshot, "next", { engine, ...next })]),
    ];
  });
  return { epoch, lead, releases };
}

interface Deployed {
  readonly engine: string;
  readonly version: Version;
  readonly validFrom: Epoch;
}

function standing(session: Session, snapshot: Snapshot, role: ReleaseFacts["role"], deployed: Deployed): Standing {
  const { engine, version, validFrom } = deployed;
  const name = releaseName(deployed);
  const tree = treeHere(session, snapshot, deployed);
  const proof = session.proofs.get(name);
  const isOfThese = proof !== undefined && proof.tree === tree;
  const withdrawn = snapshot.manifest.engines[engine]?.releases[version]?.withdrawn ?? session.withdrawn.get(name);
  const failure = session.refusals.get(name) ?? session.failing?.problem.message ?? session.held;
  return {
    engine,
    version,
    role,
    validFrom,
    tree,
    installed: tree !== undefined,
    tried: hasTried(session, name),
    ...(failure === undefined ? {} : { failure }),
    ...(withdrawn === undefined ? {} : { withdrawn }),
    flaws: isOfThese ? proof.flaws : [],
    proven: isOfThese && proof.flaws.length === 0,
  };
}

/** Undefined where it is not here as the manifest promises it. */
function treeHere(session: Session, { newest, manifest, home }: Snapshot, { engine, version }: Deployed) {
  const here = newest.installations.find((one) => one.engine === engine && one.version === version);
  if (here === undefined || !home.installations.isThere(engine, version)) return undefined;
  const published = manifest.engines[engine]?.releases[version];
  const platform = session.config.platform ?? session.world.host.platform;
  const promised = published === undefined ? undefined : platformRelease(published, platform)?.tree.digest;
  return promised === undefined || promised === here.tree ? here.tree : undefined;
}

/** An upgrade has ended since it was missed, or it takes so long that somebody should know. */
function hasTried({ missed, triedAt, world, settings, held }: Session, name: string): boolean {
  const since = missed.get(name);
  if (since === undefined) return false;
  if (held !== undefined || (triedAt !== undefined && triedAt > since)) return true;
  return world.timer.ticks() - since >= settings.graceMs;
}
