import { EngineryError } from "./errors.ts";
import type { Tree, TreeFile } from "./model/tree.ts";
import { quote } from "./quote.ts";
import { checkTreeFiles, treePathProblem } from "./tree-paths.ts";

/** One entry of an archive, as a parser read it. */
export interface ArchiveEntry {
  /** As written, a folder's trailing slash included. */
  readonly path: string;
  readonly kind: "file" | "directory";
  readonly bytes: number;
}

/** What to do with an entry: write it as this file of the tree, or read over it. */
export type EntryVerdict = { readonly take: TreeFile } | { readonly skip: true };

export interface EntryPolicy {
  /** Errors: `archive-hostile`, `tree-mismatch`. */
  judge(entry: ArchiveEntry): EntryVerdict;
  /** After the last entry: every file of the tree must have come. Errors: `tree-mismatch`. */
  requireComplete(): void;
}

/** Bounds the memory that names take. */
const MAX_SKIPPED = 65_536;
const SKIP = { skip: true } as const;

/** Holds the entries of one archive, in their order, against the signed tree that begins at folder `root`. */
export function createEntryPolicy(tree: Tree, root: string): EntryPolicy {
  checkTreeFiles(tree.files);
  const start = withoutDots(root);
  const wanted = new Map(tree.files.map((file) => [file.path, file]));
  const folders = new Set(tree.files.flatMap((file) => foldersOf(file.path)));
  const seen = new Set<string>();
  let taken = 0;

  function judge(entry: ArchiveEntry): EntryVerdict {
    const path = withoutDots(entry.path);
    const spelled = entry.kind === "directory" ? path.replace(/\/$/, "") : path;
    if (spelled === "" && entry.kind === "directory") return SKIP;
    // a path of the tree was checked with the tree
    const isOfTree = start === "" && wanted.has(path);
    const problem = isOfTree ? undefined : treePathProblem(spelled);
    if (problem !== undefined) throw hostile(`The path ${quote(entry.path)} ${problem}`, entry.path);
    const isOutside = !path.startsWith(start);
    if (entry.kind === "directory") {
      const isAbove = start.startsWith(`${spelled}/`);
      return isAbove || isOutside ? SKIP : judgeFolder(spelled.slice(start.length), entry);
    }
    requireFirst(spelled, entry);
    return isOutside ? SKIP : judgeFile(spelled.slice(start.length), entry);
  }

  function judgeFolder(within: string, entry: ArchiveEntry): EntryVerdict {
    if (folders.has(within)) return SKIP;
    throw new EngineryError(
      "tree-mismatch",
      `The archive holds the folder ${quote(entry.path)}, which the signed tree does not know.`,
      {
        context: { path: entry.path },
      },
    );
  }

  function judgeFile(within: string, entry: ArchiveEntry): EntryVerdict {
    const file = wanted.get(within);
    const context = { path: entry.path, found: entry.bytes, expected: file?.bytes };
    if (file === undefined) {
      throw new EngineryError(
        "tree-mismatch",
        `The archive holds ${quote(entry.path)}, which the signed tree does not know.`,
        { context },
      );
    }
    if (file.bytes !== entry.bytes) {
      const message = `${quote(entry.path)} has ${entry.bytes} bytes in the archive, ${file.bytes} in the signed tree.`;
      throw new EngineryError("tree-mismatch", message, { context });
    }
    taken += 1;
    return { take: file };
  }

  function requireFirst(path: string, entry: ArchiveEntry): void {
    if (seen.has(path)) throw hostile(`The archive holds ${quote(entry.path)} twice`, entry.path);
    seen.add(path);
    if (seen.size - taken > MAX_SKIPPED)
      throw hostile(`The archive holds more than ${MAX_SKIPPED} files outside the tree`, entry.path);
  }

  function requireComplete(): void {
    if (taken === wanted.size) return;
    const missing = tree.files.find((file) => !seen.has(start + file.path));
    const path = missing?.path ?? "";
    throw new EngineryError("tree-mismatch", `The archive lacks ${quote(path)}, which is in the signed tree.`, {
      context: { path },
    });
  }

  return { judge, requireComplete };
}

const ENTRY_OVERHEAD = 2048;
const SLACK = 1024 * 1024;
const SKIPPED_RATIO = 64;

/**
 * Most bytes that the archive may decompress to: the tree, room for headers and padding, and, where the tree begins below the
 * archive's top, what lies outside it.
 */
export function unpackedLimit(tree: Tree, root: string, archiveBytes: number): number {
  const files = tree.files.reduce((sum, file) => sum + file.bytes + file.path.length + ENTRY_OVERHEAD, 0);
  return files + SLACK + (root === "" ? 0 : archiveBytes * SKIPPED_RATIO);
}

function foldersOf(path: string): string[] {
  const folders: string[] = [""];
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) folders.push(path.slice(0, end));
  return folders;
}

/** `./a` and `a/./b`, as some writers spell them, are `a` and `a/b`. */
function withoutDots(path: string): string {
  return path === "." ? "" : path.replace(/(^|\/)(?:\.\/)+/g, "$1");
}

function hostile(sentence: string, path: string): EngineryError {
  return new EngineryError("archive-hostile", `${sentence}.`, { context: { path } });
}
