import { EngineryError } from "../../core/errors.ts";
import type { DraftReleaseRequest, DraftResult } from "../publisher.ts";
import { requireRelease } from "./deploy.ts";
import { editDraft, engineOf, withEngine } from "./draft.ts";
import type { PublisherWorld } from "./world.ts";

/**
 * The stop button: never newly staged, alarmed where it is in effect, still runs. It cannot be taken back. In the draft.
 * Errors: `unknown-engine`, `unknown-version`, `usage` without a reason, `schedule-*`.
 */
export async function withdraw(
  world: PublisherWorld,
  request: DraftReleaseRequest & { readonly reason: string },
): Promise<DraftResult> {
  const { engine: name, version } = request;
  const reason = request.reason.trim();
  if (reason === "")
    throw new EngineryError("usage", "A release is withdrawn for a reason.", {
      hint: "Say it in a few words: operators will read it.",
    });
  return await editDraft(world, request, "withdraw", ({ manifest }) => {
    const engine = engineOf(manifest, name);
    requireRelease(name, engine, version);
    const release = engine.releases[version] ?? { platforms: {} };
    const releases = { ...engine.releases, [version]: { ...release, withdrawn: reason } };
    return { manifest: withEngine(manifest, name, { ...engine, releases }), facts: {} };
  });
}
