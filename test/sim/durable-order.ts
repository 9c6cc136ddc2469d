import type { Call } from "./interposed-file-system.ts";

interface Watch {
  /** Files with bytes that no sync has covered. */
  readonly dirtyFiles: Set<string>;
  /** Folders with names that no sync has covered, and why. */
  readonly dirtyFolders: Map<string, string>;
  readonly problems: string[];
}

/**
 * What a power cut after the last call could take back, and names that were given to what was not on the disk yet: law 4 read off
 * a trace. What happens under `scratch` (staging/, cache/) counts only once it is renamed or linked out of there.
 */
export function undurable(trace: readonly Call[], scratch: readonly string[]): string[] {
  const watch: Watch = { dirtyFiles: new Set(), dirtyFolders: new Map(), problems: [] };
  const isScratch = (path: string) => scratch.some((folder) => path === folder || path.startsWith(`${folder}/`));
  for (const call of trace) follow(watch, call, isScratch);
  for (const file of watch.dirtyFiles) if (!isScratch(file)) watch.problems.push(`${file} is not flushed at the end`);
  for (const [folder, why] of watch.dirtyFolders) {
    if (!isScratch(folder)) watch.problems.push(`${folder} is not flushed at the end (${why})`);
  }
  return watch.problems;
}

function follow(watch: Watch, call: Call, isScratch: (path: string) => boolean): void {
  const { name, path, to } = call;
  const touch = (place: string) => {
    if (!isScratch(place) || isScratch(parent(place))) watch.dirtyFolders.set(parent(place), `${name} ${place}`);
  };
  if (name === "write") watch.dirtyFiles.add(path);
  if (name === "sync" || name === "syncFile") watch.dirtyFiles.delete(path);
  if (name === "syncDirectory") watch.dirtyFolders.delete(path);
  if (name === "syncFileSystem") {
    watch.dirtyFiles.clear();
    watch.dirtyFolders.clear();
  }
  if (["createExclusive", "openAppend", "makeDirectory", "symlink", "unlink", "removeDirectory"].includes(name))
    touch(path);
  if (name === "makeDirectory") watch.dirtyFolders.set(path, `${name} ${path}`);
  if (name === "removeDirectory") watch.dirtyFolders.delete(path);
  if (name === "unlink") watch.dirtyFiles.delete(path);
  if ((name === "rename" || name === "link") && to !== undefined) {
    if (!isScratch(to)) requireFlushed(watch, path, to);
    carry(watch, path, to);
    touch(to);
    if (name === "rename") touch(path);
  }
}

/** Before something gets its name, all of it is on the disk. */
function requireFlushed({ dirtyFiles, dirtyFolders, problems }: Watch, from: string, to: string): void {
  for (const thing of [...dirtyFiles, ...dirtyFolders.keys()]) {
    if (thing === from || thing.startsWith(`${from}/`))
      problems.push(`${thing} is not flushed when ${to} gets its name`);
  }
}

function carry({ dirtyFiles, dirtyFolders }: Watch, from: string, to: string): void {
  for (const file of [...dirtyFiles].filter((one) => one === from || one.startsWith(`${from}/`))) {
    dirtyFiles.delete(file);
    dirtyFiles.add(to + file.slice(from.length));
  }
  for (const [folder, why] of [...dirtyFolders].filter(([one]) => one === from || one.startsWith(`${from}/`))) {
    dirtyFolders.delete(folder);
    dirtyFolders.set(to + folder.slice(from.length), why);
  }
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
