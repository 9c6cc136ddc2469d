import type { FileSystem, ReadHandle, WriteHandle } from "../../src/ports/file-system.ts";

/** One call on the disk; `mutates` where it changes what a power cut or another process could see. */
export interface Call {
  readonly name: string;
  readonly path: string;
  /** Where a rename or a link leads. */
  readonly to?: string;
  readonly bytes?: Uint8Array;
  readonly mutates: boolean;
}

export interface Interposer {
  /** Throws instead of letting the call happen; `let` lets it happen with fewer bytes. */
  before(call: Call, real: { write(bytes: Uint8Array): void } | undefined): void;
  after?(call: Call, result: unknown): void;
}

/** Every call of `real` goes by the interposer first. Closing a handle always works: a dead process's are closed too. */
export function interposed(real: FileSystem, interposer: Interposer): FileSystem {
  function pass<T>(call: Call, action: () => T, handle?: WriteHandle): T {
    interposer.before(call, handle);
    const result = action();
    interposer.after?.(call, result);
    return result;
  }
  const reading = <T>(name: string, path: string, action: () => T) => pass({ name, path, mutates: false }, action);
  const changing = <T>(name: string, path: string, action: () => T, to?: string) =>
    pass({ name, path, mutates: true, ...(to === undefined ? {} : { to }) }, action);

  function readHandle(path: string, handle: ReadHandle): ReadHandle {
    return {
      get bytes() {
        return handle.bytes;
      },
      read: (target, position) => reading("read", path, () => handle.read(target, position)),
      [Symbol.dispose]: () => handle[Symbol.dispose](),
    };
  }

  function writeHandle<H extends WriteHandle | undefined>(path: string, handle: H): H {
    if (handle === undefined) return handle;
    return {
      write: (bytes: Uint8Array) =>
        pass({ name: "write", path, bytes, mutates: true }, () => handle.write(bytes), handle),
      sync: () => changing("sync", path, () => handle.sync()),
      [Symbol.dispose]: () => handle[Symbol.dispose](),
    } as H;
  }

  return {
    readFile: (path, maxBytes) => reading("readFile", path, () => real.readFile(path, maxBytes)),
    readPlainFile: (path, maxBytes) => reading("readPlainFile", path, () => real.readPlainFile(path, maxBytes)),
    openRead: (path) =>
      readHandle(
        path,
        reading("openRead", path, () => real.openRead(path)),
      ),
    createExclusive: (path, mode) =>
      writeHandle(
        path,
        changing("createExclusive", path, () => real.createExclusive(path, mode)),
      ),
    openAppend: (path, mode) =>
      writeHandle(
        path,
        changing("openAppend", path, () => real.openAppend(path, mode)),
      ),
    makeDirectory: (path, mode) => changing("makeDirectory", path, () => real.makeDirectory(path, mode)),
    rename: (from, to) => changing("rename", from, () => real.rename(from, to), to),
    link: (from, to) => changing("link", from, () => real.link(from, to), to),
    clone: (from, to, mode) => changing("clone", from, () => real.clone(from, to, mode), to),
    symlink: (target, path) => changing("symlink", path, () => real.symlink(target, path)),
    readLink: (path) => reading("readLink", path, () => real.readLink(path)),
    realPath: (path) => reading("realPath", path, () => real.realPath(path)),
    unlink: (path) => changing("unlink", path, () => real.unlink(path)),
    removeDirectory: (path) => changing("removeDirectory", path, () => real.removeDirectory(path)),
    changeMode: (path, mode) => changing("changeMode", path, () => real.changeMode(path, mode)),
    changeOwner: (path, owner, group) => changing("changeOwner", path, () => real.changeOwner(path, owner, group)),
    requireWritable: (path) => reading("requireWritable", path, () => real.requireWritable(path)),
    list: (path) => reading("list", path, () => real.list(path)),
    status: (path) => reading("status", path, () => real.status(path)),
    syncFile: (path) => changing("syncFile", path, () => real.syncFile(path)),
    syncFiles: async (paths) => {
      const calls = paths.map((path): Call => ({ name: "syncFile", path, mutates: true }));
      for (const call of calls) interposer.before(call, undefined);
      await real.syncFiles(paths);
      for (const call of calls) interposer.after?.(call, undefined);
    },
    syncFileSystem: async (path) => {
      const call: Call = { name: "syncFileSystem", path, mutates: true };
      interposer.before(call, undefined);
      const done = await real.syncFileSystem(path);
      interposer.after?.(call, done);
      return done;
    },
    syncDirectory: (path) => changing("syncDirectory", path, () => real.syncDirectory(path)),
    freeSpace: (path) => reading("freeSpace", path, () => real.freeSpace(path)),
    fileSystemType: (path) => reading("fileSystemType", path, () => real.fileSystemType(path)),
  };
}
