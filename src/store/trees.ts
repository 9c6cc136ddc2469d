import type { Sha256 } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import { encodeTree, parseTree } from "../core/parse-tree.ts";
import { filesByHash } from "./files-by-hash.ts";
import type { Ground } from "./ground.ts";
import { damaged } from "./reading.ts";

/** File lists of releases by their digest, so that `verify` works offline. */
export interface Trees {
  /** Errors: `home-damaged`. */
  read(digest: Sha256): Tree | undefined;
  digest(tree: Tree): Sha256;
  /** Durable when it returns. */
  keep(tree: Tree): Sha256;
  list(): Sha256[];
  /** Those that do not hold what their name promises; hashes every file. */
  damaged(): Sha256[];
  remove(digest: Sha256): void;
  /** As `remove`, and puts it back where it is then `needed` after all; one that cannot be read is gone. */
  removeUnless(digest: Sha256, needed: () => boolean): void;
}

/** trees/<digest>.json: the digest is the sha256 of the canonical JSON, which is what the file holds. */
export function treesOf(ground: Ground): Trees {
  const {
    read,
    readSound,
    keep,
    list,
    damaged: damagedFiles,
    remove,
  } = filesByHash(ground, ground.layout.folder("trees"), ground.layout.tree);
  return {
    read: (digest) => {
      const bytes = read(digest);
      try {
        if (bytes === undefined) return undefined;
        const tree = parseTree(bytes);
        // the bytes of that name are the canonical ones: no others have their hash
        ground.knowDigest(tree, digest);
        return tree;
      } catch (error) {
        throw damaged(ground.layout.tree(digest), "cannot be read", error);
      }
    },
    digest: ground.treeDigest,
    keep: (tree) => keep(encodeTree(tree)),
    list,
    damaged: damagedFiles,
    remove,
    removeUnless: (digest, needed) => {
      const bytes = readSound(digest);
      remove(digest);
      if (bytes !== undefined && needed()) keep(bytes);
    },
  };
}
