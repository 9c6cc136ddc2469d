import type { Home } from "../store/home.ts";
import type { World } from "./world.ts";

/** How long a writer waits for another one before it says who is at work. */
const WAIT_MS = 10_000;

/** One writer at a time saves double work; that two are safe as well is the commit's business. Errors: `busy`. */
export async function withLock<T>(world: World, home: Home, verb: string, work: () => Promise<T> | T): Promise<T> {
  await using _lock = await world.lock.acquire(home.path, `${verb} (process ${world.host.self().pid})`, WAIT_MS);
  return await work();
}
