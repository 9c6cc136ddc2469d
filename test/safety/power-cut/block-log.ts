import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { attach, type Disk, type DiskKind, diskOn, installPackages, isThere, must } from "./disk.ts";

/** Of 50 ms each. */
const MOST_TRIES = 600;
const SOURCE = fileURLToPath(new URL("block-log.c", import.meta.url));
const LIBRARY = ["pkg-config", "--exists", "fuse3"] as const;

/** Undefined where a disk that remembers can be run; else why not. */
export function blockLogMissing(): string | undefined {
  try {
    accessSync("/dev/fuse", constants.R_OK | constants.W_OK);
  } catch {
    return "no /dev/fuse";
  }
  const works = () => isThere("gcc") && isThere("fusermount3") && spawnSync(LIBRARY[0], LIBRARY.slice(1)).status === 0;
  if (!works()) installPackages(["gcc", "libc6-dev", "libfuse3-dev", "fuse3", "pkg-config"]);
  return works() ? undefined : "no gcc with libfuse3";
}

export interface RememberingDisk extends Disk {
  /** Where the log is now. */
  position(): number;
  /** Ends it; the log stays. */
  stop(): Promise<void>;
}

/** A disk over `backing`, with a file system in it, that writes all that comes to `log`. */
export async function rememberingDisk(
  kind: DiskKind,
  folder: string,
  backing: string,
  log: string,
): Promise<RememberingDisk> {
  const program = join(folder, "block-log");
  const flags = must("pkg-config", ["--cflags", "--libs", "fuse3"]).trim().split(/\s+/);
  must("gcc", ["-O1", "-Wall", "-Wextra", "-Werror", "-o", program, SOURCE, ...flags]);
  const store = join(folder, "store");
  mkdirSync(store);
  // Not our own output: where it outlives us, whoever reads that would wait for it.
  const child = spawn(program, [backing, log, store], { stdio: "ignore" });
  try {
    await patiently(() => existsSync(join(store, "disk")), "The disk that remembers does not start.");
    const device = attach(join(store, "disk"));
    const disk = diskOn(kind, device, join(folder, "mnt"));
    disk.mount();
    return {
      ...disk,
      position: () => statSync(log).size,
      stop: async () => {
        try {
          disk.unmount();
          must("losetup", ["-d", device]);
        } finally {
          await end(child, store);
        }
      },
    };
  } catch (error) {
    await end(child, store);
    throw error;
  }
}

/** A loop device that somebody looks at lets go of its file a moment later. */
async function end(child: ChildProcess, store: string): Promise<void> {
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  try {
    await patiently(() => ended() || spawnSync("fusermount3", ["-u", store]).status === 0, "It stays mounted.");
    await patiently(ended, "It does not end.");
  } catch {
    // The log is whole: the file system above was unmounted, or there is an error already.
    spawnSync("fusermount3", ["-uz", store]);
    child.kill("SIGKILL");
  }
}

async function patiently(done: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries === MOST_TRIES) throw new Error(what);
    await pause(50);
  }
}

/** What lies between two flushes. */
export interface Span {
  readonly writes: readonly { readonly place: number; readonly bytes: Uint8Array }[];
  /** Where in the log the flush that ends it ends; the end of the log for the last. */
  readonly end: number;
}

export function readLog(path: string): readonly Span[] {
  const log = readFileSync(path);
  const spans: Span[] = [];
  let writes: Span["writes"][number][] = [];
  for (let at = 0; at + 16 <= log.length; ) {
    const place = log.readBigUInt64LE(at);
    const length = Number(log.readBigUInt64LE(at + 8));
    at += 16;
    if (place === FLUSH) {
      spans.push({ writes, end: at });
      writes = [];
    } else writes.push({ place: Number(place), bytes: log.subarray(at, at + length) });
    at += length;
  }
  return writes.length === 0 ? spans : [...spans, { writes, end: log.length }];
}

const FLUSH = 2n ** 64n - 1n;
/** What a disk writes whole. */
const BLOCK = 4096;

/** A write, block by block: each may reach the disk without the others. */
export function blocksOf(writes: Span["writes"]): Span["writes"] {
  return writes.flatMap(({ place, bytes }) => {
    const count = Math.ceil(bytes.length / BLOCK);
    return Array.from({ length: count }, (_, index) => ({
      place: place + index * BLOCK,
      bytes: bytes.subarray(index * BLOCK, (index + 1) * BLOCK),
    }));
  });
}

export function writeAll(image: string, writes: Span["writes"]): void {
  const handle = openSync(image, "r+");
  for (const { place, bytes } of writes) writeSync(handle, bytes, 0, bytes.length, place);
  closeSync(handle);
}
