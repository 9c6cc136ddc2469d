import type { Sha256 } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";

/** File lists of releases by their digest, so that `verify` works offline. */
export interface Trees {
  /** Errors: `home-damaged`. */
  read(digest: Sha256): Tree | undefined;
  /** Durable when it returns. */
  keep(tree: Tree): Sha256;
  list(): Sha256[];
  remove(digest: Sha256): void;
}
