import type { Engine, Epoch } from "../core/model/manifest.ts";
import { inEffect, nextAfter } from "../core/schedule.ts";
import type { EngineStatus, HomeRequest, StatusResult } from "./operator.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;
/** Trust that ends within this many days is told of. */
const WARN_DAYS = 7;

/** One screen: epoch, in effect, next, disk, trust, problems. Hashes nothing, downloads nothing. */
export async function status(world: World, request: HomeRequest): Promise<StatusResult> {
  const snapshot = takeSnapshot(world, request);
  const { home, config, newest, manifest, epoch } = snapshot;
  const trust = await trustOf(world, snapshot);
  const engines = Object.entries(manifest.engines).map(([name, engine]) => engineStatus(snapshot, name, engine));
  return {
    home: home.path,
    generation: newest.number,
    channel: newest.channel,
    repository: config.repository,
    manifest: newest.manifest,
    unit: manifest.unit,
    epoch: epoch ?? null,
    observedAt: home.clock.read()?.at ?? null,
    engines,
    disk: {
      installedBytes: newest.installations.reduce((total, { bytes }) => total + bytes, 0),
      freeBytes: world.fileSystem.freeSpace(home.path).bytes,
    },
    trust,
    held: newest.holdsSerial !== undefined,
    problems: [...engineProblems(snapshot, engines), ...trustProblems(world, trust), ...quarantineProblems(snapshot)],
  };
}

function engineStatus({ home, newest, epoch }: Snapshot, name: string, engine: Engine): EngineStatus {
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
    pins: [...home.pins.all()].filter((pin) => pin.engine === name).length,
  };
}

async function trustOf(world: World, { home, newest }: Snapshot): Promise<StatusResult["trust"]> {
  const keeper = await world.trust({ open: () => Promise.reject(new Error("status never fetches")) });
  const set = home.trust.read(home.trust.newest() ?? newest.trustSet);
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
  { manifest, epoch, newest }: Snapshot,
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

function quarantineProblems({ home, newest }: Snapshot): StatusResult["problems"] {
  const installed = new Set(newest.installations.map(({ tree }) => tree));
  return home.quarantine.list().map(({ engine, version, tree, reason }) => ({
    code: "release-quarantined",
    message: `${engine}@${version} is quarantined${installed.has(tree) ? " and installed" : ""}: ${reason}`,
  }));
}
