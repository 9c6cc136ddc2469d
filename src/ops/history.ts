import type { HistoryResult, HomeRequest } from "./operator.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/** Generations, oldest first, and the ledger. */
export async function history(world: World, request: HomeRequest): Promise<HistoryResult> {
  const { home, newest } = takeSnapshot(world, request);
  const generations = home.generations.numbers().flatMap((number) => {
    const generation = number === newest.number ? newest : home.generations.read(number);
    if (generation === undefined) return [];
    const { cause, at, manifest, restores, reasons, installations } = generation;
    return [
      {
        number,
        cause,
        at,
        manifest,
        installations: installations.length,
        newest: number === newest.number,
        ...(restores === undefined ? {} : { restores }),
        ...(reasons === undefined ? {} : { reasons }),
      },
    ];
  });
  return { generations, ledger: home.ledger.read() };
}
