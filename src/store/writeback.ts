import type { FileSystem } from "../ports/file-system.ts";
import type { Host } from "../ports/host.ts";

/** So much of a file is sent on its way to the disk while the rest of the release is still being made. */
const STRETCH_BYTES = 32 * 1024 * 1024;

/**
 * The disk works while this thread does: large files are flushed as they grow, so that the flush at the end finds less to wait for. It spares no
 * flush (law 4), and a failure is as final as any other: `settled` tells it.
 */
export interface Writeback {
  /** Called after each write of a file with what it has by now. */
  wrote(path: string, bytes: number): void;
  /** Errors: the first flush that failed. */
  settled(): Promise<void>;
}

export function writebackOf({ fileSystem, host }: { readonly fileSystem: FileSystem; readonly host: Host }): Writeback {
  const begun = new Map<string, { bytes: number; flushing: Promise<void> | undefined }>();
  // Windows opens no read-only file to flush it while another writes to it
  const serves = !host.platform.startsWith("win32");
  let failure: unknown;

  return {
    wrote: (path, bytes) => {
      if (!serves || bytes < STRETCH_BYTES) return;
      const file = begun.get(path) ?? { bytes: 0, flushing: undefined };
      begun.set(path, file);
      if (file.flushing !== undefined || bytes - file.bytes < STRETCH_BYTES) return;
      file.bytes = bytes;
      file.flushing = fileSystem
        .syncFiles([path])
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => {
          file.flushing = undefined;
        });
    },
    settled: async () => {
      await Promise.all([...begun.values()].map(({ flushing }) => flushing));
      if (failure !== undefined) throw failure;
    },
  };
}
