import type { Pin } from "../core/model/home.ts";
import type { Epoch } from "../core/model/manifest.ts";
import { epochsBack } from "../core/retention-window.ts";
import { compareVersions } from "../core/version.ts";
import type { PinnedRelease, SchedulePage } from "./answers.ts";
import { installedOf, scheduleOf } from "./list.ts";
import type { HomeRequest } from "./operator.ts";
import { policyOf } from "./prune.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { statusOf } from "./status.ts";
import { orDamaged } from "./status-problems.ts";
import type { World } from "./world.ts";

/** Tenants that a page names for each release; the rest are counted. */
const NAMED_TENANTS = 12;

/**
 * What a page on the wall shows, all from one snapshot (docs/operations/schedule.md). What is damaged is among the problems, in
 * place of an error. Cost: that of `status`: one file a pin. Errors: `unknown-engine`, and those of a home that cannot be read.
 */
export async function schedulePage(
  world: World,
  request: HomeRequest & { readonly engine?: string | undefined },
): Promise<SchedulePage> {
  const snapshot = takeSnapshot(world, request);
  const { home, config, newest, manifest, manifestBytes } = snapshot;
  const isAsked = ({ engine }: { readonly engine: string }) =>
    request.engine === undefined || engine === request.engine;
  const pins = home.pins.survey();
  const status = await statusOf(world, snapshot, pins);
  // a damaged observation is among the problems of `status`: the epoch is unknown here
  const readable: Snapshot = { home, config, newest, manifest, manifestBytes, epoch: status.epoch ?? undefined };
  const observation = orDamaged([], () => home.clock.read());
  return {
    status: { ...status, engines: status.engines.filter(isAsked) },
    schedule: scheduleOf(readable, request.engine),
    installed: installedOf(readable, request.engine),
    observation:
      observation === undefined ? null : { epoch: observation.epoch, at: observation.at, from: observation.from },
    committedAt: newest.at,
    publishedEpoch: manifest.publishedEpoch,
    pins: pinnedReleases(pins.pins.filter(isAsked)),
    windowFrom: windowFrom(readable, isAsked),
  };
}

/** Of the engine that needs most; null where nobody says how far back. */
function windowFrom(
  { config, epoch, manifest }: Snapshot,
  isAsked: (one: { readonly engine: string }) => boolean,
): Epoch | null {
  const policy = policyOf(config, {});
  const engines = Object.entries(manifest.engines).filter(([engine]) => isAsked({ engine }));
  const back = engines.map(([, { retention }]) => epochsBack(policy, retention) ?? Number.POSITIVE_INFINITY);
  const most = Math.max(0, ...back);
  return epoch === undefined || most === Number.POSITIVE_INFINITY ? null : Math.max(0, epoch - most);
}

function pinnedReleases(pins: readonly Pin[]): readonly PinnedRelease[] {
  const byRelease = new Map<string, Pin[]>();
  for (const pin of pins) {
    const name = `${pin.engine}@${pin.version}`;
    const known = byRelease.get(name);
    if (known === undefined) byRelease.set(name, [pin]);
    else known.push(pin);
  }
  return [...byRelease.values()]
    .map((same) => ({
      engine: same[0]?.engine ?? "",
      version: same[0]?.version ?? "",
      count: same.length,
      tenants: same
        .map(({ tenant }) => tenant)
        .sort()
        .slice(0, NAMED_TENANTS),
    }))
    .sort(byEngineThenVersion);
}

function byEngineThenVersion(one: PinnedRelease, other: PinnedRelease): number {
  if (one.engine !== other.engine) return one.engine < other.engine ? -1 : 1;
  return compareVersions(one.version, other.version);
}
