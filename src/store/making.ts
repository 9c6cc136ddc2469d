import { EngineryError } from "../core/errors.ts";
import { encodeLeasesPlace } from "../core/lease-folder.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE, LAYOUT_LEASES_OUTSIDE, LAYOUT_NUMBER, LOCK_NAMES, parentOf, RECORD_MODE } from "./layout.ts";

/**
 * The folder tree, then the config, then VERSION: what has a VERSION is whole. CREATING comes first and goes last, and tells
 * what is half made from a folder that is somebody else's. `leases`: the folder outside where they lie.
 */
export function makeHome({ layout, fileSystem, durable }: Ground, config: Uint8Array, leases?: string): void {
  makeWithParents(layout.home);
  const isHalfMade = fileSystem.status(layout.creating) !== undefined;
  const foreign = (fileSystem.list(layout.home) ?? []).filter(({ name }) => !LOCK_NAMES.includes(name));
  if (!isHalfMade && foreign.length > 0) {
    throw new EngineryError("not-a-home", `${layout.home} holds something else.`, { context: { path: layout.home } });
  }
  // Not by way of staging/: that is not there yet.
  using marker = fileSystem.createExclusive(layout.creating, RECORD_MODE);
  marker?.sync();
  durable.settleName(layout.creating);
  for (const folder of layout.folders) fileSystem.makeDirectory(folder, FOLDER_MODE);
  durable.tree([], [...layout.folders, layout.home]);
  // Somebody else may have made it meanwhile, and edited its config since.
  if (fileSystem.status(layout.version) === undefined) {
    durable.replace(layout.config, config, RECORD_MODE);
    if (leases !== undefined) durable.replace(layout.leasesPlace, encodeLeasesPlace(leases), RECORD_MODE);
    const number = leases === undefined ? LAYOUT_NUMBER : LAYOUT_LEASES_OUTSIDE;
    durable.replace(layout.version, new TextEncoder().encode(`${number}\n`), RECORD_MODE);
  }
  durable.unlink(layout.creating);

  function makeWithParents(path: string): void {
    const kind = fileSystem.status(path)?.kind;
    if (kind === "directory" || kind === "link") return;
    if (kind !== undefined) {
      throw new EngineryError("not-a-home", `${path} is no folder.`, { context: { path } });
    }
    if (parentOf(path) !== path) makeWithParents(parentOf(path));
    durable.folder(path);
  }
}
