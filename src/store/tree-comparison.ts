import { isEngineryError } from "../core/errors.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import type { Tree, TreeFile } from "../core/model/tree.ts";
import type { Digester } from "../ports/digest.ts";
import type { FileStatus, FileSystem } from "../ports/file-system.ts";
import { EXECUTABLE_MODE, FOLDER_MODE, SEAL_NAME, SEALED_MODE } from "./layout.ts";
import type { StorePorts } from "./ports.ts";
import { chunksOf } from "./reading.ts";
import { type Walked, walk } from "./walk.ts";

/** One way in which a folder is not what the tree says. */
export interface TreeProblem {
  /** Within the folder, `/` between components. */
  readonly path: string;
  readonly kind: "changed" | "missing" | "extra" | "mode" | "size";
}

export interface ComparisonOptions {
  /** No file is read: existence, kind, size, mode, and no change after `sealedMs`. */
  readonly quick: boolean;
  readonly sealedMs?: number | undefined;
  /** Told of every `n` bytes hashed. */
  readonly onBytes?: ((n: number) => void) | undefined;
  /** By absolute path: what was hashed already (ports/hashing); the others are hashed here. */
  readonly hashes?: ReadonlyMap<string, Sha256> | undefined;
  /** What `lookAt` saw; left out: it is looked at now. */
  readonly seen?: Seen | undefined;
}

/** All that can be said of a folder beside a tree before any file is hashed. */
export interface Seen {
  readonly there: Walked;
  /** What is there and should not be, and folders of a wrong mode. */
  readonly problems: readonly TreeProblem[];
}

/** Holds what is under `root` against the tree: path, kind, size, sha256, mode; no more and no less. The seal is not looked at. */
export function compareWithTree(
  ports: StorePorts,
  root: string,
  tree: Tree,
  options: ComparisonOptions,
): TreeProblem[] {
  const { there, problems } = options.seen ?? lookAt(ports, root, tree);
  const modesCount = doModesCount(ports);
  return [...tree.files.flatMap((file) => problemOf(ports, root, file, there, modesCount, options) ?? []), ...problems];
}

/** For `compareWithTree`, while others hash. Cost: a call for each file, two for each folder. */
export function lookAt(ports: StorePorts, root: string, tree: Tree): Seen {
  const there = walk(ports.fileSystem, root);
  return { there, problems: [...extras(tree, there), ...(doModesCount(ports) ? folderModes(there) : [])] };
}

function doModesCount({ host }: StorePorts): boolean {
  return !host.platform.startsWith("win32");
}

/** What a tree of the files under `root` says, the seal left out; links and the like are no files. */
export function treeAt({ fileSystem, digester }: StorePorts, root: string): Tree {
  const files = [...walk(fileSystem, root).files]
    .filter(([path]) => path !== SEAL_NAME)
    .map(([path, { mode }]) => ({
      path,
      ...hashFile(fileSystem, digester, `${root}/${path}`),
      executable: (mode & 0o100) !== 0,
    }));
  return { format: 1, files: files.sort((one, other) => (one.path < other.path ? -1 : 1)) };
}

export function modeOf(file: Pick<TreeFile, "executable">): number {
  return file.executable ? EXECUTABLE_MODE : SEALED_MODE;
}

/** Of the bytes now in the file. Errors: `missing`. */
export function hashFile(
  fileSystem: FileSystem,
  digester: Digester,
  path: string,
  onBytes?: (n: number) => void,
): { readonly sha256: Sha256; readonly bytes: number } {
  const digest = digester.start();
  let bytes = 0;
  for (const chunk of chunksOf(fileSystem, path)) {
    digest.update(chunk);
    bytes += chunk.byteLength;
    onBytes?.(chunk.byteLength);
  }
  return { sha256: digest.finish(), bytes };
}

function hashIfThere(...all: Parameters<typeof hashFile>): Sha256 | undefined {
  try {
    return hashFile(...all).sha256;
  } catch (error) {
    if (isEngineryError(error, "missing")) return undefined;
    throw error;
  }
}

function problemOf(
  { fileSystem, digester }: StorePorts,
  root: string,
  file: TreeFile,
  there: Walked,
  modesCount: boolean,
  { quick, sealedMs, onBytes, hashes }: ComparisonOptions,
): TreeProblem | undefined {
  const { path } = file;
  const status = there.files.get(path);
  if (status === undefined) {
    const isOtherwise = there.folders.has(path) || there.others.includes(path);
    return { path, kind: isOtherwise ? "changed" : "missing" };
  }
  if (status.bytes !== file.bytes) return { path, kind: "size" };
  const hashOf = (place: string) => hashes?.get(place) ?? hashIfThere(fileSystem, digester, place, onBytes);
  const sha256 = quick ? undefined : hashOf(`${root}/${path}`);
  // gone since the walk
  if (!quick && sha256 === undefined) return { path, kind: "missing" };
  if (quick ? isNewerThan(status, sealedMs) : sha256 !== file.sha256) return { path, kind: "changed" };
  return modesCount && status.mode !== modeOf(file) ? { path, kind: "mode" } : undefined;
}

/** The seal is written last, so a file that is newer was touched since. */
function isNewerThan(status: FileStatus, sealedMs: number | undefined): boolean {
  return sealedMs !== undefined && status.modifiedMs > sealedMs;
}

function extras(tree: Tree, there: Walked): TreeProblem[] {
  const files = new Set(tree.files.map(({ path }) => path));
  const folders = foldersOf(tree);
  const found = [
    ...[...there.files.keys()].filter((path) => !files.has(path) && path !== SEAL_NAME),
    ...there.others.filter((path) => !files.has(path) && path !== SEAL_NAME),
    ...[...there.folders.keys()].filter((path) => !folders.has(path) && !files.has(path)),
  ];
  return found.sort().map((path) => ({ path, kind: "extra" }));
}

/** Every folder that a file of the tree lies in, at whatever depth. */
export function foldersOf({ files }: Tree): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const { path } of files) {
    for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
      const folder = path.slice(0, cut);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

/** `a/b/c` is in `a/b` and in `a`. */
export function foldersAbove(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
}

/** The folder itself too, as `.`: who may write to it may add to it. */
function folderModes({ root, folders: below }: Walked): TreeProblem[] {
  const folders = [...(root?.kind === "directory" ? [[".", root] as const] : []), ...below];
  return folders.filter(([, { mode }]) => mode !== FOLDER_MODE).map(([path]) => ({ path, kind: "mode" }));
}
