import type { Installation, Pin } from "./model/home.ts";
import type { Manifest, Version } from "./model/manifest.ts";
import { releaseName } from "./release-name.ts";

/** Tenants that are named; of more there is the count. */
const NAMED = 20;

/** What the manifest says, or no longer says, of a release that is installed here. */
export interface Unpromised {
  readonly engine: string;
  readonly version: Version;
  /** `removed`: it has no such release; `withdrawn`: with the publisher's reason; `retired`: the engine's schedule does not deploy it. */
  readonly change: "removed" | "withdrawn" | "retired";
  readonly reason?: string;
}

export interface PinnedUnpromised extends Unpromised {
  /** The first 20 by name. */
  readonly tenants: readonly string[];
  readonly count: number;
}

/** Installed releases that the manifest does not promise. */
export function unpromised(manifest: Manifest, installed: readonly Installation[]): readonly Unpromised[] {
  const deployed = new Map(
    Object.entries(manifest.engines).map(([name, engine]) => [
      name,
      new Set(engine.deployments.map((one) => one.version)),
    ]),
  );
  return installed.flatMap(({ engine: name, version }): Unpromised[] => {
    const engine = Object.hasOwn(manifest.engines, name) ? manifest.engines[name] : undefined;
    const release =
      engine !== undefined && Object.hasOwn(engine.releases, version) ? engine.releases[version] : undefined;
    const named = { engine: name, version };
    if (engine === undefined || release === undefined) return [{ ...named, change: "removed" }];
    if (release.withdrawn !== undefined) return [{ ...named, change: "withdrawn", reason: release.withdrawn }];
    if (engine.deployments.length === 0 || deployed.get(name)?.has(version)) return [];
    return [{ ...named, change: "retired" }];
  });
}

/** Those of them that tenants are pinned to, and whom. Cost: one pass over the pins. */
export function pinnedOf(releases: readonly Unpromised[], pins: Iterable<Pin>): readonly PinnedUnpromised[] {
  const tenants = new Map<string, string[]>(releases.map((one) => [releaseName(one), []]));
  for (const pin of pins) tenants.get(releaseName(pin))?.push(pin.tenant);
  return releases.flatMap((one) => {
    const pinned = tenants.get(releaseName(one)) ?? [];
    return pinned.length === 0 ? [] : [{ ...one, tenants: pinned.sort().slice(0, NAMED), count: pinned.length }];
  });
}

const SAID = {
  removed: () => "has no release in the manifest any more",
  withdrawn: (reason: string) => `was withdrawn (${reason})`,
  retired: () => "is not deployed by the schedule",
} as const;

/** One sentence of what is, one of what follows from it. */
export function unpromisedText({ engine, version, change, reason = "", tenants, count }: PinnedUnpromised): string {
  const more = count > tenants.length ? ` and ${count - tenants.length} more` : "";
  const who = `${count} ${count === 1 ? "tenant is" : "tenants are"} pinned to it: ${tenants.join(", ")}${more}`;
  return `${releaseName({ engine, version })} ${SAID[change](reason)}, and ${who}. It stays installed, and they stay on it.`;
}
