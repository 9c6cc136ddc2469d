import { isEngineryError } from "../core/errors.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import type { Ground } from "./ground.ts";
import { RECORD_MODE } from "./layout.ts";
import { damaged } from "./reading.ts";

export interface FilesByHash {
  /** Errors: `home-damaged` where the bytes are not those of the name. */
  read(sha256: Sha256): Uint8Array | undefined;
  /** As `read`; undefined where they are not. */
  readSound(sha256: Sha256): Uint8Array | undefined;
  /** Durable when it returns; what was damaged under that name is replaced. */
  keep(bytes: Uint8Array): Sha256;
  list(): Sha256[];
  /** Those that do not hold what their name promises; hashes every file. */
  damaged(): Sha256[];
  remove(sha256: Sha256): void;
  /** As `remove`, for several: the folder is flushed once. */
  removeAll(all: readonly Sha256[]): void;
}

/** A folder of `<sha256>.json` files. */
export function filesByHash(
  { durable, reading, digester }: Ground,
  folder: string,
  pathOf: (sha256: Sha256) => string,
): FilesByHash {
  function list(): Sha256[] {
    return reading.list(folder).flatMap(({ name }) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
  }

  function read(sha256: Sha256): Uint8Array | undefined {
    const bytes = reading.file(pathOf(sha256));
    if (bytes !== undefined && digester.sha256(bytes) !== sha256) {
      throw damaged(pathOf(sha256), "does not hold the bytes that its name promises");
    }
    return bytes;
  }

  function readSound(sha256: Sha256): Uint8Array | undefined {
    try {
      return read(sha256);
    } catch (error) {
      if (isEngineryError(error, "home-damaged")) return undefined;
      throw error;
    }
  }

  return {
    read,
    readSound,
    keep: (bytes) => {
      const sha256 = digester.sha256(bytes);
      // Whoever put it there may have died before its name was on disk.
      if (readSound(sha256) !== undefined) durable.settleName(pathOf(sha256));
      else durable.replace(pathOf(sha256), bytes, RECORD_MODE);
      return sha256;
    },
    list,
    damaged: () => list().filter((sha256) => readSound(sha256) === undefined),
    remove: (sha256) => {
      durable.unlink(pathOf(sha256));
    },
    removeAll: (all) => durable.unlinkAll(all.map(pathOf)),
  };
}
