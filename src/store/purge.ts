import { isEngineryError } from "../core/errors.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { LOCK_NAMES } from "./layout.ts";
import { freeAll } from "./removal.ts";

/** What answers from a half-removed home goes first, and what tells that it is a home goes last. */
const FIRST = ["bin", "lib", "index"] as const;
const LAST = ["LEASES", "VERSION", ...LOCK_NAMES] as const;

/**
 * Removes a home and all in it; the folder itself where it may. Killed at any point it can be done again. Older generations go first, so that
 * none of them is ever the newest. Answers the bytes of the files that went. Cost: one look at every file.
 */
export function removeHome(fileSystem: FileSystem, home: string): number {
  const apart: readonly string[] = [...FIRST, ...LAST, "generations"];
  const between = namesIn(fileSystem, home).filter((name) => !apart.includes(name));
  let freed = 0;
  for (const name of FIRST) freed += freeAll(fileSystem, `${home}/${name}`);
  for (const { name } of (fileSystem.list(`${home}/generations`) ?? []).toSorted(byName)) {
    freed += freeAll(fileSystem, `${home}/generations/${name}`);
  }
  for (const name of [...between, "generations", ...LAST]) freed += freeAll(fileSystem, `${home}/${name}`);
  removeFolder(fileSystem, home);
  return freed;
}

/** A mount point cannot go, nor can what lies in another's folder: empty it does no harm. */
function removeFolder(fileSystem: FileSystem, home: string): void {
  try {
    fileSystem.removeDirectory(home);
  } catch (error) {
    if (!isEngineryError(error) || namesIn(fileSystem, home).length > 0) throw error;
  }
}

/** Whether a purge was killed after it had removed all but the lock that it held: what tells a home is gone, and nothing else is there. */
export function isAlmostRemoved(fileSystem: FileSystem, home: string): boolean {
  const names = namesIn(fileSystem, home);
  return names.length > 0 && names.every((name) => LOCK_NAMES.includes(name));
}

function namesIn(fileSystem: FileSystem, folder: string): readonly string[] {
  return (fileSystem.list(folder) ?? []).map(({ name }) => name).sort();
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
