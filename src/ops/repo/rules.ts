import { EngineryError } from "../../core/errors.ts";
import type { DraftResult, RulesRequest } from "../publisher.ts";
import { editDraft, engineOf, withEngine } from "./draft.ts";
import type { PublisherWorld } from "./world.ts";

/** Changes the rules of an engine's schedule; what is not said stays. In the draft. Errors: `unknown-engine`, `usage`, `schedule-*`. */
export async function rules(world: PublisherWorld, request: RulesRequest): Promise<DraftResult> {
  const { engine: name, maxFuture, maxDeployments, alterPending } = request;
  requireLimit("--max-future", maxFuture);
  requireLimit("--max-deployments", maxDeployments);
  return await editDraft(world, request, "rules", ({ manifest }) => {
    const engine = engineOf(manifest, name);
    const changed = {
      ...engine.rules,
      ...(maxFuture === undefined ? {} : { maxFuture }),
      ...(maxDeployments === undefined ? {} : { maxDeployments }),
      ...(alterPending === undefined ? {} : { alterPending }),
    };
    return { manifest: withEngine(manifest, name, { ...engine, rules: changed }), facts: {} };
  });
}

function requireLimit(flag: string, limit: number | null | undefined): void {
  if (limit === undefined || limit === null || (Number.isSafeInteger(limit) && limit >= 0)) return;
  throw new EngineryError("usage", `${flag} is not a whole number from 0.`, { context: { limit } });
}
