import type { Generation } from "../core/model/home.ts";
import type { Manifest, Sha256 } from "../core/model/manifest.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import type { Home } from "../store/home.ts";

/** Kept, and committed by nothing yet. */
export interface LaterManifest {
  readonly sha256: Sha256;
  readonly manifest: Manifest;
}

/** Every tree that the manifests name. */
export function treesOf(manifests: readonly LaterManifest[]): ReadonlySet<Sha256> {
  return new Set(
    manifests.flatMap(({ manifest }) =>
      Object.values(manifest.engines).flatMap(({ releases }) =>
        Object.values(releases).flatMap(({ platforms }) => Object.values(platforms).map(({ tree }) => tree.digest)),
      ),
    ),
  );
}

/** What `upgrade --stage-only` has kept. `named`: by generations, and so committed; only what else is there is parsed. */
export function laterManifests(home: Home, newest: Generation, named: ReadonlySet<Sha256>): readonly LaterManifest[] {
  return home.manifests.list().flatMap((sha256) => {
    if (named.has(sha256)) return [];
    const bytes = home.manifests.read(sha256);
    if (bytes === undefined) return [];
    const manifest = parseManifest(bytes);
    return manifest.serial > newest.manifest.serial ? [{ sha256, manifest }] : [];
  });
}
