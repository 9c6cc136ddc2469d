import { libraryLinkName } from "../core/library-name.ts";
import type { Generation, Installation } from "../core/model/home.ts";
import type { Deployment, EntryPoint, Manifest } from "../core/model/manifest.ts";
import { platformRelease } from "../core/platform.ts";
import { alwaysInEffect } from "../core/schedule.ts";
import { numberName } from "./layout.ts";

/** Older deployments than these are answered by Node. */
const MOST_DEPLOYMENTS = 32;
/** What stands for the entry point that runs where none is named. */
export const DEFAULT_ENTRY = "*";
/** Installed as the manifest promises. */
const READY = 1;
/** The same, and to be started by `enginery exec` alone: a launcher cannot check a guard. */
const GUARDED = 2;

/** The launchers' index of a generation: engine to the text of index/<n>.<operation>/<engine> (docs/LAYOUT.md, "index/"). */
export function indexTexts(generation: Generation, manifest: Manifest): ReadonlyMap<string, string> {
  const engines = new Set([...Object.keys(manifest.engines), ...generation.installations.map(({ engine }) => engine)]);
  return new Map([...engines].sort().map((engine) => [engine, indexText(generation, manifest, engine)]));
}

function indexText(generation: Generation, manifest: Manifest, engine: string): string {
  const { mode, rows } = rowsOf(generation, manifest, engine);
  const newest = rows.slice(0, MOST_DEPLOYMENTS);
  const extent = newest.length === rows.length ? "all" : "newest";
  const lines = newest.flatMap((row) => linesOf(row, generation, manifest, engine));
  const header = `enginery-index 1 ${numberName(generation.number)} ${engine} ${mode} ${extent} ${lines.length}\n`;
  return header + lines.join("");
}

interface Row {
  readonly from: string;
  readonly version: string;
}

function rowsOf({ selections }: Generation, manifest: Manifest, engine: string) {
  const deployments = Object.hasOwn(manifest.engines, engine) ? (manifest.engines[engine]?.deployments ?? []) : [];
  const selected = Object.hasOwn(selections, engine) ? selections[engine] : undefined;
  const always = deployments.length === 0 ? selected : alwaysInEffect(deployments)?.version;
  if (always !== undefined) return { mode: "always", rows: [{ from: "any", version: always }] };
  const rows = deployments
    .toSorted(newestFirst)
    .map(({ validFrom, version }) => ({ from: String(validFrom), version }));
  // Without a schedule and a selection nothing is in effect, and Node says so.
  return { mode: deployments.length === 0 ? "none" : "scheduled", rows };
}

function newestFirst(a: Deployment, b: Deployment): number {
  return b.validFrom - a.validFrom;
}

function linesOf({ from, version }: Row, generation: Generation, manifest: Manifest, engine: string): string[] {
  const installation = generation.installations.find((one) => one.engine === engine && one.version === version);
  if (installation === undefined || !isAsPromised(installation, manifest)) return [`${from} ${version} 0 - - -\n`];
  const { tree } = installation;
  const entries = executablesOf(engine, installation).map(
    ([name, { path, guard }]) =>
      `${from} ${version} ${guard === undefined ? READY : GUARDED} ${tree} ${name} ${path}\n`,
  );
  return entries.length === 0 ? [`${from} ${version} ${READY} ${tree} - -\n`] : entries;
}

/** Law 1: under a version's label with other bytes nothing runs. */
function isAsPromised({ engine, version, platform, tree }: Installation, manifest: Manifest): boolean {
  const releases = Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine]?.releases : undefined;
  const release = releases !== undefined && Object.hasOwn(releases, version) ? releases[version] : undefined;
  const promised = release && platformRelease(release, platform)?.tree.digest;
  return promised === undefined || promised === tree;
}

/** Name to entry point, the one that runs where none is named first (as DEFAULT_ENTRY) where there is one: the only one, or the engine's namesake. */
export function executablesOf(engine: string, { entries }: Installation): [string, EntryPoint][] {
  const all = Object.entries(entries);
  const unnamed = all.length === 1 ? all[0] : all.find(([name]) => name === engine);
  const named = [...(unnamed === undefined ? [] : [[DEFAULT_ENTRY, unnamed[1]] as [string, EntryPoint]]), ...all];
  return named.filter(([, { kind }]) => kind === "executable");
}

/** Link name in lib/ to path within the home; names that two installations claim are left out. */
export function libraryLinks(generation: Generation): {
  links: ReadonlyMap<string, string>;
  conflicts: readonly string[];
} {
  const links = new Map<string, string>();
  const conflicts = new Set<string>();
  for (const { engine, version, entries } of generation.installations) {
    for (const [entry, { kind, path }] of Object.entries(entries)) {
      if (kind !== "library") continue;
      const name = libraryLinkName(entry, version);
      if (links.has(name)) conflicts.add(name);
      links.set(name, `engines/${engine}/${version}/${path}`);
    }
  }
  for (const name of conflicts) links.delete(name);
  return { links, conflicts: [...conflicts] };
}
