import type { MetadataRole, RootBody } from "../../ports/authoring.ts";
import { keyFileIn } from "../../store/key-folder.ts";
import type { PublicKeySummary } from "../publisher.ts";
import type { NamedKey } from "./new-keys.ts";

const ROLES: readonly MetadataRole[] = ["root", "targets", "snapshot", "timestamp"];

/** Who may sign what, by the root; in order of names. `files`: where keys that were made just now lie, by key id. */
export function keySummaries(
  root: RootBody,
  names: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, KeyFileFacts> = new Map(),
): readonly PublicKeySummary[] {
  const summaries = root.keys.map(({ keyid }) => {
    const name = names.get(keyid);
    return {
      roles: ROLES.filter((role) => root.roles[role].keyids.includes(keyid)),
      keyid,
      ...(name === undefined ? {} : { name }),
      ...files.get(keyid),
    };
  });
  const order = (one: PublicKeySummary): string => one.name ?? one.keyid;
  return summaries.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

export type KeyFileFacts = Required<Pick<PublicKeySummary, "path" | "encrypted">>;

export function keyFileFacts(keysDir: string, keys: readonly NamedKey[]): ReadonlyMap<string, KeyFileFacts> {
  return new Map(
    keys.map(({ name, key, encrypted }) => [key.public.keyid, { path: keyFileIn(keysDir, name), encrypted }] as const),
  );
}
