import { canonicalJson, parseJson } from "../../core/json.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";

/** What people call the keys, by key id: for messages alone, nothing is decided by them. */
export function readKeyNames(repository: Repository): ReadonlyMap<string, string> {
  const bytes = repository.read(repositoryLayout.keyNames);
  if (bytes === undefined) return new Map();
  const names = parseJson(bytes, "The list of key names");
  if (typeof names !== "object" || names === null) return new Map();
  return new Map(Object.entries(names).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

export function addKeyNames(repository: Repository, added: Iterable<readonly [string, string]>): void {
  const names = new Map([...readKeyNames(repository), ...added]);
  repository.write(repositoryLayout.keyNames, canonicalJson(Object.fromEntries(names)));
}
