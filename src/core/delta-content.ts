import type { Sha256 } from "./model/manifest.ts";
import type { Tree, TreeFile } from "./model/tree.ts";

/** What a tree takes from what is there, and what it has anew. */
export interface TreeDifference {
  /** Files that are there by hash: `from` is where. */
  readonly kept: readonly KeptFile[];
  /** Each content once, in the order of the new tree. */
  readonly fresh: readonly FreshContent[];
  readonly freshBytes: number;
}

export interface KeptFile {
  readonly file: TreeFile;
  /** A file of the same bytes in the old tree. */
  readonly from: TreeFile;
}

export interface FreshContent {
  readonly sha256: Sha256;
  readonly bytes: number;
  /** Files of the new tree that hold it; at least one. */
  readonly files: readonly TreeFile[];
}

/** Publisher and client must come to the same answer: a delta's bytes stand in this order. */
export function differenceOf(old: Tree, tree: Tree): TreeDifference {
  const there = new Map(old.files.map((file) => [contentKey(file), file]));
  const kept: KeptFile[] = [];
  const fresh = new Map<string, TreeFile[]>();
  for (const file of tree.files) {
    const key = contentKey(file);
    const from = there.get(key);
    const twins = fresh.get(key);
    if (from !== undefined) kept.push({ file, from });
    else if (twins !== undefined) twins.push(file);
    else fresh.set(key, [file]);
  }
  const contents = [...fresh.values()].map((files) => {
    const [{ sha256, bytes }] = files as [TreeFile];
    return { sha256, bytes, files };
  });
  return { kept, fresh: contents, freshBytes: contents.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** A tree that lies about a size is not the twin of one that does not. */
function contentKey({ sha256, bytes }: TreeFile): string {
  return `${sha256} ${bytes}`;
}
