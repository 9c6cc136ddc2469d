import { EngineryError } from "../core/errors.ts";
import { withinHome } from "../core/within-home.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { readPart } from "./reading.ts";
import type { ScratchFolder } from "./repository.ts";

const SCRATCH_MODE = 0o700;
const SCRATCH_FILE_MODE = 0o600;

/** A large file that an operator named: whole or not at all, and never within a home. */
export interface OutputFile extends Disposable {
  write(bytes: Uint8Array): void;
  /** Gives it its name, over what may be there, durable when it returns. */
  adopt(): void;
}

/** `path` is absolute. Errors: `refused` within a home and where something lies there that is no file, `missing`, `permission`, `disk-full`, `io`. */
export function openOutput(fileSystem: FileSystem, path: string, mode: number, newName: () => string): OutputFile {
  requirePlace(fileSystem, path);
  const temporary = `${folderOf(path)}/.${newName()}`;
  const handle = fileSystem.createExclusive(temporary, mode);
  if (handle === undefined) throw new EngineryError("io", `${temporary} is there already.`, { context: { path } });
  let pending = true;
  return {
    write: (bytes) => handle.write(bytes),
    adopt() {
      handle.sync();
      handle[Symbol.dispose]();
      fileSystem.rename(temporary, path);
      pending = false;
      fileSystem.syncDirectory(folderOf(path));
    },
    [Symbol.dispose]() {
      if (!pending) return;
      pending = false;
      handle[Symbol.dispose]();
      fileSystem.unlink(temporary);
    },
  };
}

export function requirePlace(fileSystem: FileSystem, path: string): void {
  refuseWithinHome(fileSystem, path);
  const kind = fileSystem.status(path)?.kind;
  if (kind === undefined || kind === "file") return;
  throw new EngineryError("refused", `${path} is there, and is no plain file.`, {
    hint: "Name a file that is not there yet.",
    context: { path },
  });
}

/** Errors: `refused`. */
export function refuseWithinHome(fileSystem: FileSystem, path: string): void {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    const isHome =
      fileSystem.status(`${folder}/VERSION`)?.kind === "file" &&
      fileSystem.status(`${folder}/generations`)?.kind === "directory";
    if (isHome) throw withinHome(path, folder);
    if (folderOf(folder) === folder) return;
  }
}

/** In the folder of `path`; gone when disposed. Not flushed. */
export function openScratch(fileSystem: FileSystem, path: string, newName: () => string): ScratchFolder {
  const folder = `${folderOf(path)}/.${newName()}`;
  fileSystem.makeDirectory(folder, SCRATCH_MODE);
  return {
    create(file) {
      const handle = fileSystem.createExclusive(`${folder}/${file}`, SCRATCH_FILE_MODE);
      if (handle !== undefined) return handle;
      throw new EngineryError("io", `${folder} could not be written to.`, { context: { file } });
    },
    readPart: (file, offset, target) => readPart(fileSystem, `${folder}/${file}`, offset, target),
    [Symbol.dispose]() {
      for (const { name } of fileSystem.list(folder) ?? []) fileSystem.unlink(`${folder}/${name}`);
      fileSystem.removeDirectory(folder);
    },
  };
}

/** Of an operator's own path, which on Windows has the system's own separators. */
export function folderOf(path: string): string {
  const isWindows = /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path);
  const slash = Math.max(path.lastIndexOf("/"), isWindows ? path.lastIndexOf("\\") : -1);
  if (isWindows) return slash <= 2 ? path.slice(0, 3) : path.slice(0, slash);
  return slash <= 0 ? "/" : path.slice(0, slash);
}
