import type { FileStatus, FileSystem } from "../ports/file-system.ts";

/** What lies under a folder; paths relative to it. Links are told as links, never followed. */
export interface Walked {
  /** The folder itself. */
  readonly root: FileStatus | undefined;
  readonly files: ReadonlyMap<string, FileStatus>;
  readonly folders: ReadonlyMap<string, FileStatus>;
  /** Links, devices, sockets. */
  readonly others: readonly string[];
}

/** Nothing where `root` is no folder itself. */
export function walk(fileSystem: FileSystem, root: string): Walked {
  const files = new Map<string, FileStatus>();
  const folders = new Map<string, FileStatus>();
  const others: string[] = [];
  const itself = fileSystem.status(root);
  const open = itself?.kind === "directory" ? [""] : [];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const { name } of fileSystem.list(folder === "" ? root : `${root}/${folder}`) ?? []) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const status = fileSystem.status(`${root}/${path}`);
      if (status?.kind === "file") files.set(path, status);
      else if (status?.kind === "directory") {
        folders.set(path, status);
        open.push(path);
      } else if (status !== undefined) others.push(path);
    }
  }
  return { root: itself, files, folders, others };
}
