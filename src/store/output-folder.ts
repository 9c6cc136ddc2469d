import { EngineryError } from "../core/errors.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { folderOf } from "./named-path.ts";
import { removeAll } from "./removal.ts";
import { refuseWithinHome } from "./within-home.ts";

const FOLDER_MODE = 0o755;

/** A folder that an operator named gets one more in it, whole or not at all. */
export interface OutputFolder extends Disposable {
  /** Exclusive create, 0444 or 0555, flushed. `path` was checked. */
  put(path: string, executable: boolean, chunks: Iterable<Uint8Array>, onChunk: (chunk: Uint8Array) => void): void;
  /** Gives it its name below the folder, durable when it returns. Errors: `refused` where something has that name. */
  adopt(name: string): void;
}

/** `folder` is absolute, and made where it is not there. Errors: `refused` within a home, `missing`, `permission`, `disk-full`, `io`. */
export function openOutputFolder(fileSystem: FileSystem, folder: string, newName: () => string): OutputFolder {
  refuseWithinHome(fileSystem, `${folder}/any`);
  makeFolder(folder);
  const temporary = `${folder}/.${newName()}`;
  fileSystem.makeDirectory(temporary, FOLDER_MODE);
  const folders = new Set([temporary]);
  let pending = true;

  function makeFolder(path: string): void {
    if (fileSystem.makeDirectory(path, FOLDER_MODE)) fileSystem.syncDirectory(folderOf(path));
  }

  function foldersFor(path: string): void {
    if (folders.has(path)) return;
    foldersFor(folderOf(path));
    fileSystem.makeDirectory(path, FOLDER_MODE);
    folders.add(path);
  }

  return {
    put(path, executable, chunks, onChunk) {
      const place = `${temporary}/${path}`;
      foldersFor(folderOf(place));
      using handle = fileSystem.createExclusive(place, executable ? 0o555 : 0o444);
      if (handle === undefined) throw new EngineryError("io", `${place} is there already.`, { context: { path } });
      for (const chunk of chunks) {
        handle.write(chunk);
        onChunk(chunk);
      }
      handle.sync();
    },
    adopt(name) {
      const place = `${folder}/${name}`;
      for (const path of [...folders].sort((a, b) => b.length - a.length)) fileSystem.syncDirectory(path);
      makeFolder(folderOf(place));
      // a rename over an empty folder would replace it without a word
      if (fileSystem.status(place) !== undefined)
        throw new EngineryError("refused", `${place} is there already.`, { context: { path: place } });
      fileSystem.rename(temporary, place);
      pending = false;
      fileSystem.syncDirectory(folderOf(place));
    },
    [Symbol.dispose]() {
      if (pending) removeAll(fileSystem, temporary);
    },
  };
}
