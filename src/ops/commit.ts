import type { Generation } from "../core/model/home.ts";
import type { Manifest } from "../core/model/manifest.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import type { Home } from "../store/home.ts";
import type { StorePorts } from "../store/ports.ts";
import { acceptedManifest } from "./snapshot.ts";
import type { World } from "./world.ts";

/** What a writer decides about the next generation; number, time, operation and what it remembers of the ledger are the commit's own. */
export type NextGeneration = Omit<Generation, "format" | "number" | "operation" | "at" | "ledger">;

/**
 * The commit point of everything that changes a generation. "lost": another writer took the number; read again, plan again.
 * The launchers' index of the generation is durable before the generation is, so they are never behind a commit.
 */
export function commitGeneration(
  world: World,
  home: Home,
  operation: string,
  after: Generation | undefined,
  next: NextGeneration,
  manifest: Manifest,
): { readonly outcome: "committed"; readonly generation: Generation } | { readonly outcome: "lost" } {
  // the number is asked for before the newest is: whoever commits in between has taken it
  const number = home.generations.nextNumber();
  if ((home.generations.numbers().at(-1) ?? 0) !== (after?.number ?? 0)) return { outcome: "lost" };
  const ledger = home.ledger.open(after?.ledger);
  const generation: Generation = {
    ...next,
    ...(ledger.length === 0 ? {} : { ledger }),
    format: 1,
    number,
    operation,
    at: new Date(world.clock.now()).toISOString(),
  };
  home.views.writeIndex(generation, manifest);
  const outcome = home.generations.commit(generation);
  return outcome === "committed" ? { outcome, generation } : { outcome };
}

/**
 * What follows a commit can be done again at any time: a failure here is told and undoes nothing. `isIndexed`: the launchers' index of the
 * generation was written by this very operation.
 */
export function settle(world: World, home: Home, generation: Generation, manifest: Manifest, isIndexed = false): void {
  try {
    home.views.settle(generation, manifest, isIndexed);
    // whoever committed meanwhile may have settled before we had: then it is done again for what is the newest now
    if ((home.generations.numbers().at(-1) ?? 0) <= generation.number) return;
    const newest = home.generations.newest();
    if (newest !== undefined) settle(world, home, newest, parseManifest(acceptedManifest(home, newest)));
  } catch (error) {
    world.reporter.warn(
      "derived-views",
      `Launchers were not renewed: ${messageOf(error)} Mend it: enginery doctor --fix`,
    );
  }
}

/** Errors of the ledger never undo what it tells of. False where it was not written. */
export function record(
  world: StorePorts,
  home: Home,
  operation: string,
  verb: string,
  detail: Readonly<Record<string, unknown>>,
  generations: { readonly from?: number; readonly to?: number } = {},
): boolean {
  try {
    home.ledger.append({
      at: new Date(world.clock.now()).toISOString(),
      operation,
      verb,
      ...generations,
      detail,
    });
    return true;
  } catch (error) {
    world.reporter.warn("ledger", `The ledger was not written: ${messageOf(error)}`);
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
