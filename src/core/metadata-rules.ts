import { EngineryError } from "./errors.ts";
import type { JsonValue } from "./json.ts";
import { checkDelegations } from "./metadata-delegation-rules.ts";
import {
  type Complain,
  isHex,
  listOf,
  type Members,
  type MetadataRole,
  membersOf,
  positiveInteger,
} from "./metadata-members.ts";
import { CHANNEL_POLICY, type MetadataPolicy } from "./metadata-policy.ts";
import { checkKeysAndRoles } from "./metadata-root-rules.ts";
import type { Sha256 } from "./model/manifest.ts";
import { visible } from "./quote.ts";

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
  /** What it vouches for by sha256: `snapshot.json`, `targets.json`, or the paths of files. Empty for root. */
  readonly files: ReadonlyMap<string, SignedFile>;
  /** Versions of the metadata that it names. Empty for root and targets. */
  readonly versions: ReadonlyMap<string, number>;
}

export interface SignedFile {
  /** Bytes. */
  readonly length: number;
  readonly sha256: Sha256;
  /** Undefined for what is no metadata. */
  readonly version: number | undefined;
}

/**
 * The form of one TUF metadata file, stricter than the specification where tuf-js is laxer than it (docs/adr, "Trust"). Looks at
 * no signature. `what` names the file in errors; `sha256` is of a text's UTF-8 bytes. Errors: `trust-format`, naming the member.
 */
export function checkMetadata(
  role: MetadataRole,
  document: JsonValue,
  what: string,
  sha256: (text: string) => Sha256,
  policy: MetadataPolicy = CHANNEL_POLICY,
): CheckedMetadata {
  const complain: Complain = (member, must, found) => {
    throw new EngineryError("trust-format", `${what}: ${member} must be ${must}, and is ${show(found)}.`, {
      context: { file: what, member },
    });
  };
  const envelope = membersOf(document, "the document", complain);
  checkSignatures(envelope["signatures"], complain, policy);
  const signed = membersOf(envelope["signed"], "signed", complain);
  if (signed["_type"] !== role) complain("signed._type", `"${role}"`, signed["_type"]);
  const spec = signed["spec_version"];
  if (typeof spec !== "string" || !/^1\.\d{1,4}(\.\d{1,4})?$/.test(spec)) complain("signed.spec_version", "1.x", spec);
  return {
    role,
    version: positiveInteger(signed["version"], "signed.version", complain),
    expires: instant(signed["expires"], "signed.expires", complain),
    ...namedBy(role, signed, { complain, sha256, policy }),
  };
}

interface Checking {
  readonly complain: Complain;
  readonly sha256: (text: string) => Sha256;
  readonly policy: MetadataPolicy;
}

type Named = Pick<CheckedMetadata, "files" | "versions">;

function namedBy(role: MetadataRole, signed: Members, checking: Checking): Named {
  const { complain, sha256, policy } = checking;
  if (role === "root") {
    checkKeysAndRoles(signed, complain, sha256, policy);
    return { files: new Map(), versions: new Map() };
  }
  if (role === "timestamp") return metaFiles("snapshot.json", signed, false, checking);
  if (role === "snapshot") return metaFiles("targets.json", signed, policy.delegations, checking);
  const delegations = signed["delegations"];
  if (delegations !== undefined) {
    if (!policy.delegations) complain("signed.delegations", "absent", delegations);
    checkDelegations(delegations, complain, sha256, policy);
  }
  const files = membersOf(signed["targets"], "signed.targets", complain);
  const signedFiles = Object.entries(files).flatMap(([path, file]) => targetFile(path, file, checking));
  return { files: new Map(signedFiles), versions: new Map() };
}

