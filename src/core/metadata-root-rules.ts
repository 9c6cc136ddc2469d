import type { JsonValue } from "./json.ts";
import {
  type Complain,
  isHex,
  listOf,
  METADATA_ROLES,
  type Members,
  membersOf,
  positiveInteger,
} from "./metadata-members.ts";
import type { KeyIdentities, MetadataPolicy } from "./metadata-policy.ts";
import type { Sha256 } from "./model/manifest.ts";
import { quote } from "./quote.ts";

/** What a root says about keys and who must sign: every key under its true id, every threshold one that can be met. */
export function checkKeysAndRoles(
  signed: Members,
  complain: Complain,
  sha256: (text: string) => Sha256,
  policy: MetadataPolicy,
): void {
  const consistent = signed["consistent_snapshot"];
  if (consistent !== true && !(policy.plainSnapshots && consistent === false)) {
    complain("signed.consistent_snapshot", "true", consistent);
  }
  const keys = checkKeys(signed["keys"], "signed.keys", complain, sha256, policy);
  const roles = membersOf(signed["roles"], "signed.roles", complain);
  const names = Object.keys(roles);
  if (names.length !== METADATA_ROLES.length || METADATA_ROLES.some((role) => !names.includes(role))) {
    complain("signed.roles", `about ${METADATA_ROLES.join(", ")}`, names);
  }
  for (const role of METADATA_ROLES) checkRole(`signed.roles.${role}`, roles[role], keys, complain, policy);
}

/** By id: one text for one key, whatever it is called. */
export type KnownKeys = ReadonlyMap<string, string>;

/** Clients MUST calculate each KEYID (TUF 1.0, 4.2): else one key under two ids counts twice towards a threshold. */
export function checkKeys(
  value: JsonValue | undefined,
  where: string,
  complain: Complain,
  sha256: (text: string) => Sha256,
  { otherKeys }: MetadataPolicy,
): KnownKeys {
  const check = otherKeys === undefined ? plainKey : anyKey(otherKeys);
  const known = new Map<string, string>();
  for (const [keyid, key] of Object.entries(membersOf(value, where, complain))) {
    const member = `${where}[${quote(keyid, 80)}]`;
    const { identity, canonical } = check(membersOf(key, member, complain), member, complain);
    if (keyid !== sha256(canonical)) complain(member, "under the id that its content gives", keyid);
    known.set(keyid, identity);
  }
  return known;
}

interface SpeltKey {
  readonly identity: string;
  readonly canonical: string;
}

function plainKey({ keytype, scheme, keyval, ...others }: Members, where: string, complain: Complain): SpeltKey {
  if (keytype !== "ed25519") complain(`${where}.keytype`, "ed25519", keytype);
  if (scheme !== "ed25519") complain(`${where}.scheme`, "ed25519", scheme);
  const { public: point, ...rest } = membersOf(keyval, `${where}.keyval`, complain);
  if (!isHex(point, 64)) return complain(`${where}.keyval.public`, "64 lower-case hex digits", point);
  const more = [...Object.keys(others), ...Object.keys(rest)];
  if (more.length > 0) complain(where, "keytype, scheme and keyval.public alone", more);
  return { identity: point, canonical: canonicalKey(point) };
}

/** With members of its own, one key has as many true ids as anyone likes: it is known by what it is. */
function anyKey(identify: KeyIdentities): (key: Members, where: string, complain: Complain) => SpeltKey {
  return (key, where, complain) => {
    const { keytype, scheme, keyval } = key;
    const { public: spelling } = membersOf(keyval, `${where}.keyval`, complain);
    const identity = [keytype, scheme, spelling].every((part) => typeof part === "string")
      ? identify(String(keytype), String(scheme), String(spelling))
      : undefined;
    if (identity === undefined) return complain(where, "a key of a known type and scheme", key);
    return { identity, canonical: canonical(key) };
  };
}

/** Canonical JSON of an ed25519 key as TUF metadata holds it; sha256 of it is the key's id. `point`: 64 hex digits. */
export function canonicalKey(point: string): string {
  return `{"keytype":"ed25519","keyval":{"public":"${point}"},"scheme":"ed25519"}`;
}

/** As TUF's signatures know it (OLPC): only quotes and backslashes are escaped, line ends are not. */
function canonical(value: JsonValue): string {
  if (typeof value === "string") return `"${value.replace(/["\\]/g, "\\$&")}"`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${canonical(name)}:${canonical(member)}`).join(",")}}`;
}

/** Who must sign for a role. */
export function checkRole(
  where: string,
  value: JsonValue | undefined,
  keys: KnownKeys,
  complain: Complain,
  policy: MetadataPolicy,
): void {
  const role = membersOf(value, where, complain);
  const keyids = listOf(role["keyids"], `${where}.keyids`, complain);
  const seen = new Set<string>();
  for (const [at, keyid] of keyids.entries()) {
    const identity = typeof keyid === "string" ? keys.get(keyid) : undefined;
    if (identity === undefined) complain(`${where}.keyids`, "ids of known keys", keyid);
    if (keyids.indexOf(keyid) !== at) complain(`${where}.keyids`, "each once", keyid);
    if (seen.has(String(identity))) complain(`${where}.keyids`, "of different keys", keyid);
    seen.add(String(identity));
  }
  const threshold = positiveInteger(role["threshold"], `${where}.threshold`, complain);
  if (threshold > keyids.length && !policy.unmeetableThresholds)
    complain(`${where}.threshold`, `at most ${keyids.length}, its number of keys`, threshold);
}
