import { EngineryError } from "../core/errors.ts";
import type { Tree } from "../core/model/tree.ts";
import type { Home } from "../store/home.ts";
import type { VerifiedStage } from "../store/stage.ts";
import { inspectOne } from "./inspect.ts";
import type { World } from "./world.ts";

/**
 * Makes an installation whole from a verified stage of the same release, single files by rename: it never disappears meanwhile
 * (docs/operations/repair.md). The stage is gone afterwards. Errors: `installation-damaged` where it could not be made whole.
 */
export async function mendFrom(world: World, home: Home, stage: VerifiedStage, tree: Tree): Promise<void> {
  const { engine, version, platform, treeDigest } = stage.release;
  const { installations } = home;
  const byPath = new Map(tree.files.map((file) => [file.path, file]));
  const inspect = () => inspectOne(world, home, { engine, version, tree });
  for (const { path, kind } of await inspect()) {
    const file = byPath.get(path);
    if (kind === "extra") installations.removeExtra(engine, version, path);
    else if (kind === "mode") installations.fixMode(engine, version, file ?? { path });
    else if (file !== undefined) installations.replaceFile(engine, version, file, home.staging.readFile(stage, path));
  }
  home.staging.drop(stage);
  const left = await inspect();
  if (left.some(({ kind }) => kind !== "seal")) {
    throw new EngineryError("installation-damaged", `${engine}@${version} could not be made whole.`, {
      context: { left },
    });
  }
  // the seal tells of a tree that was found whole: written last
  if (left.length === 0) return;
  const bytes = tree.files.reduce((total, file) => total + file.bytes, 0);
  installations.fixSeal({ format: 1, engine, version, platform, tree: treeDigest, bytes, files: tree.files.length });
}
