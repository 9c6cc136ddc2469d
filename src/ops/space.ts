import { EngineryError } from "../core/errors.ts";
import type { WantedRelease } from "../core/wanted.ts";
import type { SpaceNeed } from "./operator.ts";
import type { World } from "./world.ts";

/** Bytes left free beyond what an operation needs, where the config names no other number: 64 MiB. */
export const DEFAULT_RESERVE_BYTES = 64 * 1024 * 1024;

/** What a disk block adds to a file at the most; directories and the seal are covered by it too. */
const BLOCK_BYTES = 4096;

/** True numbers before anything is fetched: archives as they come, files as they will lie on disk, the reserve. */
export function spaceNeed(
  world: World,
  home: string,
  wanted: readonly Pick<WantedRelease, "engine" | "version" | "installed" | "release">[],
  reserveBytes: number,
  downloadOf: (wanted: Pick<WantedRelease, "engine" | "version" | "release">) => number = ({ release }) =>
    archiveDownload(release),
): SpaceNeed & { readonly inodes: number } {
  const absent = wanted.filter((release) => !release.installed);
  const missing = absent.map(({ release }) => release);
  return {
    downloadBytes: sum(absent.map(downloadOf)),
    unpackedBytes: sum(missing.map(({ tree }) => tree.unpackedBytes + tree.files * BLOCK_BYTES)),
    reserveBytes,
    freeBytes: world.fileSystem.freeSpace(nearestFolder(world, home)).bytes,
    inodes: sum(missing.map(({ tree }) => 2 * tree.files + 16)),
  };
}

function archiveDownload({ archive, pieces, tree }: WantedRelease["release"]): number {
  return archive.bytes + pieces.bytes + tree.bytes;
}

/** Errors: `disk-space`, with every number in the context. */
export function requireSpace(world: World, home: string, need: ReturnType<typeof spaceNeed>): void {
  const needed = need.downloadBytes + need.unpackedBytes;
  if (needed === 0) return;
  if (need.freeBytes < needed + need.reserveBytes) {
    throw new EngineryError(
      "disk-space",
      `This needs ${mebibytes(needed)} MiB and ${mebibytes(need.reserveBytes)} MiB in reserve, and ${mebibytes(need.freeBytes)} MiB are free.`,
      { context: { ...need, home } },
    );
  }
  const { inodes } = world.fileSystem.freeSpace(nearestFolder(world, home));
  if (inodes !== undefined && inodes < need.inodes) {
    throw new EngineryError("disk-space", `This needs ${need.inodes} file entries (inodes), and ${inodes} are free.`, {
      context: { ...need, freeInodes: inodes, home },
    });
  }
}

/** The home itself, or the first folder above it that is there: a home that does not exist yet has the disk of its parent. */
function nearestFolder(world: World, path: string): string {
  let folder = path;
  while (world.fileSystem.status(folder) === undefined) {
    const cut = Math.max(folder.lastIndexOf("/"), folder.lastIndexOf("\\"));
    const parent = cut <= 0 ? "/" : folder.slice(0, cut);
    if (parent === folder) return folder;
    folder = parent;
  }
  return folder;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
