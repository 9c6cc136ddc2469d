import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  type Dirent,
  fsyncSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  statfsSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { dirname } from "node:path";
import { EngineryError } from "../core/errors.ts";
import type { FileKind, FileStatus, FileSystem, FreeSpace } from "../ports/file-system.ts";
import { calling, errnoOf } from "./errno.ts";
import { openForAppending, openForCreating, openForReading, readPlain } from "./file-handles.ts";
import { fileSystemName } from "./file-system-types.ts";
import { flushAll } from "./flush-all.ts";
import { flushFileSystem } from "./flush-file-system.ts";
import { NO_PATIENCE, outwaiting, type Patience, WINDOWS_PATIENCE } from "./sharing-violations.ts";

const PERMISSIONS = 0o7777;
const THERE_IS_NONE = { ENOENT: undefined, ENOTDIR: undefined } as const;
const NO_HARD_LINKS = { EPERM: undefined, ENOTSUP: undefined, EOPNOTSUPP: undefined, ENOSYS: undefined } as const;
/** What Windows says where a disk (FAT, exFAT) has none. */
const NO_HARD_LINKS_WINDOWS = { ...NO_HARD_LINKS, EISDIR: undefined, EINVAL: undefined } as const;

/** What systems say where a file system shares no blocks, not with this one, or Node not on this platform. */
const NO_CLONES = {
  ENOTSUP: false,
  EOPNOTSUPP: false,
  ENOSYS: false,
  EXDEV: false,
  EINVAL: false,
  ENOTTY: false,
  ETXTBSY: false,
} as const;

/** The disk through Node's synchronous calls. `platform` as in `process.platform`. */
export function nodeFileSystem(platform: string = process.platform): FileSystem {
  const windows = platform === "win32";
  const patience: Patience = windows ? WINDOWS_PATIENCE : NO_PATIENCE;
  return {
    readFile: readWhole,
    openRead: openForReading,
    readPlainFile: readPlain,
    createExclusive: (path, mode) => openForCreating(path, mode),
    openAppend: openForAppending,
    makeDirectory,
    rename: (from, to) =>
      calling("rename", `${from} to ${to}`, () => {
        if (windows) makeReplaceable(to);
        outwaiting(patience, () => renameSync(from, to));
      }),
    link: (from, to) =>
      calling<boolean | undefined>(
        "link",
        `${from} to ${to}`,
        () => {
          linkSync(from, to);
          return true;
        },
        { EEXIST: false, ...(windows ? NO_HARD_LINKS_WINDOWS : NO_HARD_LINKS) },
      ),
    clone,
    symlink: (target, path) => calling("symlink", path, () => symlinkSync(target, path)),
    readLink: (path) =>
      calling<string | undefined>("readlink", path, () => readlinkSync(path), { ...THERE_IS_NONE, EINVAL: undefined }),
    realPath: (path) =>
      calling<string | undefined>("follow", path, () => realpathSync.native(path), {
        ...THERE_IS_NONE,
        ELOOP: undefined,
      }),
    unlink: (path) => removing("unlink", path, () => outwaiting(patience, () => unlinkSync(path)), {}),
    removeDirectory: (path) =>
      removing("rmdir", path, () => outwaiting(patience, () => rmdirSync(path)), { ENOTEMPTY: false, EEXIST: false }),
    changeMode: (path, mode) => calling("chmod", path, () => chmodSync(path, mode)),
    changeOwner: (path, owner, group) => calling("chown", path, () => lchownSync(path, owner, group)),
    list,
    status,
    syncFile: (path) => (windows ? syncWritable(path) : sync(path, "r")),
    syncFiles: (paths) => flushAll(paths, windows),
    syncFileSystem: async (path) => platform === "linux" && (await flushFileSystem(path)),
    syncDirectory: (path) => {
      if (!windows) sync(path, "r");
    },
    requireWritable: (path) => calling("write to", path, () => accessSync(path, constants.W_OK)),
    freeSpace,
    fileSystemType: (path) => (platform === "linux" ? fileSystemName(statfsOf(path).type) : undefined),
  };
}

