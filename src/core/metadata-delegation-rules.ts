import type { JsonValue } from "./json.ts";
import { type Complain, isHex, listOf, METADATA_ROLES, type Members, membersOf } from "./metadata-members.ts";
import type { MetadataPolicy } from "./metadata-policy.ts";
import { checkKeys, checkRole } from "./metadata-root-rules.ts";
import type { Sha256 } from "./model/manifest.ts";

const MAX_NAME_LENGTH = 256;
/** Literal characters, `*` and `?`: what path libraries know beyond that, TUF does not. */
const PATTERN = /^[A-Za-z0-9._@+*?/-]{1,512}$/;

/** What targets say about those they delegate to: keys as in a root, and every name once. */
export function checkDelegations(
  value: JsonValue,
  complain: Complain,
  sha256: (text: string) => Sha256,
  policy: MetadataPolicy,
): void {
  const where = "signed.delegations";
  const delegations = membersOf(value, where, complain);
  if (delegations["succinct_roles"] !== undefined) {
    complain(`${where}.succinct_roles`, "absent", delegations["succinct_roles"]);
  }
  const keys = checkKeys(delegations["keys"], `${where}.keys`, complain, sha256, policy);
  const seen = new Set<string>();
  for (const [at, entry] of listOf(delegations["roles"], `${where}.roles`, complain).entries()) {
    const member = `${where}.roles[${at}]`;
    checkRole(member, entry, keys, complain, policy);
    const role = membersOf(entry, member, complain);
    checkName(role["name"], `${member}.name`, seen, complain);
    if (typeof role["terminating"] !== "boolean") {
      complain(`${member}.terminating`, "true or false", role["terminating"]);
    }
    checkPaths(role, member, complain);
  }
}

/** Readers that keep roles by name in an object would reorder numbers, and find what an object inherits. */
function checkName(name: JsonValue | undefined, member: string, seen: Set<string>, complain: Complain): void {
  const text = typeof name === "string" && name.length <= MAX_NAME_LENGTH ? name : "";
  if (/^\d*$/.test(text) || text in {}) complain(member, "a name that is no number", name);
  if ((METADATA_ROLES as readonly string[]).includes(text)) complain(member, "no name of a top-level role", name);
  if (seen.has(text)) complain(member, "a name of its own", name);
  seen.add(text);
}

function checkPaths(role: Members, member: string, complain: Complain): void {
  const { paths, path_hash_prefixes: prefixes } = role;
  if ((paths === undefined) === (prefixes === undefined)) {
    complain(member, "of paths or of path_hash_prefixes", Object.keys(role));
  }
  for (const pattern of paths === undefined ? [] : listOf(paths, `${member}.paths`, complain)) {
    if (typeof pattern !== "string" || !PATTERN.test(pattern)) complain(`${member}.paths`, "plain patterns", pattern);
  }
  for (const prefix of prefixes === undefined ? [] : listOf(prefixes, `${member}.path_hash_prefixes`, complain)) {
    const digits = typeof prefix === "string" ? prefix.length : 0;
    if (digits < 1 || digits > 64 || !isHex(prefix, digits)) {
      complain(`${member}.path_hash_prefixes`, "up to 64 lower-case hex digits", prefix);
    }
  }
}
