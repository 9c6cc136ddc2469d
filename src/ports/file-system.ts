/**
 * The disk, synchronous: a commit is a sequence of calls whose order matters, and a sequence is what sync code shows.
 * Adapters translate errno into EngineryError at this boundary (`disk-full`, `permission`, `read-only`, `io`, `missing`);
 * where a call's doc names another answer (undefined, false) that errno is no error.
 */
export interface FileSystem {
  /** Whole content; undefined where there is no such file. More than `maxBytes`: `document-invalid`. */
  readFile(path: string, maxBytes?: number): Uint8Array | undefined;
  openRead(path: string): ReadHandle;
  /**
   * As `readFile`, of a file in a folder that others may write to: never through a link, and never waiting for whoever holds the other end.
   * Errors: `document-invalid` where it is no plain file, or of more bytes.
   */
  readPlainFile(path: string, maxBytes: number): Uint8Array | undefined;
  /** Exclusive create, never through a link: undefined where something of that name is there. Mode is exact, whatever the umask. */
  createExclusive(path: string, mode: number): WriteHandle | undefined;
  /** Opened for append, created with `mode` where missing. */
  openAppend(path: string, mode: number): WriteHandle;
  /** False where it is there already. Mode is exact, whatever the umask. */
  makeDirectory(path: string, mode: number): boolean;
  /** Replaces a file. Retries sharing violations on Windows. */
  rename(from: string, to: string): void;
  /** Hard link: the commit. False where `to` is there; undefined where the file system has no hard links. */
  link(from: string, to: string): boolean | undefined;
  /**
   * A file that shares the disk's blocks with another until one of them is written to. Exclusive create, mode exact. False where the file
   * system cannot, and then nothing is there.
   */
  clone(from: string, to: string, mode: number): boolean;
  symlink(target: string, path: string): void;
  readLink(path: string): string | undefined;
  /** Absolute, with every link followed; undefined where it leads to nothing. */
  realPath(path: string): string | undefined;
  /** False where there was none. */
  unlink(path: string): boolean;
  /** False where there was none or it is not empty. */
  removeDirectory(path: string): boolean;
  changeMode(path: string, mode: number): void;
  /** By the numbers of account and group; never through a link. */
  changeOwner(path: string, owner: number, group: number): void;
  /** Writes nothing. Errors: `permission`, `read-only`, `missing`, where this process could not write to it. */
  requireWritable(path: string): void;
  /** Names and kinds, unsorted; undefined where there is no such directory. Never follows links. */
  list(path: string): readonly DirectoryEntry[] | undefined;
  /** Of the thing itself, never through a link; undefined where there is none. */
  status(path: string): FileStatus | undefined;
  /** Flushes a file's bytes to the disk. A failure is final: never retried. */
  syncFile(path: string): void;
  /** As `syncFile` for each of many, several at a time: one flush of the disk serves several files. */
  syncFiles(paths: readonly string[]): Promise<void>;
  /**
   * Flushes all that was written to the file system that holds `path`, files and folders, whoever wrote it. False where this host has no
   * means that would tell of a failure, where it failed, or where others have much under way: then each is to be flushed by itself.
   */
  syncFileSystem(path: string): Promise<boolean>;
  /** Flushes a directory's names to the disk; does nothing on Windows. */
  syncDirectory(path: string): void;
  freeSpace(path: string): FreeSpace;
  /** `ext4`, `xfs`, `nfs`, ...; undefined where the OS does not tell. */
  fileSystemType(path: string): string | undefined;
}

export interface ReadHandle extends Disposable {
  readonly bytes: number;
  /** Bytes read into `target` from `position`; 0 at the end. */
  read(target: Uint8Array, position: number): number;
}

export interface WriteHandle extends Disposable {
  write(bytes: Uint8Array): void;
  /** Flushes; a failure is final: never retried. */
  sync(): void;
}

export type FileKind = "file" | "directory" | "link" | "other";

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

export interface FileStatus {
  readonly kind: FileKind;
  readonly bytes: number;
  /** Permission bits, setuid and the like included. */
  readonly mode: number;
  readonly modifiedMs: number;
  /** When its bytes, name or mode last changed; nobody can set it. */
  readonly changedMs: number;
  readonly inode: number;
  readonly device: number;
  readonly owner: number;
  readonly group: number;
}

export interface FreeSpace {
  readonly bytes: number;
  /** Undefined where the file system has no such limit. */
  readonly inodes: number | undefined;
}
