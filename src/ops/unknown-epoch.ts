import type { Epoch, Manifest } from "../core/model/manifest.ts";
import { asksForEpoch } from "../core/schedule.ts";
import type { World } from "./world.ts";

/** What is committed at an unknown epoch goes on, and is told of (DESIGN: Schedule rules): nobody can say which epochs it is for. */
export function warnUnknownEpoch(world: World, manifest: Manifest, epoch: Epoch | undefined): void {
  if (epoch !== undefined || !asksForEpoch(manifest)) return;
  world.reporter.warn("epoch-unknown", `The ${manifest.unit} is unknown here: enginery observe EPOCH`);
}
