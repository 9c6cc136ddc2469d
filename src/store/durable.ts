/**
 * How the home is written (law 4: durable before announced). Each function's order is the point of it: the file's bytes, then
 * its name by rename or link, then the folder that holds the name. Nothing else in store/ calls sync, rename or link.
 */
import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Identifiers } from "../ports/clock.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { FOLDER_MODE, type Layout, parentOf } from "./layout.ts";

/** From here on one flush of the whole file system costs less than one for each file. */
const MANY_FILES = 32;

export interface FileToPut {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Durable {
  /** Puts a whole file in place, over what was there. */
  replace(path: string, bytes: Uint8Array, mode: number): void;
  /** As `replace`, for what is disposable: whole, but not flushed. */
  replaceLoosely(path: string, bytes: Uint8Array, mode: number): void;
  /** As `replaceLoosely`, by way of a temporary name in the same folder: for one outside the home. */
  replaceOutside(path: string, temporary: string, bytes: Uint8Array, mode: number): void;
  /** As `replace` for many, to be held in memory at once: their bytes are flushed together, and each folder once. */
  replaceAll(files: readonly FileToPut[], mode: number): Promise<void>;
  /** As `replace`, from chunks; `check` runs before anything is replaced. */
  replaceFrom(path: string, chunks: Iterable<Uint8Array>, mode: number, check: () => void): void;
  /** Puts a whole file in place where there is none: false where there is one; undefined on disks without hard links. */
  link(path: string, bytes: Uint8Array, mode: number): boolean | undefined;
  /** Makes a folder whose parent is there; flushes the parent even where it was there: whoever made it may have died before. */
  folder(path: string): boolean;
  /** As `folder`, for several in one parent, which is flushed once. */
  foldersIn(parent: string, names: Iterable<string>): void;
  /** Flushes every file, then every folder (deepest first), of a finished tree. */
  tree(files: readonly string[], folders: readonly string[]): void;
  /** As `tree`, for one of many files below `root`: where the host can, by one flush of the file system that holds it (law 4). */
  largeTree(root: string, files: readonly string[], folders: readonly string[]): Promise<void>;
  /** Renames a flushed folder or file; then flushes both parents. */
  move(from: string, to: string): void;
  unlink(path: string): boolean;
  /** As `unlink`, for several in one folder, which is flushed once. */
  unlinkAll(paths: readonly string[]): void;
  removeFolder(path: string): boolean;
  /** A name that was found there counts only when the folder that holds it is on disk. */
  settleName(path: string): void;
  /** Puts a symbolic link in place, over what was there. */
  symlink(target: string, path: string): void;
}

/** `refuseLinks`: nothing is written through a link that was planted among the home's folders. */
export function durableWrites(
  fileSystem: FileSystem,
  identifiers: Identifiers,
  layout: Layout,
  refuseLinks: (path: string) => void,
): Durable {
  const syncParent = (path: string) => fileSystem.syncDirectory(parentOf(path));
  const syncFolders = (folders: readonly string[]) => {
    for (const folder of folders.toSorted((a, b) => b.length - a.length)) fileSystem.syncDirectory(folder);
  };
  const requirePlace = (path: string) => refuseLinks(parentOf(path));

  /** A temporary file in staging/, gone again whatever happens, unless `use` renamed it. */
  function withTemporary<T>(
    mode: number,
    write: (write: (bytes: Uint8Array) => void) => void,
    use: (temporary: string) => T,
    flush = true,
  ): T {
    const temporary = layout.temporary(identifiers.operation());
    try {
      using handle = createTemporary(temporary, mode);
      write((bytes) => handle.write(bytes));
      if (flush) handle.sync();
      handle[Symbol.dispose]();
      return used(temporary, use);
    } catch (error) {
      discard(temporary);
      throw error;
    }
  }

  /** Who sleeps for long, or meets one whose clock is ahead, is taken for dead and swept: that is no fault of the disk. */
  function used<T>(temporary: string, use: (temporary: string) => T): T {
    try {
      return use(temporary);
    } catch (error) {
      if (!isEngineryError(error, "missing") || fileSystem.status(temporary) !== undefined) throw error;
      throw new EngineryError("commit-lost", `Another writer took us for dead and swept ${temporary}.`, {
        context: { path: temporary },
        cause: error,
      });
    }
  }

  function createTemporary(temporary: string, mode: number) {
    requirePlace(temporary);
    // staging/ may be removed at any time.
    fileSystem.makeDirectory(layout.folder("staging"), FOLDER_MODE);
    const handle = fileSystem.createExclusive(temporary, mode);
    if (handle === undefined) throw new Error(`${temporary} is there already`);
    return handle;
  }

  function discard(temporary: string): void {
    try {
      fileSystem.unlink(temporary);
    } catch {
      // The failure that led here is the one to tell; the sweep of staging/ takes what is left.
    }
  }

  function renameInto(
    path: string,
    mode: number,
    write: (write: (bytes: Uint8Array) => void) => void,
    check = () => {},
  ) {
    requirePlace(path);
    withTemporary(mode, write, (temporary) => {
      check();
      fileSystem.rename(temporary, path);
      syncParent(path);
    });
  }

  /** All bytes are on disk before the first has its name; a reader sees the old or the new of each. */
  async function replaceAll(files: readonly FileToPut[], mode: number): Promise<void> {
    const folders = new Set(files.map(({ path }) => parentOf(path)));
    for (const folder of folders) refuseLinks(folder);
    const waiting = new Map<string, string>();
    try {
      for (const { path, bytes } of files) {
        const temporary = layout.temporary(identifiers.operation());
        using handle = createTemporary(temporary, mode);
        waiting.set(temporary, path);
        handle.write(bytes);
      }
      await fileSystem.syncFiles([...waiting.keys()]);
      for (const [temporary, path] of waiting) {
        used(temporary, () => fileSystem.rename(temporary, path));
        waiting.delete(temporary);
      }
      for (const folder of folders) fileSystem.syncDirectory(folder);
    } catch (error) {
      for (const temporary of waiting.keys()) discard(temporary);
      throw error;
    }
  }

  return {
    replace: (path, bytes, mode) => renameInto(path, mode, (write) => write(bytes)),
    replaceLoosely: (path, bytes, mode) => {
      requirePlace(path);
      withTemporary(
        mode,
        (write) => write(bytes),
        (temporary) => fileSystem.rename(temporary, path),
        false,
      );
    },
    replaceOutside: (path, temporary, bytes, mode) => {
      try {
        using handle = fileSystem.createExclusive(temporary, mode);
        if (handle === undefined) throw new Error(`${temporary} is there already`);
        handle.write(bytes);
        handle[Symbol.dispose]();
        fileSystem.rename(temporary, path);
      } catch (error) {
        discard(temporary);
        throw error;
      }
    },
    replaceAll,
    replaceFrom: (path, chunks, mode, check) =>
      renameInto(
        path,
        mode,
        (write) => {
          for (const chunk of chunks) write(chunk);
        },
        check,
      ),
    link: (path, bytes, mode) => {
      requirePlace(path);
      return withTemporary(
        mode,
        (write) => write(bytes),
        (temporary) => {
          const linked = fileSystem.link(temporary, path);
          if (linked === true) syncParent(path);
          discard(temporary);
          return linked;
        },
      );
    },
    folder: (path) => {
      requirePlace(path);
      const made = fileSystem.makeDirectory(path, FOLDER_MODE);
      syncParent(path);
      return made;
    },
    foldersIn: (parent, names) => {
      for (const name of names) {
        requirePlace(`${parent}/${name}`);
        fileSystem.makeDirectory(`${parent}/${name}`, FOLDER_MODE);
      }
      fileSystem.syncDirectory(parent);
    },
    tree: (files, folders) => {
      for (const file of files) fileSystem.syncFile(file);
      syncFolders(folders);
    },
    largeTree: async (root, files, folders) => {
      if (files.length >= MANY_FILES && (await fileSystem.syncFileSystem(root))) return;
      await fileSystem.syncFiles(files);
      syncFolders(folders);
    },
    move: (from, to) => {
      requirePlace(from);
      requirePlace(to);
      fileSystem.rename(from, to);
      syncParent(to);
      if (parentOf(from) !== parentOf(to)) syncParent(from);
    },
    unlink: (path) => {
      requirePlace(path);
      const removed = fileSystem.unlink(path);
      if (removed) syncParent(path);
      return removed;
    },
    unlinkAll: (paths) => {
      for (const path of paths) requirePlace(path);
      const removed = paths.filter((path) => fileSystem.unlink(path));
      const [any] = removed;
      if (any !== undefined) syncParent(any);
    },
    removeFolder: (path) => {
      requirePlace(path);
      const removed = fileSystem.removeDirectory(path);
      if (removed) syncParent(path);
      return removed;
    },
    settleName: syncParent,
    symlink: (target, path) => {
      requirePlace(path);
      const temporary = layout.temporary(identifiers.operation());
      fileSystem.makeDirectory(layout.folder("staging"), FOLDER_MODE);
      fileSystem.symlink(target, temporary);
      fileSystem.rename(temporary, path);
      syncParent(path);
    },
  };
}
