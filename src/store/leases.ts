import { EngineryError, isEngineryError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { Lease } from "../core/model/home.ts";
import type { Epoch, Version } from "../core/model/manifest.ts";
import type { ProcessIdentity } from "../ports/host.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE, RECORD_MODE } from "./layout.ts";
import type { LeaseFolder } from "./lease-folder.ts";
import { isLeaseId, leaseReadingOf } from "./lease-reading.ts";
import type { Marks } from "./marks.ts";
import { ownerState } from "./owner.ts";
import { damaged } from "./reading.ts";

/** No boot is called so: what was of it is over. */
const OVER = "over";

/** What a process wants to run. */
export interface Claim {
  readonly engine: string;
  readonly version: Version;
  readonly tenant?: string;
  readonly epoch?: Epoch;
}

export interface Leases {
  /**
   * Writes the claim of this process, then looks for a mark and the installation: withdraws and throws `marked`,
   * `release-not-installed`. Disposing removes it.
   */
  take(claim: Claim): Lease & Disposable;
  /**
   * The same claim for a child that runs under it, and outlives this process where that is killed. Its name ends as the other's does: it is
   * the same run. Disposing removes it.
   */
  takeFor(child: number, lease: Lease): Lease & Disposable;
  /**
   * Ends a claim for somebody who cannot write the ledger: what it tells of work stays, until the home's owner puts it on record. Where it
   * could not be told from a claim that stands, it goes.
   */
  end(lease: Lease): void;
  /** The folder outside the home where they lie; undefined: in the home. Errors: `home-damaged`. */
  outside(): string | undefined;
  /** Whether this account may put on record what it claims; else its lease tells of it. Errors: `home-damaged`. */
  mayTell(): boolean;
  /** From now on they lie there; those in the home hold on. Durable when it returns. */
  moveOutside(folder: string): void;
  /** A lease that cannot be read is answered with what its name tells, and never counts as gone. Errors: `lease-folder`, `permission`. */
  all(): Lease[];
  remove(id: string): boolean;
  /** False of another account's in a sticky folder that is neither ours nor are we root. */
  isOursToRemove(id: string): boolean;
  /** Removes what died on its way to be a lease in the folder outside the home, as far as this account may. */
  sweepAbandoned(): void;
  /** Writes nothing. Errors: `permission`, `read-only`, `lease-folder` where this process could not `take`; `home-damaged` where there is something else in the folder's place. */
  requireWritable(): void;
  /** When it was written, milliseconds since 1970; undefined where it is gone. */
  writtenMs(id: string): number | undefined;
  /** `foreign`: of another machine or pid namespace, or incomplete. */
  state(lease: Lease): "alive" | "gone" | "foreign";
}

/** <engine>@<version>.<process>.json, in leases/ or where LEASES says: the name alone tells what is claimed, should the rest be unreadable. */
export function leasesOf(ground: Ground, marks: Marks, place: LeaseFolder): Leases {
  const { layout, fileSystem, durable, reading, host, identifiers, reporter } = ground;
  const folder = layout.folder("leases");
  const state: Leases["state"] = (lease) => ownerState(lease, host);
  const pathsOf = (id: string) => place.all().map((each) => layout.lease(id, each));
  const remove = (id: string) => isLeaseId(id) && pathsOf(id).filter(removeAt).length > 0;

  function removeAt(path: string): boolean {
    try {
      return fileSystem.unlink(path);
    } catch (error) {
      if (fileSystem.status(path)?.kind !== "directory") throw error;
      if (fileSystem.removeDirectory(path)) return true;
      throw damaged(path, "is a folder, in the place of a lease", undefined, "Look whose it is, and remove it.");
    }
  }

  /** Not flushed: no process outlives the power. */
  function write(claim: Claim, owner: ProcessIdentity, operation = identifiers.operation()): Lease & Disposable {
    const name = `${owner.pid}-${operation}`;
    const id = `${claim.engine}@${claim.version}.${name}`;
    const record: Lease = { ...claim, ...owner, format: 1, id: name };
    put(id, canonicalJson(record));
    return { ...record, id, [Symbol.dispose]: () => release(id) };
  }

  /** Of this machine, boot and namespace, as this process is. */
  function childIdentity(pid: number): ProcessIdentity {
    const { started: _, ...self } = host.self();
    const started = host.startedOf(pid) ?? undefined;
    return { ...self, pid, ...(started === undefined ? {} : { started }) };
  }

  /** What was done under it is done: a lease that cannot be removed ends with its process. */
  function release(id: string): void {
    try {
      remove(id);
    } catch (error) {
      reporter.warn("cleanup", `The lease ${id} could not be removed: ${String(error)}`);
    }
  }

  /** Whole from the moment it has its name: half a lease could be judged by nobody, and would keep its installation for good. */
  function put(id: string, bytes: Uint8Array): void {
    const outside = place.outside();
    if (outside !== undefined) {
      putOutside(outside, id, bytes);
      return;
    }
    const path = layout.lease(id);
    reading.refuseLinks(folder);
    try {
      durable.replaceLoosely(path, bytes, RECORD_MODE);
    } catch (error) {
      if (!isEngineryError(error, "missing", "permission", "read-only")) throw error;
      // A home that came back from a copy may lack its empty folders; staging/ may be somebody else's.
      fileSystem.makeDirectory(folder, FOLDER_MODE);
      using handle = fileSystem.createExclusive(path, RECORD_MODE);
      handle?.write(bytes);
    }
  }

  /** staging/ is another disk, and another account's. */
  function putOutside(outside: string, id: string, bytes: Uint8Array): void {
    place.require(outside);
    const temporary = layout.temporaryLease(outside, identifiers.operation());
    place.within(outside, () => durable.replaceOutside(layout.lease(id, outside), temporary, bytes, RECORD_MODE));
  }

  function end(lease: Lease): void {
    const { id, machine } = lease;
    if (machine === undefined || machine !== host.self().machine) release(id);
    // ended before: what it told may be on record already
    else if (pathsOf(id).some((path) => fileSystem.status(path) !== undefined)) endOver(lease);
  }

  function endOver({ id, ...lease }: Lease): void {
    const { engine, version, pid, machine, started, namespace, tenant, epoch } = lease;
    const known = Object.entries({ started, namespace, tenant, epoch }).filter(([, value]) => value !== undefined);
    const name = id.slice(`${engine}@${version}.`.length);
    const over = { format: 1, id: name, engine, version, pid, machine, boot: OVER, ...Object.fromEntries(known) };
    try {
      put(id, canonicalJson(over));
    } catch (error) {
      reporter.warn("cleanup", `What the lease ${id} tells of work is lost: ${String(error)}`);
      release(id);
    }
  }

  /** The claim is on disk before the mark is looked for; prune does it the other way round, so one of the two sees the other. */
  function requireUnmarked({ engine, version }: Claim): void {
    if (marks.get(engine, version) !== undefined) {
      throw new EngineryError("marked", `${engine}@${version} is about to be removed.`, {
        context: { engine, version },
      });
    }
    if (fileSystem.status(layout.installation(engine, version))?.kind !== "directory") {
      throw new EngineryError("release-not-installed", `${engine}@${version} is not installed.`, {
        hint: `Install it: \`enginery install ${engine}@${version}\`.`,
        context: { engine, version },
      });
    }
  }

  return {
    take: (claim) => {
      const lease = write(claim, host.self());
      try {
        requireUnmarked(claim);
      } catch (error) {
        release(lease.id);
        throw error;
      }
      return lease;
    },
    takeFor: (child, { id, engine, version, tenant, epoch }) => {
      const claim = {
        engine,
        version,
        ...(tenant === undefined ? {} : { tenant }),
        ...(epoch === undefined ? {} : { epoch }),
      };
      return write(claim, childIdentity(child), id.slice(id.lastIndexOf("-") + 1));
    },
    end,
    outside: place.outside,
    mayTell: place.mayTell,
    moveOutside: place.moveOutside,
    all: leaseReadingOf(ground, place),
    remove,
    isOursToRemove: (id) => pathsOf(id).every((path) => place.mayRemove(path)),
    sweepAbandoned: place.sweepAbandoned,
    requireWritable: () => {
      const outside = place.outside();
      if (outside !== undefined) {
        place.require(outside);
        place.within(outside, () => fileSystem.requireWritable(outside));
        return;
      }
      reading.refuseLinks(folder);
      // a home that came back from a copy may lack its empty folders, and `take` makes this one
      const kind = fileSystem.status(folder)?.kind;
      if (kind !== undefined && kind !== "directory") throw damaged(folder, "is no folder");
      fileSystem.requireWritable(kind === undefined ? layout.home : folder);
    },
    writtenMs: (id) =>
      isLeaseId(id) ? pathsOf(id).flatMap((path) => fileSystem.status(path)?.modifiedMs ?? [])[0] : undefined,
    state,
  };
}
