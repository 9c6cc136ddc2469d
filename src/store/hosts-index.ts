import type { Generation, Installation } from "../core/model/home.ts";
import type { EntryPoint, Manifest } from "../core/model/manifest.ts";
import { entriesOf, isAsPromised, rowsOf } from "./index-rows.ts";
import { numberName } from "./layout.ts";

/** Beside the launchers' file of the same engine: no engine's name holds an `@`. */
export function hostsIndexName(engine: string): string {
  return `${engine}@hosts`;
}

/**
 * What hosts without a JSON parser read (docs/LAYOUT.md, "index/"): every deployment, and every entry point of whatever is installed,
 * scheduled or not. Launchers do not read it: they would pay for each byte.
 */
export function hostsIndexText(generation: Generation, manifest: Manifest, engine: string): string {
  const { mode, rows } = rowsOf(generation, manifest, engine);
  const installed = generation.installations.filter((one) => one.engine === engine);
  const asPromised = new Map(
    installed.filter((one) => isAsPromised(one, manifest)).map(({ version, tree }) => [version, tree]),
  );
  const deployments = rows.map(({ from, version }) => `${from} ${version} ${asPromised.get(version) ?? "-"}\n`);
  const entries = installed.flatMap((one) => entryLines(one, asPromised.has(one.version)));
  const head = `enginery-hosts 1 ${numberName(generation.number)} ${engine} ${mode} ${deployments.length} ${entries.length}\n`;
  return head + deployments.join("") + entries.join("");
}

function entryLines(installation: Installation, asPromised: boolean): string[] {
  const { engine, version, tree } = installation;
  const start = `${version} ${tree} ${asPromised ? "promised" : "other"}`;
  const lines = entriesOf(engine, installation).map(
    ([name, entry]) => `${start} ${kindOf(entry)} ${name} ${entry.path}\n`,
  );
  return lines.length === 0 ? [`${start} none - -\n`] : lines;
}

/** A kind that a reader does not know it passes over, so a guard that it cannot check is never left out. */
function kindOf({ kind, guard }: EntryPoint): string {
  return guard === undefined ? kind : `guarded-${kind}`;
}
