import { EngineryError } from "../../core/errors.ts";
import type { Engine } from "../../core/model/manifest.ts";
import type { DeployRequest, DraftResult } from "../publisher.ts";
import { editDraft, engineOf, withEngine } from "./draft.ts";
import type { PublisherWorld } from "./world.ts";

/**
 * The release is in effect from `validFrom` on; where it was deployed already, from there instead. In the draft.
 * Errors: `unknown-engine`, `unknown-version`, `bad-epoch`, `schedule-*`.
 */
export async function deploy(world: PublisherWorld, request: DeployRequest): Promise<DraftResult> {
  const { engine: name, version, validFrom } = request;
  requireEpoch(validFrom);
  return await editDraft(world, request, "deploy", ({ manifest }) => {
    const engine = engineOf(manifest, name);
    requireRelease(name, engine, version);
    const others = engine.deployments.filter((deployment) => deployment.version !== version);
    const deployments = [...others, { version, validFrom }].sort((a, b) => a.validFrom - b.validFrom);
    return { manifest: withEngine(manifest, name, { ...engine, deployments }), facts: {} };
  });
}

export function requireEpoch(epoch: number): void {
  if (Number.isSafeInteger(epoch) && epoch >= 0) return;
  throw new EngineryError("bad-epoch", `${epoch} is not an epoch.`, { context: { epoch } });
}

/** Errors: `unknown-version`. */
export function requireRelease(name: string, engine: Engine, version: string): void {
  if (Object.hasOwn(engine.releases, version)) return;
  throw new EngineryError("unknown-version", `The channel has no release ${name}@${version}.`, {
    hint: "Add it with `enginery repo add`.",
    context: { engine: name, version },
  });
}
