import { type BaseRelease, type Way, waysTo } from "../core/acquire-plan.ts";
import { isEngineryError } from "../core/errors.ts";
import type { Config } from "../core/model/home.ts";
import type { PlatformRelease, Sha256 } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import type { WantedRelease } from "../core/wanted.ts";
import type { Home } from "../store/home.ts";
import { knownTree } from "./documents.ts";

/** A flag says more than the config. */
export function doesUseDeltas({ noDeltas }: { readonly noDeltas?: boolean | undefined }, { deltas }: Config): boolean {
  return noDeltas !== true && deltas !== false;
}

/** Ways to what is not here yet, from what is. */
export type FindWays = (wanted: Pick<WantedRelease, "engine" | "version" | "release">) => ReturnType<typeof waysTo>;

/** `deltas` false: the archive alone. Looks at the home when it is first asked; reads a seal an installation, and file lists only where that of the release is at hand. What was answered is kept. */
export function wayFinder(home: Home | undefined, deltas: boolean): FindWays {
  let installed: readonly BaseRelease[] | undefined;
  const trees = new Map<Sha256, Tree | undefined>();
  const known = new Map<PlatformRelease, ReturnType<FindWays>>();

  function treeOf(digest: Sha256): Tree | undefined {
    if (!trees.has(digest)) trees.set(digest, home && knownTree(home.trees, digest));
    return trees.get(digest);
  }

  return ({ engine, version, release }) => {
    if (deltas) installed ??= home === undefined ? [] : sealedIn(home);
    const ways = known.get(release) ?? waysTo({ engine, version, release, installed: installed ?? [], treeOf, deltas });
    known.set(release, ways);
    return ways;
  };
}

/** A seal that cannot be read seals nothing. */
function sealedIn(home: Home): readonly BaseRelease[] {
  return home.installations.list().flatMap(({ engine, version }) => {
    try {
      const seal = home.installations.seal(engine, version);
      return seal === undefined ? [] : [{ engine, version, tree: seal.tree }];
    } catch (error) {
      if (isEngineryError(error, "home-damaged")) return [];
      throw error;
    }
  });
}

/** What an answer says of a way. */
export interface TakenWay {
  readonly way: Way["kind"];
  /** The installation that it takes files from. */
  readonly from?: { readonly engine: string; readonly version: string };
  readonly downloadBytes: number;
}

export function wayTaken(way: Way): TakenWay {
  const { kind, downloadBytes } = way;
  if (way.kind === "archive") return { way: kind, downloadBytes };
  const { engine, version } = way.base;
  return { way: kind, from: { engine, version }, downloadBytes };
}
