import type { Lease } from "../core/model/home.ts";
import { parseLease } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import type { LeaseFolder } from "./lease-folder.ts";

/** Between the clock of files and that of the boot. */
const CLOCK_MARGIN_MS = 5_000;
/** Many times the largest: a tenant's name takes the most. */
const MAX_LEASE_BYTES = 64 * 1024;

/** Every lease, as `Leases.all` answers them. */
export function leaseReadingOf({ layout, fileSystem, reading, host }: Ground, place: LeaseFolder): () => Lease[] {
  const folder = layout.folder("leases");

  function read(of: string, name: string): Lease | undefined {
    const id = name.slice(0, -".json".length);
    const named = nameOf(id);
    if (named === undefined) return undefined;
    const path = layout.lease(id, of);
    try {
      const lease = of === folder ? reading.record(path, parseLease) : readOutside(path);
      // Removed since the folder was listed.
      if (lease === undefined) return undefined;
      return { ...lease, ...named, id };
    } catch {
      return { format: 1, id, ...named, pid: 0, ...(isOfEarlierBoot(path) ? earlierBoot() : {}) };
    }
  }

  /** Others write there too: whatever it is, it is not waited for, and little of it is read. */
  function readOutside(path: string): Lease | undefined {
    const bytes = fileSystem.readPlainFile(path, MAX_LEASE_BYTES);
    return bytes && parseLease(bytes);
  }

  /** A power cut leaves names without their bytes, as leases are not flushed: what was written before this boot claims nothing any more. */
  function isOfEarlierBoot(path: string): boolean {
    const booted = host.bootedMs?.();
    const written = fileSystem.status(path)?.modifiedMs;
    return booted !== undefined && written !== undefined && written < booted - CLOCK_MARGIN_MS;
  }

  function earlierBoot(): Pick<Lease, "boot" | "machine"> {
    const { machine } = host.self();
    return { boot: "earlier", ...(machine === undefined ? {} : { machine }) };
  }

  function listOf(each: string) {
    if (each === folder) return reading.list(each);
    place.require(each);
    return place.within(each, () => reading.list(each));
  }

  return () =>
    place.all().flatMap((each) => {
      const names = listOf(each).map(({ name }) => name);
      return names.filter((name) => name.endsWith(".json")).flatMap((name) => read(each, name) ?? []);
    });
}

/** `<engine>@<version>.<process>`: the process part holds no dot, the version may. */
function nameOf(id: string): Pick<Lease, "engine" | "version"> | undefined {
  const [, engine, version] = /^([^@]+)@(.+)\.[^.]+$/.exec(id) ?? [];
  return engine === undefined || version === undefined ? undefined : { engine, version };
}

export function isLeaseId(id: string): boolean {
  return nameOf(id) !== undefined && !/[/\\]/.test(id);
}
