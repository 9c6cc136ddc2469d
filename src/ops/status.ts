import type { Pin } from "../core/model/home.ts";
import type { Engine, Epoch } from "../core/model/manifest.ts";
import { alwaysInEffect, inEffect, nextAfter } from "../core/schedule.ts";
import { pinnedOf, unpromised } from "../core/unpromised.ts";
import type { Pins } from "../store/pins.ts";
import { standingHold } from "./hold.ts";
import { standingQuarantine } from "./host-quarantine.ts";
import type { EngineStatus, HomeRequest, StatusResult } from "./operator.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import {
  claimProblems,
  damagedQuarantine,
  engineProblems,
  homeProblems,
  orDamaged,
  type Problem,
  pinnedProblems,
  problemOf,
  quarantineProblems,
  trustProblems,
} from "./status-problems.ts";
import { believedSet, offlineKeeper } from "./trust-state.ts";
import type { World } from "./world.ts";

/** One screen: epoch, in effect, next, disk, trust, problems; a damaged record is one of them. Hashes nothing, downloads nothing. */
export async function status(world: World, request: HomeRequest): Promise<StatusResult> {
  const snapshot = takeSnapshot(world, request);
  return await statusOf(world, snapshot, snapshot.home.pins.survey());
}

/** As `status`, of what was read already. */
export async function statusOf(
  world: World,
  snapshot: Snapshot,
  pins: ReturnType<Pins["survey"]>,
): Promise<StatusResult> {
  const { home, config, newest, manifest } = snapshot;
  const damage: Problem[] = [];
  const epoch = orDamaged(damage, () => snapshot.epoch);
  const observation = orDamaged([], () => home.clock.read());
  const trust = await trustOf(world, snapshot, damage);
  const hold = orDamaged(damage, () => standingHold(world, { home, epoch })) ?? null;
  const quarantined = home.quarantine.survey();
  const claims = orDamaged(damage, () => claimProblems(world, snapshot)) ?? [];
  damage.push(...pins.damaged.map(({ error }) => problemOf(error)), ...quarantined.damaged.map(damagedQuarantine));
  const standing = { newest, epoch, pins: pins.pins };
  const engines = Object.entries(manifest.engines).map(([name, engine]) => engineStatus(standing, name, engine));
  return {
    home: home.path,
    generation: newest.number,
    channel: newest.channel,
    repository: config.repository,
    manifest: newest.manifest,
    unit: manifest.unit,
    epoch: epoch ?? null,
    observedAt: observation?.at ?? null,
    engines,
    disk: {
      installedBytes: newest.installations.reduce((total, { bytes }) => total + bytes, 0),
      freeBytes: world.fileSystem.freeSpace(home.path).bytes,
    },
    trust,
    held: newest.holdsSerial !== undefined,
    hold,
    problems: [
      ...homeProblems(snapshot, damage),
      ...claims,
      ...engineProblems({ manifest, newest, epoch }, engines),
      ...pinnedProblems(pinnedOf(unpromised(manifest, newest.installations), pins.pins)),
      ...trustProblems(world, trust),
      ...quarantineProblems(newest, standingQuarantine(world, quarantined.records)),
    ],
  };
}

function engineStatus(
  { newest, epoch, pins }: Pick<Snapshot, "newest" | "epoch"> & { readonly pins: readonly Pin[] },
  name: string,
  engine: Engine,
): EngineStatus {
  const installed = new Set(
    newest.installations.filter((release) => release.engine === name).map(({ version }) => version),
  );
  const now = epoch === undefined ? alwaysInEffect(engine.deployments) : inEffect(engine.deployments, epoch);
  const next = epoch === undefined ? undefined : nextAfter(engine.deployments, epoch);
  return {
    engine: name,
    inEffect: now === undefined ? null : { ...now, installed: installed.has(now.version) },
    next:
      next === undefined
        ? null
        : { ...next, epochsLeft: next.validFrom - (epoch as Epoch), installed: installed.has(next.version) },
    selected: newest.selections[name] ?? null,
    pins: pins.filter((pin) => pin.engine === name).length,
  };
}

async function trustOf(world: World, { home, newest }: Snapshot, damage: Problem[]): Promise<StatusResult["trust"]> {
  const keeper = await offlineKeeper(world);
  const set = orDamaged(damage, () => believedSet(keeper, home, newest));
  if (set === undefined) return { rootVersion: null, rootSha256: null, expires: {}, expired: [] };
  const expires = keeper.expiries(set);
  const root = keeper.rootOf(set);
  const expired = Object.entries(expires).flatMap(([role, at]) => (Date.parse(at) <= world.clock.now() ? [role] : []));
  return { rootVersion: root.version, rootSha256: root.sha256, expires, expired };
}
