import type { Generation, Installation } from "../core/model/home.ts";
import type { Deployment, EntryPoint, Manifest } from "../core/model/manifest.ts";
import { platformRelease } from "../core/platform.ts";
import { alwaysInEffect } from "../core/schedule.ts";

/** What stands for the entry point that is meant where none is named. */
export const DEFAULT_ENTRY = "*";

/** `scheduled`, `always` (one release answers for every epoch), `none` (nothing is in effect at any). */
type Mode = "scheduled" | "always" | "none";

export interface Row {
  /** `any` where the epoch does not matter. */
  readonly from: string;
  readonly version: string;
}

/** The deployments of an engine, newest first. */
export function rowsOf(
  { selections }: Generation,
  manifest: Manifest,
  engine: string,
): { readonly mode: Mode; readonly rows: readonly Row[] } {
  const deployments = Object.hasOwn(manifest.engines, engine) ? (manifest.engines[engine]?.deployments ?? []) : [];
  const selected = Object.hasOwn(selections, engine) ? selections[engine] : undefined;
  const always = deployments.length === 0 ? selected : alwaysInEffect(deployments)?.version;
  if (always !== undefined) return { mode: "always", rows: [{ from: "any", version: always }] };
  const rows = deployments
    .toSorted(newestFirst)
    .map(({ validFrom, version }) => ({ from: String(validFrom), version }));
  // Without a schedule and a selection nothing is in effect.
  return { mode: deployments.length === 0 ? "none" : "scheduled", rows };
}

function newestFirst(a: Deployment, b: Deployment): number {
  return b.validFrom - a.validFrom;
}

/** Law 1: under a version's label with other bytes nothing runs. */
export function isAsPromised({ engine, version, platform, tree }: Installation, manifest: Manifest): boolean {
  const releases = Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine]?.releases : undefined;
  const release = releases !== undefined && Object.hasOwn(releases, version) ? releases[version] : undefined;
  const promised = release && platformRelease(release, platform)?.tree.digest;
  return promised === undefined || promised === tree;
}

/** Name to entry point; first, as DEFAULT_ENTRY, the one that is meant where none is named: the only one, or the engine's namesake. */
export function entriesOf(engine: string, { entries }: Installation): [string, EntryPoint][] {
  const all = Object.entries(entries);
  const unnamed = all.length === 1 ? all[0] : all.find(([name]) => name === engine);
  return [...(unnamed === undefined ? [] : [[DEFAULT_ENTRY, unnamed[1]] as [string, EntryPoint]]), ...all];
}

export function executablesOf(engine: string, installation: Installation): [string, EntryPoint][] {
  return entriesOf(engine, installation).filter(([, { kind }]) => kind === "executable");
}
