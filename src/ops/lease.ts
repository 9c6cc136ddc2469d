import { EngineryError } from "../core/errors.ts";
import type { Resolution } from "../core/model/resolution.ts";
import { record } from "./commit.ts";
import type { Snapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

type Leased = Omit<Resolution, "entryPoint" | "entry"> & { readonly path: string };

/**
 * A host's claim on what was resolved, and a ledger line that tells of it: a host that leases an engine is about to run it. One line
 * for each release, epoch and reason, however often it is leased; `told` remembers them. Errors: `marked`, `release-not-installed`.
 */
export function leaseWork(world: World, { home }: Snapshot, leased: Leased, told: Set<string>): Disposable {
  const { engine, version, tree, epoch, because, path } = leased;
  if (world.fileSystem.status(path) === undefined) {
    throw new EngineryError("release-not-installed", `${engine}@${version} is no longer installed.`);
  }
  const lease = home.leases.take({ engine, version, ...(epoch === null ? {} : { epoch }) });
  const key = [engine, version, tree, epoch, because].join(" ");
  if (!told.has(key)) {
    record(world, home, world.identifiers.operation(), "lease", {
      engine,
      version,
      tree,
      epoch,
      because,
      lease: lease.id,
    });
    told.add(key);
  }
  return lease;
}
