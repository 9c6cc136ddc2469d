import { closeSync, constants, fchmodSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { EngineryError } from "../core/errors.ts";
import type { ReadHandle, WriteHandle } from "../ports/file-system.ts";
import { calling } from "./errno.ts";

/** Windows knows no O_NOFOLLOW; there links need a privilege that few have. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** A pipe is opened at once, whoever holds its other end. */
const READ_PLAIN = constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0);
const CREATE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | NO_FOLLOW;
const APPEND = constants.O_WRONLY | constants.O_APPEND | NO_FOLLOW;

export function openForReading(path: string): ReadHandle {
  const fd = calling("open", path, () => openSync(path, constants.O_RDONLY));
  const close = closingOnce(fd, path);
  return {
    get bytes() {
      return calling("stat", path, () => fstatSync(fd).size);
    },
    read: (target, position) => calling("read", path, () => readSync(fd, target, 0, target.byteLength, position)),
    [Symbol.dispose]: close,
  };
}

/** Looked at once it is open: what has that name by then may be another file. A link that is not followed answers `io`. */
export function readPlain(path: string, maxBytes: number): Uint8Array | undefined {
  const fd = calling<number | undefined>("open", path, () => openSync(path, READ_PLAIN), { ENOENT: undefined });
  if (fd === undefined) return undefined;
  try {
    const status = calling("stat", path, () => fstatSync(fd));
    if (!status.isFile() || status.size > maxBytes) {
      const what = status.isFile() ? `larger than ${maxBytes} bytes` : "no plain file";
      throw new EngineryError("document-invalid", `${path} is ${what}.`, { context: { path, maxBytes } });
    }
    const bytes = new Uint8Array(status.size);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.byteLength; length += count) {
      count = calling("read", path, () => readSync(fd, bytes, length, bytes.byteLength - length, length));
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

/** Undefined where something of that name is there. */
export function openForCreating(path: string, mode: number, flags = CREATE): WriteHandle | undefined {
  const fd = calling<number | undefined>("create", path, () => openSync(path, flags, mode), { EEXIST: undefined });
  if (fd === undefined) return undefined;
  const handle = writing(fd, path);
  try {
    // After the open: the mode is exact whatever the umask.
    calling("chmod", path, () => fchmodSync(fd, mode));
  } catch (error) {
    handle[Symbol.dispose]();
    throw error;
  }
  return handle;
}

export function openForAppending(path: string, mode: number): WriteHandle {
  return (
    openForCreating(path, mode, CREATE | constants.O_APPEND) ??
    writing(
      calling("open", path, () => openSync(path, APPEND)),
      path,
    )
  );
}

function writing(fd: number, path: string): WriteHandle {
  return {
    write: (bytes) => calling("write", path, () => writeWhole(fd, bytes)),
    sync: () => calling("fsync", path, () => fsyncSync(fd)),
    [Symbol.dispose]: closingOnce(fd, path),
  };
}

/** The kernel may take fewer bytes than it is given. */
function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(fd, bytes, written);
}

function closingOnce(fd: number, path: string): () => void {
  let open = true;
  return () => {
    if (!open) return;
    open = false;
    calling("close", path, () => closeSync(fd));
  };
}
