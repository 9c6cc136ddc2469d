import type { Epoch, Manifest } from "./model/manifest.ts";
import { releaseName } from "./release-name.ts";

/** Of every deployment of a manifest its `validFrom`, by release. Cost: one pass. */
export function beginnings({ engines }: Pick<Manifest, "engines">): ReadonlyMap<string, Epoch> {
  return new Map(
    Object.entries(engines).flatMap(([engine, { deployments }]) =>
      deployments.map(({ version, validFrom }) => [releaseName({ engine, version }), validFrom] as const),
    ),
  );
}
