import type { Home } from "../store/home.ts";
import { requireSafeHome } from "./home-dangers.ts";
import type { World } from "./world.ts";

/** How long a writer waits for another one before it says who is at work. */
const WAIT_MS = 30_000;

/**
 * One writer at a time saves double work; that two are safe as well is the commit's business. Folders that a copy of the home lost are
 * made first. Errors: `busy`; `permission` where others could change what this writes; `home-damaged` where a folder of the home is a link.
 */
export async function withLock<T>(world: World, home: Home, verb: string, work: () => Promise<T> | T): Promise<T> {
  prepareToWrite(world, home);
  return await locked(world, home, verb, work);
}

/** For what is written without the lock. Errors: as `withLock`, but `busy`. */
export function prepareToWrite(world: World, home: Home): void {
  requireSafeHome(world, home);
  home.foundation.lay();
}

/** The lock alone, for `doctor --fix`. Errors: `busy`. */
export async function locked<T>(world: World, home: Home, verb: string, work: () => Promise<T> | T): Promise<T> {
  await using _lock = await world.lock.acquire(home.path, `${verb} (process ${world.host.self().pid})`, WAIT_MS);
  return await work();
}
