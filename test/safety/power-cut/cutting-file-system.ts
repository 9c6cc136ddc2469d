import type { FileSystem } from "../../../src/ports/file-system.ts";
import { type Call, interposed } from "../../sim/interposed-file-system.ts";
import { KilledError } from "../../sim/killing-file-system.ts";

/** What orders the disk, and what gives or takes a name. A write or a new file between two of these reaches the disk or not with the next. */
const POINTS = new Set([
  "sync",
  "syncFile",
  "syncFileSystem",
  "syncDirectory",
  "rename",
  "link",
  "symlink",
  "unlink",
  "removeDirectory",
]);

export interface CuttingFileSystem {
  readonly fileSystem: FileSystem;
  /** Points passed so far. */
  readonly points: number;
  /** The call that was not made. */
  readonly cutAt: Call | undefined;
}

/** The power goes before the n-th point below `place` (counted from 1); every later call, reads too, throws KilledError. */
export function cuttingFileSystem(real: FileSystem, place: string, at: number, cut: () => void): CuttingFileSystem {
  let points = 0;
  let cutAt: Call | undefined;
  const fileSystem = interposed(real, {
    before: (call) => {
      if (cutAt !== undefined) throw new KilledError(call);
      if (!POINTS.has(call.name) || !call.path.startsWith(`${place}/`)) return;
      points += 1;
      if (points < at) return;
      cutAt = call;
      cut();
      throw new KilledError(call);
    },
  });
  return {
    fileSystem,
    get points() {
      return points;
    },
    get cutAt() {
      return cutAt;
    },
  };
}
