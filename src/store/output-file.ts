import { EngineryError } from "../core/errors.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { folderOf } from "./named-path.ts";
import { readPart } from "./reading.ts";
import type { ScratchFolder } from "./repository.ts";
import { refuseWithinHome } from "./within-home.ts";

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

/** `home` is the one that the verb is of. Errors: `refused`. */
export function requirePlace(fileSystem: FileSystem, path: string, home?: string): void {
  refuseWithinHome(fileSystem, path, home);
  const folder = folderOf(path);
  if (fileSystem.realPath(folder) === undefined)
    throw new EngineryError("missing", `There is no folder ${folder}.`, {
      hint: "Make it first, or name a file in another.",
      context: { path, folder },
    });
  const kind = fileSystem.status(path)?.kind;
  if (kind === undefined || kind === "file") return;
  throw new EngineryError("refused", `${path} is there, and is no plain file.`, {
    hint: "Name a file that is not there yet.",
    context: { path },
  });
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
