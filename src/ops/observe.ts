import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Home } from "../store/home.ts";
import { record } from "./commit.ts";
import { prepareToWrite } from "./locking.ts";
import type { ChangeRequest, ObserveResult } from "./operator.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/** Records the epoch seen; one file, replaced by rename. Errors: `observation-lower` unless forced with a reason. */
export async function observe(
  world: World,
  request: ChangeRequest & { readonly epoch: number; readonly force?: string | undefined },
): Promise<ObserveResult> {
  const { home } = takeSnapshot(world, request);
  const { epoch, force } = request;
  const before = epochBefore(home);
  if (before !== null && epoch < before && force === undefined) {
    throw new EngineryError("observation-lower", `Epoch ${epoch} is lower than ${before}, which was seen before.`, {
      context: { epoch, before },
    });
  }
  if (request.dryRun) return { epoch, before, changed: epoch !== before, dryRun: true };
  prepareToWrite(world, home);
  home.clock.write({ format: 1, epoch, at: new Date(world.clock.now()).toISOString(), from: "observe" });
  if (before !== null && epoch < before) {
    record(world, home, world.identifiers.operation(), "observe", { epoch, before, reasons: { force } });
  }
  return { epoch, before, changed: epoch !== before };
}

/** A damaged observation is replaced: whoever says the epoch knows it. */
function epochBefore(home: Home): number | null {
  try {
    return home.clock.read()?.epoch ?? null;
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return null;
    throw error;
  }
}
