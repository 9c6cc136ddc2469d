import { EngineryError } from "../core/errors.ts";
import type { Quarantine } from "../core/model/home.ts";
import { record } from "./commit.ts";
import { withLock } from "./locking.ts";
import type { ChangeRequest } from "./operator.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/** Lists the releases known bad on this host; `lift` lets one be tried again. Errors: `unknown-version`. */
export async function quarantine(
  world: World,
  request: ChangeRequest & { readonly lift?: string | undefined },
): Promise<{ readonly quarantined: readonly Quarantine[] }> {
  const { home } = takeSnapshot(world, request);
  const { lift } = request;
  if (lift === undefined) return { quarantined: home.quarantine.list() };
  const { records, damaged } = home.quarantine.survey();
  const isDamaged = damaged.includes(lift);
  const held = records.find(({ tree }) => tree === lift);
  if (held === undefined && !isDamaged) {
    throw new EngineryError("unknown-version", `No release with the tree ${lift} is quarantined.`, {
      hint: "See `enginery quarantine`.",
    });
  }
  if (!request.dryRun) {
    await withLock(world, home, "quarantine lift", () => {
      home.quarantine.lift(lift);
      const { engine = null, version = null } = held ?? {};
      record(world, home, world.identifiers.operation(), "quarantine-lift", { engine, version, tree: lift });
    });
  }
  return { quarantined: records.filter(({ tree }) => request.dryRun || tree !== lift) };
}
