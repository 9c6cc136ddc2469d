import { resolve } from "../core/resolve.ts";
import { record } from "./commit.ts";
import type { ExecRequest } from "./operator.ts";
import { takeSnapshot } from "./snapshot.ts";
import { entryPath, questionOf } from "./which.ts";
import type { World } from "./world.ts";

/**
 * Runs the engine in effect while holding a lease on its installation. Where the OS replaces a process the lease goes on
 * with it (same pid, same start time) and this does not return; elsewhere the engine's exit status is answered.
 * Errors: those of `which`, `marked`, `engine-start`, and those of a lease that cannot be written: then nothing runs.
 */
export async function exec(world: World, request: ExecRequest): Promise<number> {
  const snapshot = takeSnapshot(world, request);
  const resolution = resolve(questionOf(snapshot, request));
  const { engine, version, epoch, entryPoint } = resolution;
  // exec.md 3: the claim is on disk before the marks are read; prune does the same from its side
  using lease = snapshot.home.leases.take({
    engine,
    version,
    ...(request.tenant === undefined ? {} : { tenant: request.tenant }),
    ...(epoch === null ? {} : { epoch }),
  });
  world.reporter.note(`lease ${lease.id} on ${engine}@${version}`);
  const { tree, because } = resolution;
  const ran = {
    engine,
    version,
    tree,
    epoch,
    because,
    ...(request.tenant === undefined ? {} : { tenant: request.tenant }),
  };
  record(world, snapshot.home, world.identifiers.operation(), "exec", ran);
  return await world.children.replace(entryPath(snapshot, resolution, entryPoint.path), request.args, {
    ...request.env,
    ENGINERY_ENGINE: engine,
    ENGINERY_ENGINE_VERSION: version,
  });
}
