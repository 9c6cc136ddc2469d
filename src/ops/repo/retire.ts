import type { Engine, Manifest } from "../../core/model/manifest.ts";
import type { DraftReleaseRequest, DraftResult } from "../publisher.ts";
import { requireRelease } from "./deploy.ts";
import { editDraft, engineOf, withEngine } from "./draft.ts";
import type { PublisherWorld } from "./world.ts";

/**
 * Takes a release and its deployment out of the manifest; where it is installed it stays as long as something there keeps it. In the
 * draft. Errors: `unknown-engine`, `unknown-version`, `schedule-*`.
 */
export async function retire(world: PublisherWorld, request: DraftReleaseRequest): Promise<DraftResult> {
  const { engine: name, version } = request;
  return await editDraft(world, request, "retire", ({ manifest }) => {
    const engine = engineOf(manifest, name);
    requireRelease(name, engine, version);
    const { [version]: _gone, ...releases } = engine.releases;
    const deployments = engine.deployments.filter((deployment) => deployment.version !== version);
    return { manifest: withOrWithout(manifest, name, { ...engine, deployments, releases }), facts: {} };
  });
}

/** An engine whose last release went is no engine of the channel any more. */
function withOrWithout(manifest: Manifest, name: string, engine: Engine): Manifest {
  if (Object.keys(engine.releases).length > 0) return withEngine(manifest, name, engine);
  const { [name]: _gone, ...engines } = manifest.engines;
  return { ...manifest, engines };
}
