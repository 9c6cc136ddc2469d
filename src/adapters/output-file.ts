import { randomBytes } from "node:crypto";
import { type BigIntStats, lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { EngineryError } from "../core/errors.ts";
import { withinHome } from "../core/within-home.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { calling } from "./errno.ts";
import { nodeFileSystem } from "./node-file-system.ts";

const THERE_IS_NONE = { ENOENT: undefined } as const;

/**
 * Puts a file that an operator named in place, whole or not at all: whoever serves it never reads half of it. What a link leads
 * to is replaced, and not the link. `path` and `home` are absolute; a home is Enginery's own, and nothing is written into this one or
 * any other. Errors: `refused` within a home, and where something lies there that is no file; `missing`, `permission`, `disk-full`, `io`.
 */
export function writeOutputFile(path: string, content: string, home: string): void {
  const place = placeOf(path);
  refuseWithin(home, dirname(place), path);
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

/** By device and inode: other spellings and bind mounts of the home are the home. */
function refuseWithin(home: string, folder: string, path: string): void {
  const own = identity(home);
  for (let at = folder; ; at = dirname(at)) {
    const here = identity(at);
    const isOwn = here !== undefined && here.dev === own?.dev && here.ino === own.ino;
    if (isOwn || isHome(at)) throw withinHome(path, isOwn ? home : at);
    if (dirname(at) === at) return;
  }
}

/** Another operator's, or one that this process was not pointed at. */
function isHome(folder: string): boolean {
  return (
    identity(join(folder, "VERSION")) !== undefined && identity(join(folder, "generations"))?.isDirectory() === true
  );
}

function identity(path: string): BigIntStats | undefined {
  return calling<BigIntStats | undefined>("stat", path, () => statSync(path, { bigint: true }), THERE_IS_NONE);
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
