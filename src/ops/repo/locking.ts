import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { PublisherWorld } from "./world.ts";

const WAIT_MS = 10_000;

/** One writer of the draft at a time; a dry run reads only and waits for nobody. Errors: `busy`. */
export async function withRepositoryLock<T>(
  world: PublisherWorld,
  repository: Repository,
  request: { readonly verb: string; readonly dryRun: boolean },
  work: () => Promise<T> | T,
): Promise<T> {
  if (request.dryRun) return await work();
  repository.makeFolder(repositoryLayout.draftFolder);
  const holder = `repo ${request.verb} (process ${world.host.self().pid})`;
  await using _lock = await world.lock.acquire(repository.absolute(repositoryLayout.draftFolder), holder, WAIT_MS);
  return await work();
}
