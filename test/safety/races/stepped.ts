import type { FileSystem, ReadHandle, WriteHandle } from "../../../src/ports/file-system.ts";

/** The work waits: no error of Enginery's, so nothing may treat it as one. */
class WaitingError extends Error {}

export interface Step {
  readonly name: string;
  readonly path: string;
  readonly to?: string;
}

interface Answered extends Step {
  readonly result?: unknown;
  readonly error?: unknown;
  /** What a read put into its target. */
  readonly bytes?: Uint8Array;
}

/**
 * Work that goes a few steps on the disk and waits, while others work: sync points without threads. To go on it is begun anew and
 * given the answers that it got before, without a touch of the disk; so it must do the same for the same answers.
 */
export class Stepped<T> {
  readonly #real: FileSystem;
  readonly #work: (fileSystem: FileSystem) => T;
  readonly #isStep: (step: Step) => boolean;
  readonly #answers: Answered[] = [];
  readonly #closed = new Set<Disposable>();
  #at = 0;
  #steps = 0;
  #budget = 0;
  #waits = false;

  constructor(real: FileSystem, isStep: (step: Step) => boolean, work: (fileSystem: FileSystem) => T) {
    this.#real = real;
    this.#isStep = isStep;
    this.#work = work;
  }

  /** Goes on for so many steps more; answers what `work` answers, which means nothing while it `waits`. */
  advance(steps: number): T {
    this.#budget += steps;
    this.#at = 0;
    this.#steps = 0;
    this.#waits = false;
    return this.#work(this.#fileSystem());
  }

  /** Whether there is more to do. */
  get waits(): boolean {
    return this.#waits;
  }

  /** Steps done. */
  get steps(): number {
    return this.#steps;
  }

  #pass<R>(step: Step, action: () => R, bytes?: Uint8Array): R {
    if (this.#waits) throw new WaitingError("It waits.");
    const before = this.#answers[this.#at];
    if (before !== undefined) return this.#again<R>(step, before, bytes);
    if (this.#isStep(step)) {
      if (this.#steps >= this.#budget) {
        this.#waits = true;
        throw new WaitingError("It waits.");
      }
      this.#steps += 1;
    }
    this.#at += 1;
    try {
      const result = action();
      this.#answers.push({ ...step, result, ...(bytes === undefined ? {} : { bytes: bytes.slice() }) });
      return result;
    } catch (error) {
      this.#answers.push({ ...step, error });
      throw error;
    }
  }

  #again<R>(step: Step, before: Answered, bytes: Uint8Array | undefined): R {
    if (before.name !== step.name || before.path !== step.path) {
      throw new Error(`It did ${before.name} ${before.path} before, and now ${step.name} ${step.path}.`);
    }
    if (this.#isStep(step)) this.#steps += 1;
    this.#at += 1;
    if (before.bytes !== undefined) bytes?.set(before.bytes);
    if (before.error !== undefined) throw before.error;
    return before.result as R;
  }

  /** What is open stays open while it waits, and is closed once. */
  #close(handle: Disposable): void {
    if (this.#waits || this.#closed.has(handle)) return;
    this.#closed.add(handle);
    handle[Symbol.dispose]();
  }

