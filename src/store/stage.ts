import { EngineryError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { Seal } from "../core/model/home.ts";
import type { Platform, Sha256, Version } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import type { FileSink, TreeSink } from "../ports/archive.ts";
import type { FileHasher, PlacedFile } from "../ports/hashing.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE, SEAL_NAME, SEALED_MODE } from "./layout.ts";
import { type Reuse, reuseInto } from "./reuse.ts";
import { removeStage } from "./stage-removal.ts";
import { compareWithTree, foldersAbove, foldersOf, modeOf } from "./tree-comparison.ts";
import { type Writeback, writebackOf } from "./writeback.ts";

declare const verified: unique symbol;

/** A staged tree that was read back and found to be exactly what was signed; only Stage.finish makes one. */
export interface VerifiedStage {
  readonly [verified]: true;
  readonly release: StagedRelease;
  /** Absolute folder, within staging/. */
  readonly path: string;
}

export interface StagedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  readonly tree: Tree;
  readonly treeDigest: Sha256;
}

export interface Stage {
  /** Absolute folder, within staging/: probes run here before the release is adopted. */
  readonly path: string;
  /** Exclusive create, files 0444 or 0555, folders 0755, no links. Errors: `tree-mismatch` for what the tree does not list. */
  readonly sink: TreeSink;
  /** As `sink`, for files that stay open while others come: those of `sink` and of `reuse` come one behind the other. */
  readonly lastingSink: TreeSink;
  /** Takes a file from an installation: `from` is absolute. Read back as the others are. Errors: `hash-mismatch` for one of another size, `missing`. */
  readonly reuse: Reuse;
  /** Reads all back, seals it and flushes it. `onWhole`: all is there as it was signed, and nothing is flushed yet. Errors: `tree-mismatch`. */
  finish(onWhole?: () => void): Promise<VerifiedStage>;
  /** Removes it; never throws. */
  abandon(): void;
}

/** A stage in the empty folder `path`. */
export function stageIn(ground: Ground, path: string, release: StagedRelease): Stage {
  // Files are read back as they come, while others are still being written.
  const hasher = ground.hashing?.start({ ...sizeOf(release.tree), beside: true });
  const writeback = writebackOf(ground);
  const sinkWith = (place: FileHasher["place"] | undefined) =>
    sinkInto(ground, path, release.tree, { hasher, place, writeback });
  const sink = sinkWith(hasher && ((...file) => hasher.place(...file)));
  return {
    path,
    sink,
    lastingSink: sinkWith(undefined),
    reuse: reuseInto(ground, path, sink, (file) => hasher?.add(`${path}/${file.path}`, file.bytes)),
    finish: (onWhole) => verify(ground, path, release, { hasher, writeback }, onWhole),
    abandon: () => {
      hasher?.[Symbol.dispose]();
      try {
        removeStage(ground, path);
      } catch (error) {
        ground.reporter.warn("cleanup", `${path} could not be removed: ${String(error)}`);
      }
    },
  };
}

export function sealOf({ engine, version, platform, tree, treeDigest }: StagedRelease): Seal {
  return { format: 1, engine, version, platform, tree: treeDigest, ...sizeOf(tree) };
}

function sizeOf({ files }: Tree): { readonly bytes: number; readonly files: number } {
  return { bytes: files.reduce((sum, file) => sum + file.bytes, 0), files: files.length };
}

interface StageMeans {
  readonly hasher: FileHasher | undefined;
  readonly writeback: Writeback;
}

interface SinkMeans extends StageMeans {
  /** Left out: this thread writes every file. */
  readonly place: FileHasher["place"] | undefined;
}

function sinkInto({ fileSystem }: Ground, root: string, tree: Tree, { hasher, place, writeback }: SinkMeans): TreeSink {
  const files = new Map(tree.files.map((file) => [file.path, file]));
  const made = new Set<string>([""]);
  return {
    readsBack: true,
    begin: (path, executable) => {
      const file = files.get(path);
      if (file === undefined || file.executable !== executable)
        throw mismatch(path, "is not in the signed tree as it came");
      for (const folder of made.has(parentWithin(path)) ? [] : foldersAbove(path)) {
        if (made.has(folder)) continue;
        fileSystem.makeDirectory(`${root}/${folder}`, FOLDER_MODE);
        made.add(folder);
      }
      const placed = place?.(`${root}/${path}`, modeOf(file), file.bytes);
      if (placed !== undefined) return placedSink(path, placed);
      return fileSink(fileSystem, `${root}/${path}`, modeOf(file), {
        onWritten: (bytes) => writeback.wrote(`${root}/${path}`, bytes),
        onClosed: () => hasher?.add(`${root}/${path}`, file.bytes),
      });
    },
  };
}

interface FileEvents {
  readonly onWritten: (bytes: number) => void;
  readonly onClosed: () => void;
}

function fileSink(
  fileSystem: Ground["fileSystem"],
  path: string,
  mode: number,
  { onWritten, onClosed }: FileEvents,
): FileSink {
  const handle = fileSystem.createExclusive(path, mode);
  if (handle === undefined) throw mismatch(path, "came twice");
  let written = 0;
  return {
    write: (bytes) => {
      handle.write(bytes);
      written += bytes.length;
      onWritten(written);
    },
    finish: () => {
      handle[Symbol.dispose]();
      onClosed();
    },
    abandon: () => {
      handle[Symbol.dispose]();
      fileSystem.unlink(path);
    },
  };
}

/** Another thread makes it, writes it and reads it back, once it is whole. */
function placedSink(path: string, { content, write }: PlacedFile): FileSink {
  let filled = 0;
  return {
    write: (bytes) => {
      if (filled + bytes.length > content.length) throw mismatch(path, "is longer than the signed tree says");
      content.set(bytes, filled);
      filled += bytes.length;
    },
    finish: () => {
      if (filled !== content.length) throw mismatch(path, "is shorter than the signed tree says");
      write();
    },
    abandon: () => {},
  };
}

async function verify(
  ground: Ground,
  path: string,
  release: StagedRelease,
  { hasher, writeback }: StageMeans,
  onWhole: (() => void) | undefined,
): Promise<VerifiedStage> {
  const { fileSystem, durable } = ground;
  if (ground.treeDigest(release.tree) !== release.treeDigest) throw mismatch(path, "is staged under another digest");
  const hashes = await hasher?.finish();
  const problem = compareWithTree(ground, path, release.tree, { quick: false, hashes })[0];
  if (problem !== undefined) throw mismatch(problem.path, `is ${problem.kind} in what was unpacked`);
  onWhole?.();
  // The seal is the last of the writes: who finds one finds all of the tree.
  using handle = fileSystem.createExclusive(`${path}/${SEAL_NAME}`, SEALED_MODE);
  if (handle === undefined) throw mismatch(SEAL_NAME, "is there before the seal");
  handle.write(canonicalJson(sealOf(release)));
  handle[Symbol.dispose]();
  const files = [...release.tree.files.map((file) => file.path), SEAL_NAME];
  const folders = foldersOf(release.tree);
  await writeback.settled();
  await durable.largeTree(
    path,
    files.map((file) => `${path}/${file}`),
    [path, ...[...folders].map((folder) => `${path}/${folder}`)],
  );
  return { release, path } as VerifiedStage;
}

/** Of a path within the tree; empty for one that is in no folder. */
function parentWithin(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

function mismatch(path: string, what: string): EngineryError {
  return new EngineryError("tree-mismatch", `${path} ${what}.`, { context: { path } });
}
