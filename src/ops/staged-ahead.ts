import type { Generation } from "../core/model/home.ts";
import type { Manifest, Sha256 } from "../core/model/manifest.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import type { Home } from "../store/home.ts";

/** Trees of manifests that `upgrade --stage-only` has kept and nothing has committed yet. */
export function stagedAhead(home: Home, newest: Generation): ReadonlySet<Sha256> {
  return new Set(
    laterManifests(home, newest).flatMap(({ manifest }) =>
      Object.values(manifest.engines).flatMap(({ releases }) =>
        Object.values(releases).flatMap(({ platforms }) => Object.values(platforms).map(({ tree }) => tree.digest)),
      ),
    ),
  );
}

export function laterManifests(
  home: Home,
  newest: Generation,
): readonly { readonly sha256: Sha256; readonly manifest: Manifest }[] {
  return home.manifests.list().flatMap((sha256) => {
    if (sha256 === newest.manifest.sha256) return [];
    const bytes = home.manifests.read(sha256);
    if (bytes === undefined) return [];
    const manifest = parseManifest(bytes);
    return manifest.serial > newest.manifest.serial ? [{ sha256, manifest }] : [];
  });
}
