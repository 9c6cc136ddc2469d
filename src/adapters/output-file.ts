import { randomBytes } from "node:crypto";
import { lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { EngineryError } from "../core/errors.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { calling } from "./errno.ts";
import { nodeFileSystem } from "./node-file-system.ts";

/**
 * Puts a file that an operator named in place, whole or not at all: whoever serves it never reads half of it. What a link leads
 * to is replaced, and not the link. `path` is absolute. Errors: `refused` where something lies there that is no file; `missing`, `permission`,
 * `disk-full`, `io`.
 */
export function writeOutputFile(path: string, content: string): void {
  const place = placeOf(path);
  const before = calling("stat", place, () => statSync(place, { throwIfNoEntry: false }));
  if (before !== undefined && !before.isFile()) {
    throw new EngineryError("refused", `${path} is there, and is no file.`, {
      hint: "Name a file; - writes to stdout.",
      context: { path },
    });
  }
  const mode = before === undefined ? 0o666 & ~process.umask() : before.mode & 0o777;
  replace(nodeFileSystem(), place, new TextEncoder().encode(content), mode);
}

/** Where the bytes will lie: behind the links of the folder, and of the name itself. */
function placeOf(path: string): string {
  const folder = calling("find the folder of", path, () => realpathSync.native(dirname(path)));
  const place = join(folder, basename(path));
  const isLink = calling("lstat", place, () => lstatSync(place, { throwIfNoEntry: false }))?.isSymbolicLink() ?? false;
  return isLink ? calling("follow the link", path, () => realpathSync.native(place)) : place;
}

function replace(fileSystem: FileSystem, place: string, bytes: Uint8Array, mode: number): void {
  const temporary = join(dirname(place), `.${basename(place).slice(0, 200)}.${randomBytes(6).toString("hex")}`);
  const handle = fileSystem.createExclusive(temporary, mode);
  if (handle === undefined) throw new EngineryError("io", `${temporary} is there already.`);
  try {
    using writing = handle;
    writing.write(bytes);
    writing.sync();
    writing[Symbol.dispose]();
    fileSystem.rename(temporary, place);
  } catch (error) {
    fileSystem.unlink(temporary);
    throw error;
  }
  fileSystem.syncDirectory(dirname(place));
}
