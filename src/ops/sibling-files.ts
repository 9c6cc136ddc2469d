import type { Installation } from "../core/model/home.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import { releaseName } from "../core/release-name.ts";
import type { Snapshot } from "./snapshot.ts";

/** A file of another installation that is signed with the same bytes. */
export interface SiblingFile {
  readonly engine: string;
  readonly version: string;
  readonly path: string;
}

/**
 * Where other installations have the bytes that one lacks: for a hash that is `wanted`, one file an installation, in the order of the generation.
 * Cost: each installation's file list is read at most once, however many files ask, and no further than they need; what is kept is what is wanted.
 */
export function siblingFiles(
  { home, newest }: Pick<Snapshot, "home" | "newest">,
  damaged: Installation,
  wanted: ReadonlySet<Sha256>,
): (sha256: Sha256) => Iterable<SiblingFile> {
  const others = newest.installations.filter((one) => releaseName(one) !== releaseName(damaged));
  const found = new Map<Sha256, SiblingFile[]>();
  let listsRead = 0;

  function readNextList(): boolean {
    const next = others[listsRead];
    if (next === undefined) return false;
    listsRead += 1;
    const { engine, version } = next;
    const own = new Set<Sha256>();
    for (const { path, sha256 } of home.trees.read(next.tree)?.files ?? []) {
      if (!wanted.has(sha256) || own.has(sha256)) continue;
      own.add(sha256);
      found.set(sha256, [...(found.get(sha256) ?? []), { engine, version, path }]);
    }
    return true;
  }

  return function* (sha256) {
    for (let at = 0; ; at += 1) {
      while (found.get(sha256)?.[at] === undefined) if (!readNextList()) return;
      const file = found.get(sha256)?.[at];
      if (file !== undefined) yield file;
    }
  };
}
