import type { Ground } from "./ground.ts";
import { OWNER_NAME, parentOf } from "./layout.ts";
import { removeAll } from "./removal.ts";

/** Removes what is left of a stage, and its operation's folder once nothing else is staged there. */
export function removeStage({ fileSystem }: Ground, path: string): void {
  removeAll(fileSystem, path);
  const operation = parentOf(path);
  const isInUse = (fileSystem.list(operation) ?? []).some(({ name }) => name !== OWNER_NAME);
  if (!isInUse) removeAll(fileSystem, operation);
}
