import type { FileStatus, FileSystem } from "../ports/file-system.ts";

export interface PassedFolder {
  /** Absolute; no part of it is a link. */
  readonly path: string;
  readonly status: FileStatus;
}

/** As the kernel counts. */
const MOST_LINKS = 40;

/** Every folder that the way to `path` leads through, links followed, the outermost first; what `path` itself leads to is the last where it is there. */
export function wayTo(fileSystem: FileSystem, path: string): readonly PassedFolder[] {
  const passed = new Map<string, FileStatus>();
  const names = path.split("/").reverse();
  let links = 0;
  let place = "";
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === "..") place = place.slice(0, Math.max(0, place.lastIndexOf("/")));
    const next = name === "" || name === "." || name === ".." ? place : `${place}/${name}`;
    const status = fileSystem.status(next === "" ? "/" : next);
    if (status === undefined) break;
    const leadsTo = status.kind === "link" ? fileSystem.readLink(next) : undefined;
    if (leadsTo !== undefined) {
      links += 1;
      if (links > MOST_LINKS) break;
      if (leadsTo.startsWith("/")) place = "";
      names.push(...leadsTo.split("/").reverse());
      continue;
    }
    if (status.kind !== "directory") break;
    place = next;
    // a folder that is met again comes last: the way ends in it
    passed.delete(place === "" ? "/" : place);
    passed.set(place === "" ? "/" : place, status);
  }
  return [...passed].map(([folder, status]) => ({ path: folder, status }));
}
