import { stateOf } from "../core/schedule.ts";
import type { HomeRequest, ListedRelease, ListResult, ScheduleResult } from "./operator.ts";
import { requireEngine } from "./requirements.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

type EngineRequest = HomeRequest & { readonly engine?: string | undefined };

/** What is installed. Reads the newest generation and its manifest, no installation. */
export async function list(world: World, request: EngineRequest): Promise<ListResult> {
  const { home, newest, manifest, epoch } = takeSnapshot(world, request);
  if (request.engine !== undefined) requireEngine(manifest, newest, request.engine);
  const engines = newest.installations
    .filter(({ engine }) => request.engine === undefined || engine === request.engine)
    .map(({ engine, version, platform, tree, bytes, entries }): ListedRelease => {
      const published = manifest.engines[engine];
      return {
        engine,
        version,
        platform,
        tree,
        path: home.installations.path(engine, version),
        bytes,
        validFrom: published?.deployments.find((deployment) => deployment.version === version)?.validFrom ?? null,
        state: published === undefined ? "unscheduled" : stateOf(published, version, epoch),
        entries: Object.keys(entries),
      };
    });
  return { generation: newest.number, engines };
}

/** Every deployment of the accepted manifest, earliest first. */
export async function schedule(world: World, request: EngineRequest): Promise<ScheduleResult> {
  const { newest, manifest, epoch } = takeSnapshot(world, request);
  if (request.engine !== undefined) requireEngine(manifest, newest, request.engine);
  const installed = new Set(newest.installations.map(({ engine, version }) => `${engine}@${version}`));
  const engines = Object.entries(manifest.engines)
    .filter(([engine]) => request.engine === undefined || engine === request.engine)
    .map(([engine, published]) => {
      const rows = published.deployments
        .toSorted((one, other) => one.validFrom - other.validFrom)
        .map(({ version, validFrom }) => {
          const withdrawn = published.releases[version]?.withdrawn;
          return {
            version,
            validFrom,
            state: stateOf(published, version, epoch),
            installed: installed.has(`${engine}@${version}`),
            ...(withdrawn === undefined ? {} : { withdrawn }),
          };
        });
      return [engine, rows] as const;
    });
  return { unit: manifest.unit, observed: epoch ?? null, engines: Object.fromEntries(engines) };
}
