import { type EngineryError, isEngineryError } from "../core/errors.ts";
import type { Generation, Pin, Quarantine } from "../core/model/home.ts";
import type { Engine, Epoch } from "../core/model/manifest.ts";
import { inEffect, nextAfter } from "../core/schedule.ts";
import { standingHold } from "./hold.ts";
import { standingQuarantine } from "./host-quarantine.ts";
import type { EngineStatus, HomeRequest, StatusResult } from "./operator.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { believedSet, offlineKeeper } from "./trust-state.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;
/** Trust that ends within this many days is told of. */
const WARN_DAYS = 7;

/** One screen: epoch, in effect, next, disk, trust, problems; a damaged record is one of them. Hashes nothing, downloads nothing. */
export async function status(world: World, request: HomeRequest): Promise<StatusResult> {
  const snapshot = takeSnapshot(world, request);
  const { home, config, newest, manifest } = snapshot;
  const damage: Problem[] = [];
  const epoch = orDamaged(damage, () => snapshot.epoch);
  const observation = orDamaged([], () => home.clock.read());
  const trust = await trustOf(world, snapshot, damage);
  const hold = orDamaged(damage, () => standingHold(world, { home, epoch })) ?? null;
  const pins = home.pins.survey();
  const quarantined = home.quarantine.survey();
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
      ...engineProblems({ manifest, newest, epoch }, engines),
      ...trustProblems(world, trust),
      ...quarantineProblems(newest, standingQuarantine(world, quarantined.records)),
    ],
  };
}

type Problem = StatusResult["problems"][number];

/** What cannot be read is told among the problems. */
function orDamaged<T>(damage: Problem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isEngineryError(error, "home-damaged")) throw error;
    damage.push(problemOf(error));
    return undefined;
  }
}

function problemOf({ code, message, hint }: EngineryError): Problem {
  return { code, message: `${message} ${hint}` };
}

function damagedQuarantine(tree: string): Problem {
  return { code: "home-damaged", message: `The quarantine record of ${tree} cannot be read: enginery doctor --fix` };
}

/** Installations that are gone too: one look at each. */
function homeProblems({ home, newest }: Snapshot, damage: readonly Problem[]): readonly Problem[] {
  const gone = newest.installations.filter(({ engine, version }) => !home.installations.isThere(engine, version));
  return [
    ...damage,
    ...gone.map(({ engine, version }) => ({
      code: "installation-damaged",
      message: `${engine}@${version} is not on disk: enginery verify --repair ${engine}@${version}`,
    })),
  ];
}

function engineStatus(
  { newest, epoch, pins }: Pick<Snapshot, "newest" | "epoch"> & { readonly pins: readonly Pin[] },
  name: string,
  engine: Engine,
): EngineStatus {
  const installed = new Set(
    newest.installations.filter((release) => release.engine === name).map(({ version }) => version),
  );
  const now = epoch === undefined ? undefined : inEffect(engine.deployments, epoch);
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

function trustProblems(world: World, { expires, expired }: StatusResult["trust"]): StatusResult["problems"] {
  const soon = Object.entries(expires).filter(
    ([role, at]) => !expired.includes(role) && Date.parse(at) - world.clock.now() < WARN_DAYS * DAY_MS,
  );
  return [
    ...expired.map((role) => ({
      code: "trust-expired",
      message: `${role} expired on ${expires[role]}; upgrades wait for the publisher, engines go on.`,
    })),
    ...soon.map(([role, at]) => ({ code: "expires-soon", message: `${role} expires on ${at}.` })),
  ];
}

function engineProblems(
  { manifest, epoch, newest }: Pick<Snapshot, "manifest" | "newest" | "epoch">,
  engines: readonly EngineStatus[],
): StatusResult["problems"] {
  const missing = engines.flatMap(({ engine, inEffect: now, next }) =>
    [now, next].flatMap((deployment) =>
      deployment === null || deployment.installed
        ? []
        : [
            {
              code: "release-not-installed",
              message: `${engine}@${deployment.version} (from ${deployment.validFrom}) is not installed: enginery install ${engine}@${deployment.version}`,
            },
          ],
    ),
  );
  const withdrawn = engines.flatMap(({ engine, inEffect: now }) => {
    const reason = now === null ? undefined : manifest.engines[engine]?.releases[now.version]?.withdrawn;
    return reason === undefined
      ? []
      : [{ code: "release-withdrawn", message: `${engine}@${now?.version} is in effect and was withdrawn: ${reason}` }];
  });
  const unknown =
    epoch === undefined && engines.some(({ engine }) => (manifest.engines[engine]?.deployments.length ?? 0) > 0)
      ? [{ code: "epoch-unknown", message: "The epoch is unknown: enginery observe EPOCH" }]
      : [];
  const late = (newest.late ?? []).map(({ engine, version, validFrom, change }) => ({
    code: "late-change",
    message: `${engine}@${version} from ${validFrom} was ${change} after that epoch had begun here.`,
  }));
  return [...unknown, ...missing, ...withdrawn, ...late];
}

function quarantineProblems(newest: Generation, records: readonly Quarantine[]): readonly Problem[] {
  const installed = new Set(newest.installations.map(({ tree }) => tree));
  return records.map(({ engine, version, tree, reason }) => ({
    code: "release-quarantined",
    message: `${engine}@${version} is quarantined${installed.has(tree) ? " and installed" : ""}: ${reason}`,
  }));
}