/** Timestamp names the snapshot and nothing else, snapshot names targets and, without delegations, nothing else. */
function metaFiles(name: string, signed: Members, others: boolean, { complain, policy }: Checking): Named {
  const meta = membersOf(signed["meta"], "signed.meta", complain);
  const names = Object.keys(meta);
  if (!names.includes(name) || (names.length !== 1 && !others)) complain("signed.meta", `about ${name} alone`, names);
  const files = new Map<string, SignedFile>();
  const versions = new Map<string, number>();
  for (const file of names) {
    if (!file.endsWith(".json")) complain("a name in signed.meta", "that of a metadata file", file);
    const where = `signed.meta["${file}"]`;
    const members = membersOf(meta[file], where, complain);
    const version = positiveInteger(members["version"], `${where}.version`, complain);
    versions.set(file, version);
    const { length, sha256 } = lengthAndHash(members, where, complain, policy.sparseHashes ? "optional" : "sha256");
    if (length !== undefined && sha256 !== undefined) files.set(file, { length, sha256, version });
  }
  return { files, versions };
}

const PATH = /^[A-Za-z0-9][A-Za-z0-9._@+-]*(?:\/[A-Za-z0-9][A-Za-z0-9._@+-]*)*$/;

function targetFile(path: string, value: JsonValue, { complain, policy }: Checking): [string, SignedFile][] {
  // `constructor` and its like would be found where nothing was signed
  if (path.length > 512 || !PATH.test(path) || path in {}) complain("a path in signed.targets", "a plain one", path);
  const where = `signed.targets["${path}"]`;
  const file = membersOf(value, where, complain);
  const { length, sha256 } = lengthAndHash(file, where, complain, policy.sparseHashes ? "either" : "sha256");
  return length === undefined || sha256 === undefined ? [] : [[path, { length, sha256, version: undefined }]];
}

/** `sha256`: both are there; `either`: the length, and a hash of one kind; `optional`: what is there says something. */
function lengthAndHash(
  file: Members,
  where: string,
  complain: Complain,
  demand: "sha256" | "either" | "optional",
): { readonly length: number | undefined; readonly sha256: Sha256 | undefined } {
  const { length } = file;
  const mayLack = demand === "optional" && length === undefined;
  if (!mayLack && !(Number.isSafeInteger(length) && Number(length) >= 0)) {
    complain(`${where}.length`, "a whole number from 0", length);
  }
  const sha256 =
    demand === "optional" && file["hashes"] === undefined ? undefined : hashOf(file, where, complain, demand);
  return { length: length === undefined ? undefined : Number(length), sha256 };
}

function hashOf(file: Members, where: string, complain: Complain, demand: string): Sha256 | undefined {
  const hashes = membersOf(file["hashes"], `${where}.hashes`, complain);
  const { sha256, sha512, ...others } = hashes;
  if (Object.keys(others).length > 0) complain(`${where}.hashes`, "sha256 (and sha512) alone", Object.keys(hashes));
  const mayLack = demand !== "sha256" && sha256 === undefined && sha512 !== undefined;
  if (!mayLack && !isHex(sha256, 64)) complain(`${where}.hashes.sha256`, "64 lower-case hex digits", sha256);
  if (sha512 !== undefined && !isHex(sha512, 128)) complain(`${where}.hashes.sha512`, "128 hex digits", sha512);
  return sha256 === undefined ? undefined : String(sha256);
}

/** One signature a key. Where keys are of many kinds, a signature is any hex: what does not verify does not count. */
function checkSignatures(value: JsonValue | undefined, complain: Complain, { otherKeys }: MetadataPolicy): void {
  const seen = new Set<string>();
  for (const [at, entry] of listOf(value, "signatures", complain).entries()) {
    const { keyid, sig } = membersOf(entry, `signatures[${at}]`, complain);
    if (!isHex(keyid, 64)) complain(`signatures[${at}].keyid`, "64 lower-case hex digits", keyid);
    if (otherKeys === undefined ? !isHex(sig, 128) : !isAnyHex(sig))
      complain(
        `signatures[${at}].sig`,
        otherKeys === undefined ? "128 lower-case hex digits" : "lower-case hex digits",
        sig,
      );
    if (seen.has(String(keyid))) complain(`signatures[${at}].keyid`, "of a key that has not signed above", keyid);
    seen.add(String(keyid));
  }
}

function isAnyHex(sig: JsonValue | undefined): boolean {
  return typeof sig === "string" && /^(?:[0-9a-f]{2})*$/.test(sig);
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
  const text = visible(JSON.stringify(value));
  return text.length <= 100 ? text : `${text.slice(0, 100)}...`;
}