function readWhole(path: string, maxBytes = Number.POSITIVE_INFINITY): Uint8Array | undefined {
  return calling<Uint8Array | undefined>(
    "read",
    path,
    () => {
      if (Number.isFinite(maxBytes) && statSync(path).size > maxBytes) {
        throw new EngineryError("document-invalid", `${path} is larger than ${maxBytes} bytes.`, {
          hint: "No file that belongs there is so large; check the path.",
          context: { path, maxBytes },
        });
      }
      return readFileSync(path);
    },
    THERE_IS_NONE,
  );
}

function makeDirectory(path: string, mode: number): boolean {
  const made = calling<boolean>(
    "mkdir",
    path,
    () => {
      mkdirSync(path, { mode });
      return true;
    },
    { EEXIST: false },
  );
  // After the call: the mode is exact whatever the umask.
  if (made) calling("chmod", path, () => chmodSync(path, mode));
  return made;
}

function clone(from: string, to: string, mode: number): boolean {
  const flags = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL;
  const made = calling<boolean>(
    "clone",
    `${from} to ${to}`,
    () => {
      copyFileSync(from, to, flags);
      return true;
    },
    NO_CLONES,
  );
  if (made) calling("chmod", to, () => chmodSync(to, mode));
  return made;
}

function removing(call: string, path: string, action: () => void, answers: Readonly<Record<string, boolean>>): boolean {
  return calling<boolean>(
    call,
    path,
    () => {
      action();
      return true;
    },
    { ENOENT: false, ENOTDIR: false, ...answers },
  );
}

function list(path: string) {
  const entries = calling<Dirent[] | undefined>(
    "list",
    path,
    () => readdirSync(path, { withFileTypes: true }),
    THERE_IS_NONE,
  );
  return entries?.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
}

function status(path: string): FileStatus | undefined {
  const found = calling<Stats | undefined>("stat", path, () => lstatSync(path), THERE_IS_NONE);
  return (
    found && {
      kind: kindOf(found),
      bytes: found.size,
      mode: found.mode & PERMISSIONS,
      modifiedMs: found.mtimeMs,
      changedMs: found.ctimeMs,
      inode: found.ino,
      device: found.dev,
      owner: found.uid,
      group: found.gid,
    }
  );
}

function kindOf(thing: Dirent | Stats): FileKind {
  if (thing.isFile()) return "file";
  if (thing.isDirectory()) return "directory";
  return thing.isSymbolicLink() ? "link" : "other";
}

function sync(path: string, flags: string): void {
  calling("fsync", path, () => {
    const fd = openSync(path, flags);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  });
}

/** FlushFileBuffers wants a handle that can write, which a read-only file does not give. */
function syncWritable(path: string): void {
  const mode = calling("stat", path, () => lstatSync(path).mode & PERMISSIONS);
  const readOnly = (mode & 0o200) === 0;
  if (readOnly) calling("chmod", path, () => chmodSync(path, mode | 0o200));
  try {
    sync(path, "r+");
  } finally {
    if (readOnly) calling("chmod", path, () => chmodSync(path, mode));
  }
}

/** Windows does not replace a read-only file. */
function makeReplaceable(path: string): void {
  try {
    const found = lstatSync(path);
    if (found.isFile() && (found.mode & 0o200) === 0) chmodSync(path, 0o666);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

function freeSpace(path: string): FreeSpace {
  const found = statfsOf(path);
  return { bytes: found.bavail * found.bsize, inodes: found.files === 0 ? undefined : found.ffree };
}

/** Of the nearest folder above that is there: a home is measured before it is made. */
function statfsOf(path: string) {
  for (let place = path; ; place = dirname(place)) {
    const found = calling("statfs", place, () => statfsSync(place), { ENOENT: undefined });
    if (found !== undefined || dirname(place) === place)
      return found ?? calling("statfs", path, () => statfsSync(path));
  }
}
