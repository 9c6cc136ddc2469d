import type { FileSystem, WriteHandle } from "../../src/ports/file-system.ts";

/** Flushes nothing: for tests that kill, which no flush could help, and that count or record the flushes that were asked for. */
export function unsynced(real: FileSystem): FileSystem {
  const handle = <H extends WriteHandle | undefined>(inner: H): H =>
    (inner && {
      write: (bytes: Uint8Array) => inner.write(bytes),
      sync: () => undefined,
      [Symbol.dispose]: () => inner[Symbol.dispose](),
    }) as H;
  return {
    ...real,
    createExclusive: (path, mode) => handle(real.createExclusive(path, mode)),
    openAppend: (path, mode) => handle(real.openAppend(path, mode)),
    syncFile: () => undefined,
    syncFiles: async () => undefined,
    syncFileSystem: async () => true,
    syncDirectory: () => undefined,
  };
}
