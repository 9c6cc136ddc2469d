import { differenceOf } from "./delta-content.ts";
import type { DeltaReference, PlatformRelease, Sha256, Version } from "./model/manifest.ts";
import type { Tree } from "./model/tree.ts";

/** A sealed installation of this home. */
export interface BaseRelease {
  readonly engine: string;
  readonly version: Version;
  /** Tree digest. */
  readonly tree: Sha256;
}

/** One way to a release's files, and what it takes from the network. */
export type Way =
  | { readonly kind: "reuse"; readonly base: BaseRelease; readonly downloadBytes: 0 }
  | {
      readonly kind: "delta";
      readonly base: BaseRelease;
      readonly delta: DeltaReference;
      readonly downloadBytes: number;
    }
  | { readonly kind: "archive"; readonly downloadBytes: number };

export interface WayFacts {
  readonly engine: string;
  readonly version: Version;
  readonly release: PlatformRelease;
  /** What is installed, sound or not: each way checks what it takes. */
  readonly installed: readonly BaseRelease[];
  /** File lists that are at hand without asking anybody. */
  readonly treeOf: (digest: Sha256) => Tree | undefined;
  /** False: the archive alone counts. */
  readonly deltas: boolean;
}

/**
 * Every way to a release, the one of the fewest bytes first; among equals one that takes from the same engine. The archive is always
 * among them, and nothing behind it: it depends on nothing that is here.
 */
export function waysTo({ engine, version, release, installed, treeOf, deltas }: WayFacts): readonly [Way, ...Way[]] {
  const { archive, pieces, tree, deltas: offered = [] } = release;
  // the file list is fetched whatever the way, unless it is at hand
  const wanted = treeOf(tree.digest);
  const list = wanted === undefined ? tree.bytes : 0;
  const last: Way = { kind: "archive", downloadBytes: archive.bytes + pieces.bytes + list };
  if (!deltas) return [last];
  // what is damaged under its own name is not mended from itself
  const bases = installed
    .filter((base) => base.engine !== engine || base.version !== version)
    .sort((one, other) => Number(other.engine === engine) - Number(one.engine === engine));
  const ways = bases.flatMap((base): Way[] => {
    if (hasAll(wanted, () => treeOf(base.tree))) return [{ kind: "reuse", base, downloadBytes: 0 }];
    const delta = cheapest(offered.filter(({ from }) => from === base.tree));
    return delta === undefined ? [] : [{ kind: "delta", base, delta, downloadBytes: delta.bytes + list }];
  });
  const sorted = ways
    .filter(({ downloadBytes }) => downloadBytes < last.downloadBytes)
    .sort((one, other) => one.downloadBytes - other.downloadBytes);
  const [first, ...others] = [...sorted, last];
  return [first ?? last, ...others];
}

/** The other list is not read where there is nothing to hold it against. */
function hasAll(wanted: Tree | undefined, readThere: () => Tree | undefined): boolean {
  const there = wanted && readThere();
  return wanted !== undefined && there !== undefined && differenceOf(there, wanted).fresh.length === 0;
}

function cheapest(deltas: readonly DeltaReference[]): DeltaReference | undefined {
  return deltas.toSorted((one, other) => one.bytes - other.bytes)[0];
}
