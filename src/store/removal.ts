import type { FileSystem } from "../ports/file-system.ts";
import { FOLDER_MODE } from "./layout.ts";

/** Removes a file or a whole folder, never through a link; answers the bytes of the files. Nothing is flushed. */
export function removeAll(fileSystem: FileSystem, path: string): number {
  const status = fileSystem.status(path);
  if (status === undefined) return 0;
  if (status.kind !== "directory") {
    fileSystem.unlink(path);
    return status.kind === "file" ? status.bytes : 0;
  }
  // A folder that does not let itself be read or emptied.
  if ((status.mode & 0o700) !== 0o700) fileSystem.changeMode(path, FOLDER_MODE);
  let freed = 0;
  for (const { name } of fileSystem.list(path) ?? []) freed += removeAll(fileSystem, `${path}/${name}`);
  fileSystem.removeDirectory(path);
  return freed;
}
