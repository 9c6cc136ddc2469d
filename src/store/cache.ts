import { isEngineryError } from "../core/errors.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE, RECORD_MODE } from "./layout.ts";
import { chunksOf } from "./reading.ts";
import { freeAll, removeAll } from "./removal.ts";

/** No signed document may be larger. */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/** Downloads that may be resumed, disposable. Nothing here is trusted: whoever reads it checks it again. */
export interface Cache {
  /** Verified pieces of a broken download, in order from offset 0. */
  partial(archive: Sha256): PartialDownload;
  readonly documents: {
    /** Undefined too where the bytes are not those of the name. */
    read(sha256: Sha256): Uint8Array | undefined;
    keep(sha256: Sha256, bytes: Uint8Array): void;
  };
  /** Sixteen small files for a disk that fills up: `clear` gives back what prune must write there, bytes and inodes. Never fails. */
  keepRoom(): void;
  /** Removes all of it; answers the bytes freed. */
  clear(): number;
}

export interface PartialDownload {
  /** How many bytes there are now. */
  readonly bytes: number;
  read(): Iterable<Uint8Array>;
  append(piece: Uint8Array): void;
  discard(): void;
}

const ROOM_FILES = 16;
const ROOM_BYTES = 4096;

/** cache/: nothing is flushed, as all of it is checked when it is read. */
export function cacheOf(ground: Ground): Cache {
  const { layout, fileSystem, durable, digester, reading } = ground;

  function makeFolders(): void {
    for (const folder of ["cache", "cache/partial", "cache/documents"] as const) {
      reading.refuseLinks(layout.folder(folder));
      fileSystem.makeDirectory(layout.folder(folder), FOLDER_MODE);
    }
  }

  function plainFile(path: string) {
    const status = fileSystem.status(path);
    return status?.kind === "file" ? status : undefined;
  }

  return {
    partial: (archive) => {
      const path = layout.partial(archive);
      return {
        get bytes() {
          return plainFile(path)?.bytes ?? 0;
        },
        read: function* () {
          if (plainFile(path) === undefined) return;
          for (const chunk of chunksOf(fileSystem, path)) yield chunk.slice();
        },
        append: (piece) => {
          makeFolders();
          using handle = fileSystem.openAppend(path, RECORD_MODE);
          handle.write(piece);
        },
        discard: () => {
          removeAll(fileSystem, path);
        },
      };
    },
    documents: {
      read: (sha256) => {
        const path = layout.document(sha256);
        const there = plainFile(path);
        if (there === undefined || there.bytes > MAX_DOCUMENT_BYTES) return undefined;
        const bytes = fileSystem.readFile(path);
        return bytes !== undefined && digester.sha256(bytes) === sha256 ? bytes : undefined;
      },
      keep: (sha256, bytes) => {
        makeFolders();
        durable.replaceLoosely(layout.document(sha256), bytes, RECORD_MODE);
      },
    },
    keepRoom: () => {
      const folder = layout.folder("cache/room");
      try {
        if (fileSystem.status(folder) !== undefined) return;
        makeFolders();
        fileSystem.makeDirectory(folder, FOLDER_MODE);
        for (let number = 0; number < ROOM_FILES; number++) {
          using handle = fileSystem.createExclusive(`${folder}/${number}`, RECORD_MODE);
          handle?.write(new Uint8Array(ROOM_BYTES).fill(0x2e));
        }
      } catch (error) {
        // A disk that has no room for it is told of by whatever needs some.
        if (!isEngineryError(error)) throw error;
      }
    },
    clear: () => {
      const freed = freeAll(fileSystem, layout.folder("cache"));
      makeFolders();
      return freed;
    },
  };
}
