import { canonicalJson } from "../core/json.ts";
import type { Quarantine } from "../core/model/home.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import type { Home } from "../store/home.ts";
import { record } from "./commit.ts";
import type { World } from "./world.ts";

/** Another one whenever what programs find on this host may have changed: kernel, CPU, libraries and the folders they lie in. */
export function hostDigest({ host, fileSystem, digester }: World): Sha256 {
  const { systemVersion, x86Level, namedFolders, systemFolders, cachedLibraries } = host.abilities();
  const folders = [...namedFolders, ...systemFolders].map((folder) => [
    folder,
    Math.floor(fileSystem.status(folder)?.modifiedMs ?? 0),
  ]);
  const libraries = [...cachedLibraries].map(([name, paths]) => [name, ...paths]);
  const { platform } = host;
  return digester.sha256(canonicalJson({ platform, systemVersion, x86Level: x86Level ?? null, folders, libraries }));
}

/** Records that still count: one that says what this host lacked does so only as long as the host is as it was. */
export function standingQuarantine(world: World, records: readonly Quarantine[]): readonly Quarantine[] {
  if (records.every(({ host }) => host === undefined)) return records;
  const now = hostDigest(world);
  return records.filter(({ host }) => host === undefined || host === now);
}

/** What this host lacked is there now: the release was laid out. */
export function liftOutlived(world: World, home: Home, operation: string, tree: Sha256): void {
  const held = home.quarantine.survey().records.find((one) => one.tree === tree && one.host !== undefined);
  if (held === undefined) return;
  home.quarantine.lift(tree);
  record(world, home, operation, "quarantine-lift", { engine: held.engine, version: held.version, tree });
}
