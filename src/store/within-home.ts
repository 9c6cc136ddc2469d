import { withinHome } from "../core/within-home.ts";
import type { FileStatus, FileSystem } from "../ports/file-system.ts";
import { folderOf } from "./named-path.ts";

/**
 * Refuses a file that would lie within a home, whichever way its path leads there: through links, and where `home` is given (this process's own)
 * by device and inode too, as a folder may be mounted at a second place. What is not there yet is judged by where it would come to lie. Errors: `refused`.
 */
export function refuseWithinHome(fileSystem: FileSystem, path: string, home?: string): void {
  const own = home === undefined ? [] : foldersOf(fileSystem, home);
  for (const place of [path, behindLink(fileSystem, path)]) {
    for (let at = realFolder(fileSystem, folderOf(place)); ; at = folderOf(at)) {
      const here = fileSystem.status(at);
      if (home !== undefined && own.some((folder) => isSame(folder, here))) throw withinHome(path, home);
      if (isHome(fileSystem, at)) throw withinHome(path, at);
      if (folderOf(at) === at) break;
    }
  }
}

/** Another operator's, or one that this process was not pointed at. */
function isHome(fileSystem: FileSystem, folder: string): boolean {
  return (
    fileSystem.status(`${folder}/VERSION`) !== undefined &&
    fileSystem.status(`${folder}/generations`)?.kind === "directory"
  );
}

function behindLink(fileSystem: FileSystem, path: string): string {
  return (fileSystem.status(path)?.kind === "link" && fileSystem.realPath(path)) || path;
}

/** Where a folder lies, or would. */
function realFolder(fileSystem: FileSystem, folder: string): string {
  const found = fileSystem.realPath(folder);
  const above = folderOf(folder);
  if (found !== undefined || above === folder) return found ?? folder;
  const name = folder.slice(above.length).replace(/^[/\\]/, "");
  return `${realFolder(fileSystem, above).replace(/\/$/, "")}/${name}`;
}

/** The home, and the folders in it. */
function foldersOf(fileSystem: FileSystem, home: string): readonly FileStatus[] {
  const root = fileSystem.realPath(home);
  if (root === undefined) return [];
  const names = (fileSystem.list(root) ?? []).filter(({ kind }) => kind === "directory").map(({ name }) => name);
  return [root, ...names.map((name) => `${root}/${name}`)].flatMap((path) => fileSystem.status(path) ?? []);
}

function isSame(one: FileStatus, other: FileStatus | undefined): boolean {
  return one.inode === other?.inode && one.device === other.device;
}
