import { isEngineryError } from "../core/errors.ts";
import type { Generation } from "../core/model/home.ts";
import type { Home } from "../store/home.ts";
import { laterManifests, treesOf } from "./staged-ahead.ts";

/** Removes the records that no kept generation refers to: manifests, trees, trust sets; and what dead operations left in staging. */
export function sweepRecords(home: Home, newest: Generation): void {
  home.staging.sweep();
  // Listed before what is kept is read: what another writer adds meanwhile is no candidate.
  const listed = { manifests: home.manifests.list(), trees: home.trees.list(), sets: home.trust.numbers() };
  const kept = keptGenerations(home, newest);
  if (kept === undefined) return;
  const manifests = new Set(kept.map(({ manifest }) => manifest.sha256));
  const later = laterManifests(home, newest, manifests);
  const ahead = new Set(later.map(({ sha256 }) => sha256));
  const trees = new Set([
    ...kept.flatMap(({ installations }) => installations.map(({ tree }) => tree)),
    ...treesOf(later),
    ...sealedTrees(home),
  ]);
  const sets = new Set(kept.map(({ trustSet }) => trustSet));
  for (const sha256 of listed.manifests) {
    if (!manifests.has(sha256) && !ahead.has(sha256)) home.manifests.remove(sha256);
  }
  // Whoever lays a release out puts it in place first and then looks whether its list is there; so of the two at least one sees the other.
  home.trees.removeUnless(
    listed.trees.filter((digest) => !trees.has(digest)),
    () => new Set(sealedTrees(home)),
  );
  // A set above the newest generation's is that of a writer who has not committed yet.
  for (const number of listed.sets) {
    if (!sets.has(number) && number < newest.trustSet) home.trust.remove(number);
  }
}

/** Undefined where one cannot be read: what it names is not known, and nothing goes before `doctor --fix` has set it aside. */
function keptGenerations(home: Home, newest: Generation): readonly Generation[] | undefined {
  try {
    return home.generations.numbers().flatMap((number) => {
      const generation = number === newest.number ? newest : home.generations.read(number);
      return generation === undefined ? [] : [generation];
    });
  } catch (error) {
    if (isEngineryError(error, "generation-unreadable", "home-damaged")) return undefined;
    throw error;
  }
}

/** Of whatever lies sealed on disk: it may be about to be committed. */
function sealedTrees(home: Home): readonly string[] {
  return home.installations.list().flatMap(({ engine, version }) => {
    try {
      return home.installations.seal(engine, version)?.tree ?? [];
    } catch (error) {
      if (isEngineryError(error, "home-damaged")) return [];
      throw error;
    }
  });
}
