import { EngineryError } from "../../core/errors.ts";
import type { Engine, Retention } from "../../core/model/manifest.ts";
import type { DraftResult, RulesRequest } from "../publisher.ts";
import { editDraft, engineOf, withEngine } from "./draft.ts";
import type { PublisherWorld } from "./world.ts";

/** Changes the rules of an engine's schedule, and how much history operators need; what is not said stays. In the draft. Errors: `unknown-engine`, `usage`, `schedule-*`. */
export async function rules(world: PublisherWorld, request: RulesRequest): Promise<DraftResult> {
  const { engine: name, maxFuture, maxDeployments, alterPending } = request;
  requireLimit("--max-future", maxFuture);
  requireLimit("--max-deployments", maxDeployments);
  requireLimit("--keep-epochs", request.keepEpochs);
  requireLimit("--keep-superseded", request.keepSuperseded);
  return await editDraft(world, request, "rules", ({ manifest }) => {
    const engine = engineOf(manifest, name);
    const changed = {
      ...engine.rules,
      ...(maxFuture === undefined ? {} : { maxFuture }),
      ...(maxDeployments === undefined ? {} : { maxDeployments }),
      ...(alterPending === undefined ? {} : { alterPending }),
    };
    const { retention, ...rest } = engine;
    const needs = neededBy(retention, request);
    return { manifest: withEngine(manifest, name, { ...rest, rules: changed, ...needs }), facts: {} };
  });
}

/** A manifest of a publisher who says nothing is the same, byte for byte, as before there was anything to say. */
function neededBy(before: Retention | undefined, request: RulesRequest): Pick<Engine, "retention"> {
  const said = [
    ["keepEpochs", request.keepEpochs === undefined ? before?.keepEpochs : request.keepEpochs],
    ["keepSuperseded", request.keepSuperseded === undefined ? before?.keepSuperseded : request.keepSuperseded],
  ].filter(([, limit]) => limit !== undefined && limit !== null);
  return said.length === 0 ? {} : { retention: Object.fromEntries(said) };
}

function requireLimit(flag: string, limit: number | null | undefined): void {
  if (limit === undefined || limit === null || (Number.isSafeInteger(limit) && limit >= 0)) return;
  throw new EngineryError("usage", `${flag} is not a whole number from 0.`, { context: { limit } });
}
