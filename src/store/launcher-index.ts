import { libraryLinkName } from "../core/library-name.ts";
import type { Generation } from "../core/model/home.ts";
import type { Manifest } from "../core/model/manifest.ts";
import { hostsIndexName, hostsIndexText } from "./hosts-index.ts";
import { executablesOf, isAsPromised, type Row, rowsOf } from "./index-rows.ts";
import { numberName } from "./layout.ts";

/** Older deployments than these are answered by Node. */
const MOST_DEPLOYMENTS = 32;
/** Installed as the manifest promises. */
const READY = 1;
/** The same, and to be started by `enginery exec` alone: a launcher cannot check a guard. */
const GUARDED = 2;

/** The files of index/<n>.<operation>/: two an engine, for launchers and for hosts (docs/LAYOUT.md, "index/"). */
export function indexTexts(generation: Generation, manifest: Manifest): ReadonlyMap<string, string> {
  const installed = Map.groupBy(generation.installations, ({ engine }) => engine);
  const engines = new Set([...Object.keys(manifest.engines), ...installed.keys()]);
  return new Map(
    [...engines].sort().flatMap((engine) => {
      // of thousands of releases each engine looks at its own
      const own = { ...generation, installations: installed.get(engine) ?? [] };
      return [
        [engine, indexText(own, manifest, engine)],
        [hostsIndexName(engine), hostsIndexText(own, manifest, engine)],
      ];
    }),
  );
}

function indexText(generation: Generation, manifest: Manifest, engine: string): string {
  const { mode, rows } = rowsOf(generation, manifest, engine);
  const newest = rows.slice(0, MOST_DEPLOYMENTS);
  const extent = newest.length === rows.length ? "all" : "newest";
  const lines = newest.flatMap((row) => linesOf(row, generation, manifest, engine));
  const header = `enginery-index 1 ${numberName(generation.number)} ${engine} ${mode} ${extent} ${lines.length}\n`;
  return header + lines.join("");
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
