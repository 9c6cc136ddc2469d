import { EngineryError } from "../core/errors.ts";
import { commitGeneration, record, settle } from "./commit.ts";
import { withLock } from "./locking.ts";
import type { ChangeRequest } from "./operator.ts";
import { requireInstalled } from "./requirements.ts";
import { type DatedSnapshot, renewSnapshot, type Snapshot, takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

type UseRequest = ChangeRequest & { readonly engine: string; readonly version: string };

/** Selects a release for an engine without a schedule; for one with a schedule the schedule answers. Errors: `refused`. */
export async function use(world: World, request: UseRequest): Promise<{ readonly generation: number }> {
  const before = takeSnapshot(world, request);
  requireUsable(before, request);
  const { newest } = before;
  if (request.dryRun || newest.selections[request.engine] === request.version) return { generation: newest.number };
  return await withLock(world, before.home, "use", () => select(world, request, before));
}

function select(world: World, request: UseRequest, before: DatedSnapshot): { readonly generation: number } {
  const { engine, version } = request;
  const snapshot = renewSnapshot(world, request, before);
  requireUsable(snapshot, request);
  const { home, newest, manifest } = snapshot;
  const operation = world.identifiers.operation();
  const { channel, trustSet, installations, holdsSerial } = newest;
  const next = {
    cause: "use" as const,
    channel,
    trustSet,
    manifest: newest.manifest,
    installations,
    selections: { ...newest.selections, [engine]: version },
    ...(holdsSerial === undefined ? {} : { holdsSerial }),
  };
  const committed = commitGeneration(world, home, operation, newest, next, manifest);
  if (committed.outcome === "lost") throw new EngineryError("commit-lost", "Another writer committed first.");
  settle(world, home, committed.generation, manifest, true);
  const { number } = committed.generation;
  record(world, home, operation, "use", { engine, version }, { from: newest.number, to: number });
  return { generation: number };
}

function requireUsable({ manifest, newest }: Snapshot, { engine, version }: UseRequest): void {
  requireInstalled(manifest, newest, engine, version);
  if ((manifest.engines[engine]?.deployments.length ?? 0) === 0) return;
  throw new EngineryError("refused", `${engine} has a schedule, and the schedule says which release is in effect.`, {
    hint: `For one tenant: enginery pin TENANT ${engine}@${version}`,
    context: { engine, version },
  });
}
