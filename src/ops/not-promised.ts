import type { Manifest } from "../core/model/manifest.ts";
import { type PinnedUnpromised, pinnedOf, unpromised, unpromisedText } from "../core/unpromised.ts";
import type { Snapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/** Installed, pinned, and not promised by this manifest. The pins are read only where there is something to find. */
export function pinnedNotPromised({ home, newest }: Snapshot, manifest: Manifest): readonly PinnedUnpromised[] {
  const releases = unpromised(manifest, newest.installations);
  return releases.length === 0 ? [] : pinnedOf(releases, home.pins.all());
}

/** Row A7: tenants that are pinned to what the publisher takes back are named before anything comes of it. */
export function warnOfPinned(world: World, snapshot: Snapshot, manifest: Manifest): void {
  for (const one of pinnedNotPromised(snapshot, manifest)) {
    world.reporter.warn("pinned-not-promised", unpromisedText(one));
  }
}
