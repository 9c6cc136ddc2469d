import type { Sha256 } from "../core/model/manifest.ts";
import { filesByHash } from "./files-by-hash.ts";
import type { Ground } from "./ground.ts";

/** Manifests that some generation refers to, by the sha256 of their bytes. */
export interface Manifests {
  /** Errors: `home-damaged` where the bytes are not those of the name. */
  read(sha256: Sha256): Uint8Array | undefined;
  /** Durable when it returns. */
  keep(bytes: Uint8Array): Sha256;
  list(): Sha256[];
  /** Those that do not hold what their name promises; hashes every file. */
  damaged(): Sha256[];
  remove(sha256: Sha256): void;
}

/** manifests/<sha256>.json */
export function manifestsOf(ground: Ground): Manifests {
  const { read, keep, list, damaged, remove } = filesByHash(
    ground,
    ground.layout.folder("manifests"),
    ground.layout.manifest,
  );
  return { read, keep, list, damaged, remove };
}
