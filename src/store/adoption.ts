import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Seal } from "../core/model/home.ts";
import type { Version } from "../core/model/manifest.ts";
import type { Ground } from "./ground.ts";
import type { VerifiedStage } from "./stage.ts";
import { removeStage } from "./stage-removal.ts";

interface Neighbours {
  readonly seal: (engine: string, version: Version) => Seal | undefined;
  readonly moveToTrash: (path: string) => void;
}

/** Another writer may adopt the same release, or prune the engine's empty folder, between two of our calls. */
const ATTEMPTS = 3;

/** Puts a verified stage in place by one rename; what is there already is either the same, or a conflict, or half. */
export function adoptStage(ground: Ground, staged: VerifiedStage, neighbours: Neighbours): void {
  const { layout, fileSystem, durable } = ground;
  const { engine, version } = staged.release;
  const place = layout.installation(engine, version);
  for (let attempt = 1; ; attempt++) {
    if (isThere(staged, neighbours)) {
      // Whoever renamed it may have died before the name was on disk.
      durable.settleName(place);
      durable.settleName(layout.engine(engine));
      removeStage(ground, staged.path);
      return;
    }
    if (fileSystem.status(place) !== undefined) neighbours.moveToTrash(place);
    try {
      durable.folder(layout.engine(engine));
      durable.move(staged.path, place);
      removeStage(ground, staged.path);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !isEngineryError(error, "io", "missing", "permission")) throw error;
      if (fileSystem.status(staged.path) === undefined) throw error;
    }
  }
}

/** Errors: `release-conflict`. */
function isThere({ release }: VerifiedStage, neighbours: Neighbours): boolean {
  const { engine, version, treeDigest } = release;
  const seal = sealOrNone(neighbours, engine, version);
  if (seal === undefined) return false;
  if (seal.tree === treeDigest) return true;
  throw new EngineryError("release-conflict", `${engine}@${version} is installed with other bytes.`, {
    context: { engine, version, installed: seal.tree, offered: treeDigest },
  });
}

/** A seal that cannot be read seals nothing. */
function sealOrNone({ seal }: Neighbours, engine: string, version: Version): Seal | undefined {
  try {
    return seal(engine, version);
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return undefined;
    throw error;
  }
}
