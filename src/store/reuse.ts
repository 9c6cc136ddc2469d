import { EngineryError } from "../core/errors.ts";
import type { TreeFile } from "../core/model/tree.ts";
import type { FileSink, TreeSink } from "../ports/archive.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE, parentOf } from "./layout.ts";
import { foldersAbove, modeOf } from "./tree-comparison.ts";

/** A file is read in parts of this size, and most in one. */
const PART_BYTES = 1024 * 1024;

/** Puts a file of an installation into a stage: by sharing its blocks where the disk can, else as a copy, never by a hard link (ADR 12). */
export type Reuse = (file: TreeFile, from: string) => void;

/** Nothing is hashed here: the stage reads all of it back. `onClosed`: a clone is there that did not come through `sink`. */
export function reuseInto(
  { fileSystem, reading }: Ground,
  root: string,
  sink: TreeSink,
  onClosed: (file: TreeFile) => void,
): Reuse {
  const made = new Set<string>();
  /** Folders of installations that are reached through no link. */
  const sound = new Set<string>();
  const part = new Uint8Array(PART_BYTES);
  let canClone = true;

  function clone(file: TreeFile, from: string): boolean {
    for (const folder of foldersAbove(file.path)) {
      if (!made.has(folder)) fileSystem.makeDirectory(`${root}/${folder}`, FOLDER_MODE);
      made.add(folder);
    }
    canClone = fileSystem.clone(from, `${root}/${file.path}`, modeOf(file));
    if (canClone) onClosed(file);
    return canClone;
  }

  function copy(file: TreeFile, from: string): void {
    const staged = sink.begin(file.path, file.executable);
    try {
      copyBytes(file, from, staged);
    } catch (error) {
      staged.abandon();
      throw error;
    }
    staged.finish();
  }

  function copyBytes(file: TreeFile, from: string, staged: FileSink): void {
    using handle = fileSystem.openRead(from);
    for (let position = 0; position < file.bytes; ) {
      const count = handle.read(part.subarray(0, Math.min(PART_BYTES, file.bytes - position)), position);
      if (count === 0) throw damagedThere(file, from);
      staged.write(part.subarray(0, count));
      position += count;
    }
  }

  /** Once a folder: what is planted after that is found when all is read back. */
  function refuseLinksTo(folder: string): void {
    if (sound.has(folder)) return;
    reading.refuseLinks(folder);
    sound.add(folder);
  }

  return (file, from) => {
    refuseLinksTo(parentOf(from));
    const status = fileSystem.status(from);
    if (status?.kind !== "file" || status.bytes !== file.bytes) throw damagedThere(file, from);
    if (canClone && file.bytes > 0 && clone(file, from)) return;
    copy(file, from);
  };
}

function damagedThere({ path, sha256 }: TreeFile, from: string): EngineryError {
  return new EngineryError("hash-mismatch", `${from} is damaged: it is not what was installed.`, {
    hint: "Mend it: enginery verify --repair",
    context: { path, expected: sha256 },
  });
}
