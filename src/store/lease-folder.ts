import { EngineryError, isEngineryError } from "../core/errors.ts";
import { encodeLeasesPlace, LEASES_GROUP, leaseFolderCommand, parseLeasesPlace } from "../core/lease-folder.ts";
import type { Ground } from "./ground.ts";
import { LAYOUT_LEASES_OUTSIDE, LAYOUT_NUMBER, parentOf, RECORD_MODE } from "./layout.ts";
import { layoutNumber } from "./layout-number.ts";
import { damaged } from "./reading.ts";
import { ABANDONED_MS } from "./staging.ts";

const ROOT = 0;

/** Where leases lie: in the home, or in a folder outside it where other accounts may claim too. */
export interface LeaseFolder {
  /** Undefined: in the home. Errors: `home-damaged` where the layout says outside and nothing tells where. */
  outside(): string | undefined;
  /** An account that may claim and no more leaves its lease behind, which tells what the ledger would: prune, as the home's owner, puts it there. */
  mayTell(): boolean;
  /** Every folder that may hold a claim. One lease may be in the home still from before they moved. */
  all(): readonly string[];
  /** Errors: `lease-folder` where there is no such folder. */
  require(folder: string): void;
  /** As which layout the home counts: 2 where leases lie outside. Durable when it returns; claims in the home hold on. */
  moveOutside(folder: string): void;
  /** In a sticky folder its owner, the file's owner and root may. */
  mayRemove(path: string): boolean;
  /** Removes temporary files outside that are long dead, as far as this account may. */
  sweepAbandoned(): void;
  /** Errors of the operating system for want of a right are told with what gives it: `permission`. */
  within<T>(folder: string, action: () => T): T;
}

/** `opened`: what VERSION said when the home was opened; undefined: nothing. */
export function leaseFolderOf(ground: Ground, opened: number | undefined): LeaseFolder {
  const { layout, fileSystem, durable, reading, host, clock } = ground;
  const own = layout.folder("leases");

  function outside(): string | undefined {
    // VERSION alone says that they have moved, and who has the home open follows: it never says less again
    if (opened === LAYOUT_NUMBER && !(hasPlace() && layoutNumber(ground) === LAYOUT_LEASES_OUTSIDE)) return undefined;
    const folder = reading.record(layout.leasesPlace, parseLeasesPlace);
    if (folder !== undefined || opened === undefined) return folder;
    throw damaged(
      layout.leasesPlace,
      "is missing, and processes may have claimed what they run in the folder that it named",
      undefined,
      "Write that folder's path and a line end into it; with --system it is /run/enginery/leases.",
    );
  }

  function hasPlace(): boolean {
    return fileSystem.status(layout.leasesPlace) !== undefined;
  }

  const owner = () => fileSystem.status(`${layout.home}/.`)?.owner ?? ROOT;
  const ownerName = () => host.accountName?.(owner()) ?? owner();

  function mayRemove(path: string): boolean {
    if (host.userId === undefined || host.userId === ROOT) return true;
    const owner = fileSystem.status(path)?.owner;
    return owner === undefined || [owner, fileSystem.status(parentOf(path))?.owner].includes(host.userId);
  }

  function isAbandoned(path: string): boolean {
    const status = fileSystem.status(path);
    return status?.kind === "file" && clock.now() - status.modifiedMs > ABANDONED_MS;
  }

  return {
    outside,
    mayTell: () => outside() === undefined || host.userId === owner(),
    all: () => {
      const folder = outside();
      return folder === undefined ? [own] : [own, folder];
    },
    require: (folder) => {
      const kind = fileSystem.status(folder)?.kind;
      if (kind === "directory") return;
      const what = kind === undefined ? "There is no folder" : "There is something else in the place of the folder";
      throw new EngineryError("lease-folder", `${what} ${folder}, in which processes claim what they run.`, {
        hint: `Make it: ${leaseFolderCommand(folder, ownerName())}`,
        context: { path: folder },
      });
    },
    mayRemove,
    sweepAbandoned: () => {
      const folder = outside();
      const names = folder === undefined ? [] : (fileSystem.list(folder) ?? []).map(({ name }) => name);
      const paths = names.filter((name) => name.startsWith(".")).map((name) => `${folder}/${name}`);
      for (const path of paths) if (isAbandoned(path) && mayRemove(path)) fileSystem.unlink(path);
    },
    moveOutside: (folder) => {
      // the name first: a layout that promises it is never without it
      durable.replace(layout.leasesPlace, encodeLeasesPlace(folder), RECORD_MODE);
      durable.replace(layout.version, new TextEncoder().encode(`${LAYOUT_LEASES_OUTSIDE}\n`), RECORD_MODE);
    },
    within: (folder, action) => {
      try {
        return action();
      } catch (error) {
        if (!isEngineryError(error, "permission")) throw error;
        const { userId } = host;
        const name = userId === undefined ? undefined : host.accountName?.(userId);
        const who = userId === undefined ? "This account" : `uid ${userId}${name === undefined ? "" : ` (${name})`}`;
        throw new EngineryError("permission", `${who} may not claim what it runs in ${folder}. ${error.message}`, {
          hint: `Let it, then start it anew: sudo usermod -aG ${LEASES_GROUP} ${name ?? "ACCOUNT"}`,
          context: { path: folder },
          cause: error,
        });
      }
    },
  };
}
