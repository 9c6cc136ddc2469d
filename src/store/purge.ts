import type { FileSystem } from "../ports/file-system.ts";
import { freeAll } from "./removal.ts";

/** What answers from a half-removed home goes first, and what tells that it is a home goes last. */
const FIRST = ["bin", "lib", "index"] as const;
const LAST = ["LEASES", "VERSION", ".writer-holder", ".writer"] as const;

/**
 * Removes a home and all in it; the folder itself where it may. Killed at any point it can be done again. Older generations go first, so that
 * none of them is ever the newest. Answers the bytes of the files that went. Cost: one look at every file.
 */
export function removeHome(fileSystem: FileSystem, home: string): number {
  const names = (fileSystem.list(home) ?? []).map(({ name }) => name).sort();
  const between = names.filter((name) => ![...FIRST, ...LAST, "generations"].includes(name));
  let freed = 0;
  for (const name of FIRST) freed += freeAll(fileSystem, `${home}/${name}`);
  for (const { name } of (fileSystem.list(`${home}/generations`) ?? []).toSorted(byName)) {
    freed += freeAll(fileSystem, `${home}/generations/${name}`);
  }
  for (const name of [...between, "generations", ...LAST]) freed += freeAll(fileSystem, `${home}/${name}`);
  fileSystem.removeDirectory(home);
  return freed;
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