  #writing<H extends WriteHandle | undefined>(path: string, handle: H): H {
    if (handle === undefined) return handle;
    return {
      write: (bytes: Uint8Array) => this.#pass({ name: "write", path }, () => handle.write(bytes)),
      sync: () => this.#pass({ name: "sync", path }, () => handle.sync()),
      [Symbol.dispose]: () => this.#close(handle),
    } as H;
  }

  #reading(path: string, { handle, bytes }: { readonly handle: ReadHandle; readonly bytes: number }): ReadHandle {
    return {
      bytes,
      read: (target, position) => this.#pass({ name: "read", path }, () => handle.read(target, position), target),
      [Symbol.dispose]: () => this.#close(handle),
    };
  }

  #fileSystem(): FileSystem {
    const real = this.#real;
    const pass = <R>(name: string, path: string, action: () => R, to?: string): R =>
      this.#pass({ name, path, ...(to === undefined ? {} : { to }) }, action);
    return {
      readFile: (path, maxBytes) => pass("readFile", path, () => real.readFile(path, maxBytes)),
      readPlainFile: (path, maxBytes) => pass("readPlainFile", path, () => real.readPlainFile(path, maxBytes)),
      openRead: (path) =>
        this.#reading(
          path,
          pass("openRead", path, () => {
            const handle = real.openRead(path);
            return { handle, bytes: handle.bytes };
          }),
        ),
      createExclusive: (path, mode) =>
        this.#writing(
          path,
          pass("createExclusive", path, () => real.createExclusive(path, mode)),
        ),
      openAppend: (path, mode) =>
        this.#writing(
          path,
          pass("openAppend", path, () => real.openAppend(path, mode)),
        ),
      makeDirectory: (path, mode) => pass("makeDirectory", path, () => real.makeDirectory(path, mode)),
      rename: (from, to) => pass("rename", from, () => real.rename(from, to), to),
      link: (from, to) => pass("link", from, () => real.link(from, to), to),
      clone: (from, to, mode) => pass("clone", from, () => real.clone(from, to, mode), to),
      symlink: (target, path) => pass("symlink", path, () => real.symlink(target, path)),
      readLink: (path) => pass("readLink", path, () => real.readLink(path)),
      realPath: (path) => pass("realPath", path, () => real.realPath(path)),
      unlink: (path) => pass("unlink", path, () => real.unlink(path)),
      removeDirectory: (path) => pass("removeDirectory", path, () => real.removeDirectory(path)),
      changeMode: (path, mode) => pass("changeMode", path, () => real.changeMode(path, mode)),
      changeOwner: (path, owner, group) => pass("changeOwner", path, () => real.changeOwner(path, owner, group)),
      requireWritable: (path) => pass("requireWritable", path, () => real.requireWritable(path)),
      list: (path) => pass("list", path, () => real.list(path)),
      status: (path) => pass("status", path, () => real.status(path)),
      syncFile: (path) => pass("syncFile", path, () => real.syncFile(path)),
      syncFiles: async (paths) => {
        for (const path of paths) pass("syncFile", path, () => real.syncFile(path));
      },
      syncFileSystem: async (path) => {
        pass("syncFileSystem", path, () => undefined);
        return await real.syncFileSystem(path);
      },
      syncDirectory: (path) => pass("syncDirectory", path, () => real.syncDirectory(path)),
      freeSpace: (path) => pass("freeSpace", path, () => real.freeSpace(path)),
      fileSystemType: (path) => pass("fileSystemType", path, () => real.fileSystemType(path)),
    };
  }
}

const CHANGES = new Set(["createExclusive", "makeDirectory", "rename", "link", "symlink", "unlink", "removeDirectory"]);

/** What another process could see or change: names outside staging/ and cache/, bytes of leases, and looks at claims, marks and generations. */
export function isShared(home: string): (step: Step) => boolean {
  const shared = (path: string) => {
    const inside = path.startsWith(`${home}/`) ? path.slice(home.length + 1) : "staging/";
    return !/^(staging|cache)(\/|$)/.test(inside);
  };
  return ({ name, path, to }) => {
    if (CHANGES.has(name)) return shared(path) || (to !== undefined && shared(to));
    const inside = path.startsWith(`${home}/`) ? path.slice(home.length + 1) : "";
    if (name === "write") return inside.startsWith("leases/");
    if (name === "status" || name === "readFile")
      return /^(marks|leases|pins\/..|generations|engines\/[^/]+)\/[^/]+$/.test(inside);
    return name === "list" && /^(leases|marks|generations|manifests|trees|trust|pins(\/..)?)$/.test(inside);
  };
}

/** The same names for the same work, each time that it is begun. */
export function countedNames(seed: string): { operation(): string } {
  let count = 0;
  return { operation: () => seed.padEnd(24, "0") + String(count++).padStart(8, "0") };
}
