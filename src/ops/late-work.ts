import { EngineryError } from "../core/errors.ts";
import type { LateChange } from "../core/model/home.ts";
import type { Home } from "../store/home.ts";
import { workOnRecord } from "./work.ts";
import type { World } from "./world.ts";

/**
 * A change for an epoch that has begun here is accepted and alarmed; where the ledger shows that work ran in that epoch, only
 * with a reason (DESIGN: Trust). Errors: `late-work`.
 */
export function acceptLate(
  world: World,
  home: Home | undefined,
  late: readonly LateChange[],
  reason: string | undefined,
): void {
  for (const { engine, version, validFrom, change } of late) {
    world.reporter.warn(
      "late-change",
      `${engine}@${version} from ${validFrom} was ${change} after that epoch began here.`,
    );
  }
  if (home === undefined || late.length === 0 || reason !== undefined) return;
  const ran = workThatRan(world, home, late);
  if (ran === undefined) return;
  throw new EngineryError(
    "late-work",
    `The manifest changes ${ran.engine} from epoch ${ran.validFrom}, and work ran here in epoch ${ran.epoch}.`,
    { context: { ...ran } },
  );
}

function workThatRan(world: World, home: Home, late: readonly LateChange[]) {
  for (const { engine, epoch } of workOnRecord(world, home)) {
    if (epoch === undefined) continue;
    const change = late.find((one) => one.engine === engine && one.validFrom <= epoch);
    if (change !== undefined) return { engine, validFrom: change.validFrom, epoch };
  }
  return undefined;
}
