import { EngineryError } from "./errors.ts";
import type { JsonValue } from "./json.ts";
import {
  type Complain,
  isHex,
  listOf,
  type Members,
  type MetadataRole,
  membersOf,
  positiveInteger,
} from "./metadata-members.ts";
import { checkKeysAndRoles } from "./metadata-root-rules.ts";
import type { Sha256 } from "./model/manifest.ts";

export { METADATA_ROLES, type MetadataRole } from "./metadata-members.ts";

/** No metadata file may be larger than this many bytes. */
export const METADATA_MAX_BYTES: Readonly<Record<MetadataRole, number>> = {
  root: 512_000,
  timestamp: 16_384,
  snapshot: 65_536,
  targets: 1_000_000,
};

/** No channel's manifest may be larger than this many bytes, whatever is signed. */
export const MANIFEST_MAX_BYTES = 32 * 1024 * 1024;

/** What a metadata file says, its form checked, its signatures not. */
export interface CheckedMetadata {
  readonly role: MetadataRole;
  readonly version: number;
  /** `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly expires: string;
  /** What it vouches for by hash: `snapshot.json`, `targets.json`, or the paths of files. Empty for root. */
  readonly files: ReadonlyMap<string, SignedFile>;
}

export interface SignedFile {
  /** Bytes. */
  readonly length: number;
  readonly sha256: Sha256;
  /** Undefined for what is no metadata. */
  readonly version: number | undefined;
}

/**
 * The form of one TUF metadata file, stricter than the specification where tuf-js is laxer than it (docs/adr/0008-tuf-js-in-a-scratch-copy.md). Looks at
 * no signature. `what` names the file in errors; `sha256` is of a text's UTF-8 bytes. Errors: `trust-format`, naming the member.
 */
export function checkMetadata(
  role: MetadataRole,
  document: JsonValue,
  what: string,
  sha256: (text: string) => Sha256,
): CheckedMetadata {
  const complain: Complain = (member, must, found) => {
    throw new EngineryError("trust-format", `${what}: ${member} must be ${must}, and is ${show(found)}.`, {
      context: { file: what, member },
    });
  };
  const envelope = membersOf(document, "the document", complain);
  checkSignatures(envelope["signatures"], complain);
  const signed = membersOf(envelope["signed"], "signed", complain);
  if (signed["_type"] !== role) complain("signed._type", `"${role}"`, signed["_type"]);
  const spec = signed["spec_version"];
  if (typeof spec !== "string" || !/^1\.\d{1,4}(\.\d{1,4})?$/.test(spec)) complain("signed.spec_version", "1.x", spec);
  return {
    role,
    version: positiveInteger(signed["version"], "signed.version", complain),
    expires: instant(signed["expires"], "signed.expires", complain),
    files: filesOf(role, signed, complain, sha256),
  };
}

function filesOf(
  role: MetadataRole,
  signed: Members,
  complain: Complain,
  sha256: (text: string) => Sha256,
): CheckedMetadata["files"] {
  if (role === "root") {
    checkKeysAndRoles(signed, complain, sha256);
    return new Map();
  }
  if (role !== "targets") return metaFiles(role === "timestamp" ? "snapshot.json" : "targets.json", signed, complain);
  if (signed["delegations"] !== undefined) complain("signed.delegations", "absent", signed["delegations"]);
  const files = membersOf(signed["targets"], "signed.targets", complain);
  return new Map(Object.entries(files).map(([path, file]) => [path, targetFile(path, file, complain)]));
}

/** Timestamp names the snapshot and nothing else, snapshot names targets and nothing else: delegations are not used. */
function metaFiles(name: string, signed: Members, complain: Complain): CheckedMetadata["files"] {
  const meta = membersOf(signed["meta"], "signed.meta", complain);
  const names = Object.keys(meta);
  if (names.length !== 1 || names[0] !== name) complain("signed.meta", `about ${name} alone`, names);
  const where = `signed.meta["${name}"]`;
  const file = membersOf(meta[name], where, complain);
  const version = positiveInteger(file["version"], `${where}.version`, complain);
  return new Map([[name, { ...lengthAndHash(file, where, complain), version }]]);
}

const PATH = /^[A-Za-z0-9][A-Za-z0-9._@+-]*(?:\/[A-Za-z0-9][A-Za-z0-9._@+-]*)*$/;

function targetFile(path: string, value: JsonValue, complain: Complain): SignedFile {
  // `constructor` and its like would be found where nothing was signed
  if (path.length > 512 || !PATH.test(path) || path in {}) complain("a path in signed.targets", "a plain one", path);
  const where = `signed.targets["${path}"]`;
  return { ...lengthAndHash(membersOf(value, where, complain), where, complain), version: undefined };
}

function lengthAndHash(file: Members, where: string, complain: Complain): { length: number; sha256: Sha256 } {
  const length = file["length"];
  if (!Number.isSafeInteger(length) || Number(length) < 0) complain(`${where}.length`, "a whole number from 0", length);
  const hashes = membersOf(file["hashes"], `${where}.hashes`, complain);
  const { sha256, sha512, ...others } = hashes;
  if (Object.keys(others).length > 0) complain(`${where}.hashes`, "sha256 (and sha512) alone", Object.keys(hashes));
  if (!isHex(sha256, 64)) complain(`${where}.hashes.sha256`, "64 lower-case hex digits", sha256);
  if (sha512 !== undefined && !isHex(sha512, 128)) complain(`${where}.hashes.sha512`, "128 hex digits", sha512);
  return { length: Number(length), sha256: String(sha256) };
}

/** One signature a key. */
function checkSignatures(value: JsonValue | undefined, complain: Complain): void {
  const seen = new Set<string>();
  for (const [at, entry] of listOf(value, "signatures", complain).entries()) {
    const { keyid, sig } = membersOf(entry, `signatures[${at}]`, complain);
    if (!isHex(keyid, 64)) complain(`signatures[${at}].keyid`, "64 lower-case hex digits", keyid);
    if (!isHex(sig, 128)) complain(`signatures[${at}].sig`, "128 lower-case hex digits", sig);
    if (seen.has(String(keyid))) complain(`signatures[${at}].keyid`, "of a key that has not signed above", keyid);
    seen.add(String(keyid));
  }
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whole seconds, UTC, and a day that there is: other forms are read differently by different readers. */
function instant(value: JsonValue | undefined, member: string, complain: Complain): string {
  const parts = typeof value === "string" ? /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(value) : null;
  const [year = 0, month = 0, day = 0, hour = 99, minute = 99, second = 99] = (parts ?? []).slice(1).map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
  const sound = day >= 1 && day <= days && hour <= 23 && minute <= 59 && second <= 59;
  if (!sound) complain(member, "an instant like 2030-01-31T00:00:00Z", value);
  return String(value);
}

function show(value: JsonValue | undefined): string {
  if (value === undefined) return "absent";
  const text = JSON.stringify(value);
  return text.length <= 100 ? text : `${text.slice(0, 100)}...`;
}
