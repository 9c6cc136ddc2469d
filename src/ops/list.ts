import type { Deployment, Epoch, Version } from "../core/model/manifest.ts";
import { type DeploymentState, statesOf } from "../core/schedule.ts";
import type { HomeRequest, ListedRelease, ListResult, ScheduleResult } from "./operator.ts";
import { requireEngine } from "./requirements.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

type EngineRequest = HomeRequest & { readonly engine?: string | undefined };

/** What is installed. Reads the newest generation and its manifest, no installation. */
export async function list(world: World, request: EngineRequest): Promise<ListResult> {
  const snapshot = takeSnapshot(world, request);
  return { generation: snapshot.newest.number, engines: installedOf(snapshot, request.engine) };
}

/** Every deployment of the accepted manifest, earliest first. */
export async function schedule(world: World, request: EngineRequest): Promise<ScheduleResult> {
  return scheduleOf(takeSnapshot(world, request), request.engine);
}

/** As `list`, of what was read already. Errors: `unknown-engine`. */
export function installedOf(snapshot: Snapshot, only: string | undefined): readonly ListedRelease[] {
  const { home, newest, manifest, epoch } = snapshot;
  if (only !== undefined) requireEngine(manifest, newest, only);
  const standing = new Map(
    Object.entries(manifest.engines).map(([engine, { deployments }]) => [engine, standingOf(deployments, epoch)]),
  );
  return newest.installations
    .filter(({ engine }) => only === undefined || engine === only)
    .map(({ engine, version, platform, tree, bytes, entries }): ListedRelease => {
      const found = standing.get(engine)?.get(version);
      return {
        engine,
        version,
        platform,
        tree,
        path: home.installations.path(engine, version),
        bytes,
        validFrom: found?.validFrom ?? null,
        state: found === undefined ? "unscheduled" : found.state,
        entries: Object.keys(entries),
      };
    });
}

/** As `schedule`, of what was read already. Errors: `unknown-engine`. */
export function scheduleOf({ newest, manifest, epoch }: Snapshot, only: string | undefined): ScheduleResult {
  if (only !== undefined) requireEngine(manifest, newest, only);
  const installed = new Set(newest.installations.map(({ engine, version }) => `${engine}@${version}`));
  const engines = Object.entries(manifest.engines)
    .filter(([engine]) => only === undefined || engine === only)
    .map(([engine, published]) => {
      const states = statesOf(published.deployments, epoch);
      const rows = published.deployments
        .toSorted((one, other) => one.validFrom - other.validFrom)
        .map(({ version, validFrom }) => {
          const withdrawn = published.releases[version]?.withdrawn;
          return {
            version,
            validFrom,
            state: states.get(version) ?? null,
            installed: installed.has(`${engine}@${version}`),
            ...(withdrawn === undefined ? {} : { withdrawn }),
          };
        });
      return [engine, rows] as const;
    });
  return { unit: manifest.unit, observed: epoch ?? null, engines: Object.fromEntries(engines) };
}

interface Standing {
  readonly validFrom: Epoch;
  readonly state: DeploymentState | null;
}

function standingOf(deployments: readonly Deployment[], epoch: Epoch | undefined): ReadonlyMap<Version, Standing> {
  const states = statesOf(deployments, epoch);
  return new Map(
    deployments.map(({ version, validFrom }) => [version, { validFrom, state: states.get(version) ?? null }]),
  );
}
