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
import type { Sha256 } from "./model/manifest.ts";

/** What a root says about keys and who must sign: every key under its true id, every threshold one that can be met. */
export function checkKeysAndRoles(signed: Members, complain: Complain, sha256: (text: string) => Sha256): void {
  if (signed["consistent_snapshot"] !== true) {
    complain("signed.consistent_snapshot", "true", signed["consistent_snapshot"]);
  }
  const keys = membersOf(signed["keys"], "signed.keys", complain);
  for (const [keyid, key] of Object.entries(keys)) checkKey(keyid, key, complain, sha256);

  const roles = membersOf(signed["roles"], "signed.roles", complain);
  const names = Object.keys(roles);
  if (names.length !== METADATA_ROLES.length || METADATA_ROLES.some((role) => !names.includes(role))) {
    complain("signed.roles", `about ${METADATA_ROLES.join(", ")}`, names);
  }
  for (const role of METADATA_ROLES) checkRole(`signed.roles.${role}`, roles[role], keys, complain);
}

/** Clients MUST calculate each KEYID (TUF 1.0, 4.2): else one key under two ids counts twice towards a threshold. */
function checkKey(keyid: string, value: JsonValue, complain: Complain, sha256: (text: string) => Sha256): void {
  const where = `signed.keys["${keyid.slice(0, 80)}"]`;
  const { keytype, scheme, keyval, ...others } = membersOf(value, where, complain);
  if (keytype !== "ed25519") complain(`${where}.keytype`, "ed25519", keytype);
  if (scheme !== "ed25519") complain(`${where}.scheme`, "ed25519", scheme);
  const { public: point, ...rest } = membersOf(keyval, `${where}.keyval`, complain);
  if (!isHex(point, 64)) complain(`${where}.keyval.public`, "64 lower-case hex digits", point);
  const more = [...Object.keys(others), ...Object.keys(rest)];
  if (more.length > 0) complain(where, "keytype, scheme and keyval.public alone", more);
  if (keyid !== sha256(canonicalKey(point))) complain(where, "under the id that its content gives", keyid);
}

/** Canonical JSON of an ed25519 key as TUF metadata holds it; sha256 of it is the key's id. `point`: 64 hex digits. */
export function canonicalKey(point: string): string {
  return `{"keytype":"ed25519","keyval":{"public":"${point}"},"scheme":"ed25519"}`;
}

function checkRole(where: string, value: JsonValue | undefined, keys: Members, complain: Complain): void {
  const role = membersOf(value, where, complain);
  const keyids = listOf(role["keyids"], `${where}.keyids`, complain);
  for (const [at, keyid] of keyids.entries()) {
    if (typeof keyid !== "string" || !Object.hasOwn(keys, keyid))
      complain(`${where}.keyids`, "ids of known keys", keyid);
    if (keyids.indexOf(keyid) !== at) complain(`${where}.keyids`, "each once", keyid);
  }
  const threshold = positiveInteger(role["threshold"], `${where}.threshold`, complain);
  if (threshold > keyids.length)
    complain(`${where}.threshold`, `at most ${keyids.length}, its number of keys`, threshold);
}
