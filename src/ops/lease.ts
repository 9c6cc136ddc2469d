import { EngineryError } from "../core/errors.ts";
import type { Resolution } from "../core/model/resolution.ts";
import type { Home } from "../store/home.ts";
import type { StorePorts } from "../store/ports.ts";
import { record } from "./commit.ts";

type Leased = Omit<Resolution, "entryPoint" | "entry"> & { readonly tenant?: string | null };

/**
 * A host's claim on what was resolved, and a ledger line that tells of it: a host that leases an engine is about to run it. One line
 * for each release, epoch and reason, however often it is leased; `told` remembers them. Errors: `marked`, `release-not-installed`,
 * `installation-damaged`, and those of a folder that cannot be written.
 */
export function leaseWork(world: StorePorts, home: Home, leased: Leased, told: Set<string>) {
  const { engine, version, tree, epoch, because, tenant } = leased;
  const lease = home.leases.take({
    engine,
    version,
    ...(typeof tenant === "string" ? { tenant } : {}),
    ...(epoch === null ? {} : { epoch }),
  });
  try {
    requireSealed(home, leased);
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
  const key = [engine, version, tree, epoch, because].join(" ");
  if (told.has(key)) return lease;
  if (home.leases.mayTell()) {
    record(world, home, world.identifiers.operation(), "lease", {
      engine,
      version,
      tree,
      epoch,
      because,
      lease: lease.id,
    });
    told.add(key);
    return lease;
  }
  const end = () => {
    // what tells of it already is enough: a host that claims each block would fill the folder
    if (told.has(key)) lease[Symbol.dispose]();
    else home.leases.end(lease);
    told.add(key);
  };
  return { ...lease, [Symbol.dispose]: end };
}

/** Law 1: what lies under the label, now that it is claimed, is what was resolved. Errors: `installation-damaged`. */
export function requireSealed(
  home: Home,
  { engine, version, tree }: Pick<Resolution, "engine" | "version" | "tree">,
): void {
  const found = home.installations.seal(engine, version)?.tree;
  if (found === tree) return;
  throw new EngineryError(
    "installation-damaged",
    `${engine}@${version} is not sealed as the release that was resolved.`,
    {
      hint: `Mend it: enginery verify --repair ${engine}@${version}`,
      context: { engine, version, expected: tree, found: found ?? null },
    },
  );
}
