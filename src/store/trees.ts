import type { Sha256 } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import { encodeTree, parseTree } from "../core/parse-tree.ts";
import { filesByHash } from "./files-by-hash.ts";
import type { Ground } from "./ground.ts";
import { damaged } from "./reading.ts";

/** What may have to be put back is held in memory until that is known: no more at once than this and one list. */
const MOST_HELD_BYTES = 16 * 1024 * 1024;

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
  /**
   * Removes them, and puts back those of them that are `needed` after all, which is asked once for as many as are held in memory together; one that
   * cannot be read is gone. Cost: a flush of the folder for each time it is asked.
   */
  removeUnless(digests: readonly Sha256[], needed: () => ReadonlySet<Sha256>): void;
}

/** trees/<digest>.json: the digest is the sha256 of the canonical JSON, which is what the file holds. */
export function treesOf(ground: Ground): Trees {
  const {
    read,
    readSound,
    keep,
    list: listed,
    damaged: damagedFiles,
    remove,
    removeAll,
  } = filesByHash(ground, ground.layout.folder("trees"), ground.layout.tree);
  /** Of the same bytes comes the same tree: the disk is read again each time, and hashed, but parsed once. */
  const parsed = new Map<Sha256, WeakRef<Tree>>();
  return {
    read: (digest) => {
      const bytes = read(digest);
      try {
        if (bytes === undefined) return undefined;
        const known = parsed.get(digest)?.deref();
        if (known !== undefined) return known;
        const tree = parseTree(bytes);
        // the bytes of that name are the canonical ones: no others have their hash
        ground.knowDigest(tree, digest);
        parsed.set(digest, new WeakRef(tree));
        return tree;
      } catch (error) {
        throw damaged(ground.layout.tree(digest), "cannot be read", error);
      }
    },
    digest: ground.treeDigest,
    keep: (tree) => keep(encodeTree(tree)),
    list: listed,
    damaged: damagedFiles,
    remove,
    removeUnless: (digests, needed) => {
      const held = new Map<Sha256, Uint8Array | undefined>();
      let heldBytes = 0;
      for (const [at, digest] of digests.entries()) {
        const bytes = readSound(digest);
        held.set(digest, bytes);
        heldBytes += bytes?.length ?? 0;
        if (heldBytes < MOST_HELD_BYTES && at < digests.length - 1) continue;
        removeAll([...held.keys()]);
        const stay = needed();
        for (const [name, list] of held) if (list !== undefined && stay.has(name)) keep(list);
        held.clear();
        heldBytes = 0;
      }
    },
  };
}
