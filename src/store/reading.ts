import { EngineryError } from "../core/errors.ts";
import type { DirectoryEntry, FileSystem } from "../ports/file-system.ts";
import { type Layout, parentOf } from "./layout.ts";

/** No record of the home comes near it; a manifest may hold many releases. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export interface Reading {
  /** Errors: `home-damaged` where this, or a folder of the home above it, is a link. */
  refuseLinks(path: string): void;
  /** Undefined where there is none. Errors: `home-damaged` where anything below the home is a link, or no plain file. */
  file(path: string): Uint8Array | undefined;
  /** As `file`, parsed: what the parser refuses is `home-damaged` too. */
  record<T>(path: string, parse: (bytes: Uint8Array) => T): T | undefined;
  /** As `record`, in a folder that `list` has just gone through: nothing above it is looked at again. */
  recordIn<T>(path: string, parse: (bytes: Uint8Array) => T): T | undefined;
  /** Empty where there is no such folder. */
  list(path: string): readonly DirectoryEntry[];
  /** In chunks of 1 MiB; each is overwritten by the next. */
  chunks(path: string): Iterable<Uint8Array>;
}

/** Reads of the home: never through a link that was planted in it. */
export function homeReading(fileSystem: FileSystem, layout: Layout): Reading {
  function refuseLinks(path: string): void {
    // The way to the home is the operator's own; folders first: a link further up would make all below it lie.
    if (!path.startsWith(`${layout.home}/`)) return;
    refuseLinks(parentOf(path));
    if (fileSystem.status(path)?.kind === "link") throw damaged(path, "is a link, which the home never holds");
  }

  function file(path: string): Uint8Array | undefined {
    refuseLinks(parentOf(path));
    return fileIn(path);
  }

  function fileIn(path: string): Uint8Array | undefined {
    const status = fileSystem.status(path);
    if (status === undefined) return undefined;
    if (status.kind !== "file") throw damaged(path, "is no plain file");
    if (status.bytes > MAX_RECORD_BYTES) throw damaged(path, "is too large to be a record");
    return fileSystem.readFile(path, MAX_RECORD_BYTES);
  }

  return {
    refuseLinks,
    file,
    record: (path, parse) => parsed(path, file(path), parse),
    recordIn: (path, parse) => parsed(path, fileIn(path), parse),
    list: (path) => {
      refuseLinks(path);
      return fileSystem.list(path) ?? [];
    },
    chunks: (path) => {
      refuseLinks(path);
      return chunksOf(fileSystem, path);
    },
  };
}

function parsed<T>(path: string, bytes: Uint8Array | undefined, parse: (bytes: Uint8Array) => T): T | undefined {
  if (bytes === undefined) return undefined;
  try {
    return parse(bytes);
  } catch (error) {
    throw damaged(path, "cannot be read", error);
  }
}

/** A file in chunks of 1 MiB; each is overwritten by the next. Errors: `missing`. */
export function* chunksOf(fileSystem: FileSystem, path: string): Generator<Uint8Array, void> {
  using handle = fileSystem.openRead(path);
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, handle.bytes + 1));
  for (let position = 0; ; ) {
    const count = handle.read(buffer, position);
    if (count === 0) return;
    position += count;
    yield buffer.subarray(0, count);
  }
}

/** Fills `target` from `offset` on. Errors: `missing`, `length-mismatch` where the file is shorter. */
export function readPart(fileSystem: FileSystem, path: string, offset: number, target: Uint8Array): void {
  using handle = fileSystem.openRead(path);
  for (let position = 0; position < target.length; ) {
    const count = handle.read(target.subarray(position), offset + position);
    if (count === 0)
      throw new EngineryError("length-mismatch", `${path} ends early.`, {
        context: { path, expected: offset + target.length, found: offset + position },
      });
    position += count;
  }
}

/** `hint`: where another command than `doctor --fix` mends it. */
export function damaged(path: string, what: string, cause?: unknown, hint?: string): EngineryError {
  const because = cause instanceof Error ? `: ${cause.message}` : ".";
  const details = { context: { path }, cause, ...(hint === undefined ? {} : { hint }) };
  return new EngineryError("home-damaged", `${path} ${what}${because}`, details);
}
