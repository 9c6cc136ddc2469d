import { isEngineryError } from "../core/errors.ts";
import type { Lease } from "../core/model/home.ts";
import { resolve } from "../core/resolve.ts";
import { record } from "./commit.ts";
import { requireGuard } from "./guard.ts";
import { requireSealed } from "./lease.ts";
import type { ExecRequest } from "./operator.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { questionOf, requireEntry } from "./which.ts";
import type { World } from "./world.ts";

/**
 * Runs the engine in effect while holding a lease on its installation. Where the OS replaces a process the lease goes on
 * with it (same pid, same start time) and this does not return; elsewhere the engine's exit status is answered.
 * Errors: those of `which`, `marked`, those of a guard, `engine-start`, and those of a lease that cannot be written: then nothing runs.
 */
export async function exec(world: World, request: ExecRequest): Promise<number> {
  const snapshot = takeSnapshot(world, request);
  const resolution = resolve(questionOf(snapshot, request));
  const { engine, version, epoch, entryPoint } = resolution;
  // exec.md 3: the claim is on disk before the marks are read; prune does the same from its side
  using leases = new DisposableStack();
  const claim = {
    engine,
    version,
    ...(request.tenant === undefined ? {} : { tenant: request.tenant }),
    ...(epoch === null ? {} : { epoch }),
  };
  const lease = leases.use(snapshot.home.leases.take(claim));
  requireSealed(snapshot.home, resolution);
  const file = requireEntry(world, snapshot, resolution, entryPoint.path);
  requireGuard(world, snapshot, resolution, request.args);
  world.reporter.note(`lease ${lease.id} on ${engine}@${version}`);
  const { tree, because } = resolution;
  const ran = {
    engine,
    version,
    tree,
    epoch,
    because,
    ...(request.tenant === undefined ? {} : { tenant: request.tenant }),
    lease: lease.id,
  };
  const tells = snapshot.home.leases.mayTell();
  if (tells) record(world, snapshot.home, world.identifiers.operation(), "exec", ran);
  const env = { ...withoutSecrets(request.env), ENGINERY_ENGINE: engine, ENGINERY_ENGINE_VERSION: version };
  return await world.children.replace(file, request.args, env, (child) => {
    const own = leaseOfChild(world, snapshot, child, lease);
    if (own === undefined) return;
    if (tells) leases.use(own);
    lease[Symbol.dispose]();
  });
}

/** exec.md 6: an engine that is a child goes on where this process is killed, and so does its claim. */
function leaseOfChild(world: World, { home }: Snapshot, child: number, lease: Lease) {
  try {
    return home.leases.takeFor(child, lease);
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    world.reporter.warn("lease", `The engine runs under this process's lease alone: ${error.message}`);
    return undefined;
  }
}

/** A passphrase of keys is no engine's business, whatever else of the environment it inherits. */
function withoutSecrets(env: ExecRequest["env"]): ExecRequest["env"] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("ENGINERY_PASSPHRASE")));
}
