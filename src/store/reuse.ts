import { EngineryError } from "../core/errors.ts";
import type { TreeFile } from "../core/model/tree.ts";
import type { TreeSink } from "../ports/archive.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE } from "./layout.ts";
import { chunksOf } from "./reading.ts";
import { foldersAbove, modeOf } from "./tree-comparison.ts";

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
      for (const chunk of chunksOf(fileSystem, from)) staged.write(chunk);
    } catch (error) {
      staged.abandon();
      throw error;
    }
    staged.finish();
  }

  return (file, from) => {
    reading.refuseLinks(from);
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
