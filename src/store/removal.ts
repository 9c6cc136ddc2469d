import type { FileSystem } from "../ports/file-system.ts";
import { FOLDER_MODE } from "./layout.ts";

/** Where another removes the same, or an entry came to it meanwhile, a folder is not empty when it should be. */
const ATTEMPTS = 3;

type Measure = (path: string) => number;

/** Removes a file or a whole folder, never through a link. Nothing is flushed. Cost: one call a file, three a folder. */
export function removeAll(fileSystem: FileSystem, path: string): void {
  remove(fileSystem, path, () => 0);
}

/** As `removeAll`; answers the bytes of the files, for one more call a file. */
export function freeAll(fileSystem: FileSystem, path: string): number {
  return remove(fileSystem, path, (file) => {
    const status = fileSystem.status(file);
    return status?.kind === "file" ? status.bytes : 0;
  });
}

function remove(fileSystem: FileSystem, path: string, measure: Measure): number {
  const status = fileSystem.status(path);
  if (status === undefined) return 0;
  return status.kind === "directory"
    ? removeFolder(fileSystem, path, status.mode, measure)
    : removeFile(fileSystem, path, measure);
}

function removeFolder(fileSystem: FileSystem, path: string, mode: number, measure: Measure): number {
  // A folder that does not let itself be read or emptied.
  if ((mode & 0o700) !== 0o700) fileSystem.changeMode(path, FOLDER_MODE);
  let freed = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    for (const { name, kind } of fileSystem.list(path) ?? []) {
      const entry = `${path}/${name}`;
      freed += kind === "directory" ? remove(fileSystem, entry, measure) : removeFile(fileSystem, entry, measure);
    }
    if (fileSystem.removeDirectory(path) || fileSystem.status(path) === undefined) break;
  }
  return freed;
}

function removeFile(fileSystem: FileSystem, path: string, measure: Measure): number {
  const bytes = measure(path);
  return fileSystem.unlink(path) ? bytes : 0;
}
