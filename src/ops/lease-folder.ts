import { EngineryError, isEngineryError } from "../core/errors.ts";
import { LEASES_GROUP, LEASES_MODE, leaseFolderCommand } from "../core/lease-folder.ts";
import type { Home } from "../store/home.ts";
import { type HomeDanger, placeDangers } from "./home-dangers.ts";
import type { World } from "./world.ts";

const EVERYBODY_WRITES = 0o002;
const GROUP_WRITES = 0o020;
const STICKY = 0o1000;
const ABOVE_MODE = 0o755;
/** Until there is a group that may claim, the owner alone does. */
const OWNER_ALONE = 0o700;

/**
 * In which ways the folder of leases outside the home would not do: `refused` where a claim could be lost, else somebody cannot claim, or
 * what is over stays. Empty where leases lie in the home. Errors: `home-damaged`.
 */
export function leaseFolderDangers(world: World, home: Pick<Home, "path" | "leases">): readonly HomeDanger[] {
  const folder = home.leases.outside();
  if (folder === undefined) return [];
  const owner = ownerOf(world, home.path);
  const status = world.fileSystem.status(folder);
  const mend = leaseFolderCommand(folder, nameOf(world, owner));
  const danger = (message: string, refused: boolean, by = mend): HomeDanger[] => [
    { path: folder, message, mend: by, refused },
  ];
  if (status === undefined) return danger(`There is no folder ${folder}: nothing can be claimed or pruned.`, true);
  if (status.kind !== "directory") return danger(`${folder} is no folder: nothing can be claimed or pruned.`, true);
  const group = world.host.groupId?.(LEASES_GROUP);
  return [
    ...placeDangers(world, folder),
    ...(status.owner === owner ? [] : foreignOwner(world, folder, status.owner, mend)),
    ...(isOpen(status.mode) ? danger(`Others may remove the leases in ${folder} (mode ${octal(status)}).`, true) : []),
    ...(group === undefined
      ? danger(
          `There is no group ${LEASES_GROUP}: only the owner of ${folder} can start engines.`,
          false,
          `sudo groupadd --system ${LEASES_GROUP} && sudo enginery doctor --fix --home ${home.path}`,
        )
      : []),
    ...(group !== undefined && !isOpen(status.mode) && (status.group !== group || (status.mode & 0o070) !== 0o070)
      ? danger(`The group ${LEASES_GROUP} may not write leases in ${folder}.`, false)
      : []),
  ];
}

/** Whoever owns a sticky folder may remove what lies in it, as root may. */
function foreignOwner(world: World, folder: string, owner: number, mend: string): HomeDanger[] {
  const who = nameOf(world, owner);
  const message =
    owner === 0
      ? `${folder} belongs to root, and the home does not: what other accounts claimed can be swept by root alone.`
      : `${folder} belongs to ${who}, who may remove the leases of others.`;
  return [{ path: folder, message, mend, refused: owner !== 0 }];
}

/**
 * Makes the folder, or gives it the group and mode that it is to have. Its owner is that of the home, so that prune may sweep it.
 * Errors: `lease-folder` where this process may not, with the command that does.
 */
export function layLeaseFolder(world: World, folder: string, owner: number): void {
  const { fileSystem, host } = world;
  const group = host.groupId?.(LEASES_GROUP);
  try {
    makeWithParents(world, folder);
    const status = fileSystem.status(folder);
    if (status?.kind !== "directory") throw new EngineryError("missing", `${folder} is no folder.`);
    if (status.owner !== owner || (group !== undefined && status.group !== group)) {
      fileSystem.changeOwner(folder, owner, group ?? status.group);
    }
    // after the owner: who changes it takes setgid away
    fileSystem.changeMode(folder, group === undefined ? OWNER_ALONE : LEASES_MODE);
  } catch (error) {
    if (!isEngineryError(error, "permission", "read-only", "missing")) throw error;
    throw new EngineryError("lease-folder", `The folder for leases could not be made. ${error.message}`, {
      hint: `Make it: ${leaseFolderCommand(folder, nameOf(world, owner))}`,
      context: { path: folder },
      cause: error,
    });
  }
}

/** Before the first release is claimed; what is there is left to `doctor`. Errors: `lease-folder`. */
export function requireLeaseFolder(world: World, folder: string, owner: number): void {
  if (world.fileSystem.status(folder) !== undefined) return;
  layLeaseFolder(world, folder, owner);
  if (world.host.groupId?.(LEASES_GROUP) !== undefined) return;
  world.reporter.warn(
    "lease",
    `There is no group ${LEASES_GROUP}: only ${nameOf(world, owner)} can start engines. See: enginery doctor`,
  );
}

/** Of the home, or of what will be made at its path. */
export function ownerOf(world: World, home: string): number {
  return world.fileSystem.status(`${home}/.`)?.owner ?? world.host.userId ?? 0;
}

function makeWithParents({ fileSystem }: World, folder: string): void {
  const names = folder.split("/").slice(1);
  for (const count of names.keys()) {
    const path = `/${names.slice(0, count + 1).join("/")}`;
    if (fileSystem.status(path) !== undefined) continue;
    // nobody else comes in before it is the group's
    fileSystem.makeDirectory(path, path === folder ? OWNER_ALONE : ABOVE_MODE);
  }
}

function isOpen(mode: number): boolean {
  return (mode & EVERYBODY_WRITES) !== 0 || ((mode & GROUP_WRITES) !== 0 && (mode & STICKY) === 0);
}

function nameOf({ host }: World, id: number): string | number {
  return host.accountName?.(id) ?? id;
}

function octal({ mode }: { readonly mode: number }): string {
  return mode.toString(8);
}
