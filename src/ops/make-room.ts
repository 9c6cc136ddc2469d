import type { Home } from "../store/home.ts";
import type { World } from "./world.ts";

/**
 * On a disk without a free byte not even a lock or a mark can be written. What goes without a write goes first: what was moved aside, what
 * dead operations left, downloads, and the generations beyond the horizon (not what they name: the newest still names what it did).
 */
export function makeRoom(world: World, home: Home, retire: readonly number[]): void {
  world.reporter.warn("cleanup", "The disk is full: downloads and old generations are removed first.");
  home.staging.sweepTrash();
  home.staging.sweep();
  home.cache.clear();
  const newest = home.generations.numbers().at(-1);
  home.generations.retire(retire.filter((one) => one !== newest));
}
