import type { FileSystem } from "../ports/file-system.ts";
import { folderOf } from "./named-path.ts";
import { openOutput } from "./output-file.ts";

const MAX_BYTES = 1024 * 1024;

/** A folder of the machine's own, in which files of services lie. */
export interface ServiceFolder {
  read(path: string): Uint8Array | undefined;
  /** Whether anything has that name, a link that leads nowhere included. */
  isThere(path: string): boolean;
  /** Whole, over what was there, durable when it returns; its folders are made. */
  write(path: string, bytes: Uint8Array): void;
  /** Durable when it returns. */
  remove(path: string): void;
}

export function openServiceFolder(fileSystem: FileSystem, newName: () => string): ServiceFolder {
  function makeFolders(path: string): void {
    if (fileSystem.status(path) !== undefined) return;
    makeFolders(folderOf(path));
    fileSystem.makeDirectory(path, 0o755);
    fileSystem.syncDirectory(folderOf(path));
  }
  return {
    // what is no plain file (a link that masks a unit, a pipe without an end) is nobody's of ours, whatever it says
    read: (path) => {
      const kind = fileSystem.status(path)?.kind;
      return kind === undefined || kind === "file" ? fileSystem.readFile(path, MAX_BYTES) : new Uint8Array();
    },
    isThere: (path) => fileSystem.status(path) !== undefined,
    write(path, bytes) {
      makeFolders(folderOf(path));
      using output = openOutput(fileSystem, path, 0o644, newName);
      output.write(bytes);
      output.adopt();
    },
    remove(path) {
      if (fileSystem.unlink(path)) fileSystem.syncDirectory(folderOf(path));
    },
  };
}
