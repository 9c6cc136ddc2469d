import { EngineryError } from "../core/errors.ts";
import type { FileStatus, FileSystem, WriteHandle } from "../ports/file-system.ts";
import { parentOf } from "./layout.ts";
import { chunksOf, readPart } from "./reading.ts";
import { repositoryLayout } from "./repository-layout.ts";

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
const DOCUMENT_LIMIT = 64 * 1024 * 1024;

/** A publisher's folder. Paths are relative to it (repository-layout.ts). */
export interface Repository {
  /** Absolute. */
  readonly directory: string;
  absolute(path: string): string;
  /** Undefined where there is no such file. */
  read(path: string): Uint8Array | undefined;
  /** In chunks. Errors: `missing`. */
  chunks(path: string): AsyncIterable<Uint8Array>;
  status(path: string): FileStatus | undefined;
  /** Names of the files in a folder, sorted; empty where there is no such folder. */
  files(folder: string): readonly string[];
  /** Durable when it returns. */
  makeFolder(folder: string): void;
  /** Whole or not at all, durable when it returns; the same bytes there already: nothing is written. */
  write(path: string, bytes: Uint8Array): void;
  /** A file whose name is known only when its last byte is written. */
  receive(name: string): IncomingFile;
  /** A folder for files that are looked at and never served. Not flushed. */
  scratch(name: string): ScratchFolder;
  /** Removes what runs that died were receiving. */
  sweepIncoming(): void;
  /** False where there was none. Durable when it returns. */
  remove(path: string): boolean;
  /** Removes the folder's files and the folder. */
  removeFolder(folder: string): void;
}

export interface IncomingFile extends Disposable {
  readonly path: string;
  write(bytes: Uint8Array): void;
  /** No more bytes: it can be read by `path`. */
  close(): void;
  /** Gives it its name, over what may be there, durable when it returns. */
  adopt(path: string): void;
}

/** Files by number, so that no path of a release is ever one of the publisher's disk. */
export interface ScratchFolder extends Disposable {
  create(file: number): WriteHandle;
  /** Errors: `missing`, `length-mismatch`. */
  readPart(file: number, offset: number, target: Uint8Array): void;
}

export function openRepository(directory: string, fileSystem: FileSystem, newName: () => string): Repository {
  const absolute = (path: string): string => (path === "" ? directory : `${directory}/${path}`);
  const durableFolders = new Set<string>();

  function read(path: string): Uint8Array | undefined {
    return fileSystem.readFile(absolute(path), DOCUMENT_LIMIT);
  }

  function write(path: string, bytes: Uint8Array): void {
    if (equal(read(path), bytes)) {
      flush(path);
      return;
    }
    using file = receive(newName());
    file.write(bytes);
    file.adopt(path);
  }

  function receive(name: string): IncomingFile {
    const path = repositoryLayout.incoming(name);
    makeParents(path);
    fileSystem.unlink(absolute(path));
    const handle = fileSystem.createExclusive(absolute(path), FILE_MODE);
    if (handle === undefined)
      throw new EngineryError("io", `${absolute(path)} could not be made.`, { context: { path } });
    let open = true;
    let pending = true;
    const close = (): void => {
      if (open) handle.sync();
      if (open) handle[Symbol.dispose]();
      open = false;
    };
    return {
      path,
      write: (chunk) => handle.write(chunk),
      close,
      adopt(to) {
        close();
        makeParents(to);
        fileSystem.rename(absolute(path), absolute(to));
        pending = false;
        fileSystem.syncDirectory(parentOf(absolute(to)));
      },
      [Symbol.dispose]() {
        try {
          if (open) handle[Symbol.dispose]();
          open = false;
          if (pending) fileSystem.unlink(absolute(path));
        } catch {
          // The failure that led here is the one to tell; sweepIncoming takes what is left.
        }
      },
    };
  }

  function scratch(name: string): ScratchFolder {
    const folder = repositoryLayout.incoming(name);
    makeFolders(folder);
    return {
      create(file) {
        const handle = fileSystem.createExclusive(absolute(`${folder}/${file}`), FILE_MODE);
        if (handle !== undefined) return handle;
        throw new EngineryError("io", `${absolute(folder)} could not be written to.`, { context: { file } });
      },
      readPart: (file, offset, target) => readPart(fileSystem, absolute(`${folder}/${file}`), offset, target),
      [Symbol.dispose]() {
        try {
          removeFolder(folder);
        } catch {
          // The failure that led here is the one to tell; sweepIncoming takes what is left.
        }
        durableFolders.delete(folder);
      },
    };
  }

  function makeParents(path: string): void {
    const slash = path.lastIndexOf("/");
    makeFolders(slash === -1 ? "" : path.slice(0, slash));
  }

  function makeFolders(folder: string): void {
    if (durableFolders.has(folder)) return;
    if (folder !== "") makeParents(folder);
    fileSystem.makeDirectory(absolute(folder), FOLDER_MODE);
    // Also where it was there: whoever made it may have died before this.
    fileSystem.syncDirectory(parentOf(absolute(folder)));
    durableFolders.add(folder);
  }

  /** What an earlier run wrote may not be on the disk yet. */
  function flush(path: string): void {
    makeParents(path);
    fileSystem.syncFile(absolute(path));
    fileSystem.syncDirectory(parentOf(absolute(path)));
  }

  function remove(path: string): boolean {
    const removed = fileSystem.unlink(absolute(path));
    if (removed) fileSystem.syncDirectory(parentOf(absolute(path)));
    return removed;
  }

  function files(folder: string): readonly string[] {
    const entries = fileSystem.list(absolute(folder)) ?? [];
    return entries
      .filter(({ kind }) => kind === "file")
      .map(({ name }) => name)
      .sort();
  }

  function sweepIncoming(): void {
    const { draftFolder, incoming } = repositoryLayout;
    for (const { name, kind } of fileSystem.list(absolute(draftFolder)) ?? []) {
      const path = `${draftFolder}/${name}`;
      if (!path.startsWith(incoming(""))) continue;
      if (kind === "directory") removeFolder(path);
      else remove(path);
    }
  }

  function removeFolder(folder: string): void {
    for (const { name, kind } of fileSystem.list(absolute(folder)) ?? []) {
      if (kind === "directory") removeFolder(`${folder}/${name}`);
      else fileSystem.unlink(absolute(`${folder}/${name}`));
    }
    if (fileSystem.removeDirectory(absolute(folder))) fileSystem.syncDirectory(parentOf(absolute(folder)));
  }

  return {
    directory,
    absolute,
    read,
    chunks: (path) => fileChunks(fileSystem, absolute(path)),
    status: (path) => fileSystem.status(absolute(path)),
    files,
    makeFolder: makeFolders,
    write,
    receive,
    scratch,
    sweepIncoming,
    remove,
    removeFolder,
  };
}

/** A file's content in chunks of at most 1 MiB, each with bytes of its own. Errors: `missing`. */
export async function* fileChunks(fileSystem: FileSystem, path: string): AsyncGenerator<Uint8Array> {
  for (const chunk of chunksOf(fileSystem, path)) yield chunk.slice();
}

function equal(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, place) => byte === b[place]);
}
