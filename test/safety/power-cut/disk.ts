import { spawnSync } from "node:child_process";
import { closeSync, constants, existsSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type DiskKind = "ext4" | "xfs" | "btrfs";

const MEGABYTE = 1024 * 1024;
/** The smallest that mkfs takes without complaint, with room for a few homes. */
const SIZES: Readonly<Record<DiskKind, number>> = {
  ext4: 96 * MEGABYTE,
  xfs: 320 * MEGABYTE,
  btrfs: 160 * MEGABYTE,
};
const MAKERS: Readonly<Record<DiskKind, readonly string[]>> = {
  ext4: ["mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0"],
  xfs: ["mkfs.xfs", "-q", "-f", "-K"],
  btrfs: ["mkfs.btrfs", "-q", "-f", "-K", "-M"],
};
const PACKAGES: Readonly<Record<DiskKind, string>> = { ext4: "e2fsprogs", xfs: "xfsprogs", btrfs: "btrfs-progs" };

/** Undefined where disks of those kinds can be made, mounted and cut off here; else why not. Installs the tools where root may. */
export function disksMissing(...kinds: readonly DiskKind[]): string | undefined {
  if (process.platform !== "linux") return "loop devices are of Linux";
  if (process.getuid?.() !== 0) return "mounting takes root";
  // xfs_io cuts every file system off.
  const packages = ["xfsprogs", ...kinds.map((kind) => PACKAGES[kind])];
  const commands = ["xfs_io", ...kinds.map((kind) => MAKERS[kind][0] ?? "")];
  if (!commands.every(isThere)) installPackages(packages);
  const missing = commands.find((command) => !isThere(command));
  if (missing !== undefined) return `no ${missing}`;
  if (spawnSync("losetup", ["-f"]).status !== 0) return "no loop device";
  return undefined;
}

export function isThere(command: string): boolean {
  return (process.env["PATH"] ?? "")
    .split(":")
    .concat("/usr/sbin", "/sbin")
    .some((folder) => existsSync(join(folder, command)));
}

export function installPackages(packages: readonly string[]): void {
  spawnSync("apt-get", ["install", "-y", "-qq", ...packages], {
    stdio: "ignore",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}

/** Memory where there is some: a flush of the disk in the file costs nothing, and what counts is what the file system asks of it. */
export function diskFolder(): string {
  return mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "enginery-disk-"));
}

/** A file system in a file. */
export interface Disk extends Disposable {
  /** Where it is mounted. */
  readonly place: string;
  mount(): void;
  unmount(): void;
  /** All that was written is with the disk. */
  flush(): void;
  /** From now on nothing reaches the disk; with `log`, what is in the file system's log does first. */
  cut(log: boolean): void;
}

export function makeDisk(kind: DiskKind): Disk {
  const folder = diskFolder();
  const image = join(folder, "image");
  makeFileSystem(kind, image);
  const device = attach(image);
  const disk = diskOn(kind, device, join(folder, "mnt"));
  disk.mount();
  return {
    ...disk,
    [Symbol.dispose]: () => {
      disk[Symbol.dispose]();
      must("losetup", ["-d", device]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `file` is made unless it is there. */
export function makeFileSystem(kind: DiskKind, file: string): void {
  if (!existsSync(file)) makeEmpty(kind, file);
  const [command = "", ...words] = MAKERS[kind];
  must(command, [...words, file]);
}

export function sizeOf(kind: DiskKind): number {
  return SIZES[kind];
}

function makeEmpty(kind: DiskKind, file: string): void {
  const handle = openSync(file, "w");
  ftruncateSync(handle, SIZES[kind]);
  closeSync(handle);
}

/** Answers the loop device. */
export function attach(file: string): string {
  return must("losetup", ["-f", "--show", file]).trim();
}

export function diskOn(kind: DiskKind, device: string, place: string): Disk {
  mkdirSync(place, { recursive: true });
  let mounted = false;
  const unmount = () => {
    if (mounted) unmountPatiently(device, place);
    mounted = false;
  };
  return {
    place,
    mount: () => {
      must("mount", ["-t", kind, "-o", "noatime", device, place]);
      mounted = true;
    },
    unmount,
    flush: () => void must("sync", ["-f", place]),
    cut: (log) => void must("xfs_io", ["-x", "-c", log ? "shutdown -f" : "shutdown", place]),
    [Symbol.dispose]: unmount,
  };
}

/**
 * A thread of the kernel may hold it for a moment longer. Where another process copied the mounts meanwhile (`unshare --mount`), the file system lives
 * on there, cut off as it is, and would be what is mounted next: until the device can be had alone, it is not unmounted.
 */
function unmountPatiently(device: string, place: string): void {
  patiently(() => run("umount", [place]).status === 0, `${place} stays busy`);
  patiently(() => isFree(device), `${device} is held by a mount in another namespace`);
}

const MOST_TRIES = 300;

function patiently(done: () => boolean, what: string): void {
  for (let tries = 0; !done(); tries++) {
    if (tries === MOST_TRIES) throw new Error(`${what}.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
}

function isFree(device: string): boolean {
  try {
    closeSync(openSync(device, constants.O_RDONLY | constants.O_EXCL));
    return true;
  } catch {
    return false;
  }
}

export function must(command: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = run(command, words);
  if (status !== 0) throw new Error(`${command} ${words.join(" ")}: ${status ?? error}\n${stdout}${stderr}`);
  return stdout;
}

function run(command: string, words: readonly string[]) {
  const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
  return spawnSync(command, words, { encoding: "utf8", env: { ...process.env, PATH: path } });
}
