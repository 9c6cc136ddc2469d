import { EngineryError } from "../../core/errors.ts";
import type { RefreshTimestampRequest, SignResult } from "../publisher.ts";
import { withRepositoryLock } from "./locking.ts";
import { signPointers } from "./pointers.ts";
import type { Desk } from "./proposal.ts";
import { makeVisible, tidy, verifyAsClients } from "./publish.ts";
import { readPublished } from "./published.ts";
import { signResult } from "./sign-result.ts";
import { openSigners } from "./signers.ts";
import { type PublisherWorld, repositoryOf } from "./world.ts";

/**
 * A later expiry for what is visible: a new snapshot and timestamp over the same targets. Needs their two keys and no other; keeps
 * nothing where one is missing. Errors: `missing` before the first `sign`, `trust-*`, `key-unreadable`, `busy`, `usage`.
 */
export async function refreshTimestamp(world: PublisherWorld, request: RefreshTimestampRequest): Promise<SignResult> {
  const repository = repositoryOf(world, request.directory);
  const author = await world.authoring();
  return await withRepositoryLock(
    world,
    repository,
    { verb: "refresh-timestamp", dryRun: request.dryRun },
    async () => {
      const published = readPublished(repository, author, world.digester);
      const { metadata, root } = published;
      if (metadata === undefined)
        throw new EngineryError("missing", "Nothing is visible yet that could be refreshed.", {
          hint: "Publish first: `enginery repo sign`.",
        });
      const desk: Desk = { repository, author, digester: world.digester, published, now: world.clock.now() };
      const signers = await openSigners(world, request.directory, request);
      const { snapshot, timestamp } = await signPointers(
        desk,
        signers,
        metadata.targets.bytes,
        { root, before: undefined },
        request.expires ?? "30d",
      );
      const documents = timestamp === undefined ? [snapshot] : [snapshot, timestamp];
      const outcome = { documents, dryRun: request.dryRun };
      if (timestamp?.complete !== true) return signResult(desk, { ...outcome, visible: false, changed: false });
      const complete = {
        root,
        before: undefined,
        manifest: undefined,
        targets: metadata.targets.bytes,
        snapshot: snapshot.bytes,
        timestamp: timestamp.bytes,
      };
      await verifyAsClients(world, desk, complete);
      if (request.dryRun) return signResult(desk, { ...outcome, visible: true, changed: true });
      makeVisible(desk, complete);
      return signResult({ ...desk, published: tidy(desk) }, { ...outcome, visible: true, changed: true });
    },
  );
}
