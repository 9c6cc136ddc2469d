import type { MetadataRole, RootBody } from "../../ports/authoring.ts";
import type { PublicKeySummary } from "../publisher.ts";

const ROLES: readonly MetadataRole[] = ["root", "targets", "snapshot", "timestamp"];

/** Who may sign what, by the root. */
export function keySummaries(root: RootBody, names: ReadonlyMap<string, string>): readonly PublicKeySummary[] {
  return root.keys.map(({ keyid }) => {
    const name = names.get(keyid);
    return {
      roles: ROLES.filter((role) => root.roles[role].keyids.includes(keyid)),
      keyid,
      ...(name === undefined ? {} : { name }),
    };
  });
}
