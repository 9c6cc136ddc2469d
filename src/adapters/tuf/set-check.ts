import type { Metadata, Root } from "@tufjs/models";
import { EngineryError, isEngineryError } from "../../core/errors.ts";
import { type CheckedMetadata, METADATA_ROLES, type MetadataRole } from "../../core/metadata-rules.ts";
import type { Digester } from "../../ports/digest.ts";
import type { TrustProblem, TrustSet } from "../../ports/trust.ts";
import { parseMetadata } from "./metadata-bytes.ts";
import { type MetadataReader, parseMetadataName } from "./metadata-reader.ts";

export interface SetCheckers {
  readonly read: MetadataReader;
  readonly digester: Digester;
}

/**
 * What is wrong with a set of metadata by itself, expiry aside: forms, the chain of roots, signatures against its own root, and
 * what each file says about the next. Roles that are not there are not missed.
 */
export function checkSet(checkers: SetCheckers, set: TrustSet): readonly TrustProblem[] {
  const foreign = [...set.keys()].filter((file) => !isSetName(file));
  if (foreign.length > 0)
    return foreign.map((file) => problem(file, "trust-format", `${file} belongs to no trust set.`));
  try {
    checkRoots(checkers, set);
    checkRoles(checkers, set);
    return [];
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    return [problem(String(error.context["file"] ?? "root.json"), codeOf(error), error.message)];
  }
}

/** Errors: `trust-root` where `next` is not what `before` (or, without one, itself) says a root must be signed by. */
export function checkRootStep(before: Uint8Array | undefined, next: Uint8Array, file: string): void {
  const root = parseMetadata("root", next) as Metadata<Root>;
  if (before !== undefined)
    verify(parseMetadata("root", before) as Metadata<Root>, "root", root, file, "the root before it");
  verify(root, "root", root, file, "itself");
}

/** `1.root.json` and so on in order of their versions, which have no gap, and `root.json`, which is the last of them. */
function checkRoots({ read }: SetCheckers, set: TrustSet): void {
  const newest = required(set, "root.json");
  const newestVersion = read("root", newest, "root.json").version;
  const files = [...set.keys()].filter((file) => file.endsWith(".root.json")).map((file) => parseInt(file, 10));
  const first = Math.min(newestVersion, ...files);
  for (let version = first; version <= newestVersion; version += 1) {
    const file = `${version}.root.json`;
    const bytes = version === newestVersion ? (set.get(file) ?? newest) : required(set, file);
    const found = read("root", bytes, file).version;
    if (found !== version) throw broken(file, `${file} holds version ${found}.`);
    checkRootStep(version === first ? undefined : set.get(`${version - 1}.root.json`), bytes, file);
    if (version === newestVersion && !same(bytes, newest)) throw broken(file, `${file} is not root.json.`);
  }
  const beyond = files.find((version) => version > newestVersion);
  if (beyond !== undefined) throw broken(`${beyond}.root.json`, `${beyond}.root.json is newer than root.json.`);
}

function checkRoles(checkers: SetCheckers, set: TrustSet): void {
  const root = parseMetadata("root", required(set, "root.json")) as Metadata<Root>;
  let before: CheckedMetadata | undefined;
  for (const role of METADATA_ROLES.slice(1)) {
    const file = `${role}.json`;
    const bytes = set.get(file);
    if (bytes === undefined) {
      refuseLater(set, role);
      return;
    }
    const checked = checkers.read(role, bytes, file);
    verify(root, role, parseMetadata(role, bytes), file, "the root");
    if (before !== undefined) checkLink(checkers, before, file, bytes, checked.version);
    before = checked;
  }
}

/** A set grows from the root on: what a missing role vouches for cannot be there. */
function refuseLater(set: TrustSet, missing: MetadataRole): void {
  const later = METADATA_ROLES.slice(METADATA_ROLES.indexOf(missing) + 1).find((role) => set.has(`${role}.json`));
  if (later !== undefined) throw broken(`${missing}.json`, `${missing}.json is not there, and ${later}.json is.`);
}

function checkLink(
  { digester }: SetCheckers,
  before: CheckedMetadata,
  file: string,
  bytes: Uint8Array,
  version: number,
): void {
  const signed = before.files.get(file);
  const same = signed === undefined || (signed.length === bytes.length && signed.sha256 === digester.sha256(bytes));
  if (before.versions.get(file) === version && same) return;
  throw broken(file, `${file} (version ${version}) is not what ${before.role}.json says it is.`);
}

/** What `@tufjs/models` refuses is a `trust-signature`; its other errors were met by the strict reading before. */
function verify(
  root: Metadata<Root>,
  role: MetadataRole,
  metadata: Parameters<typeof root.verifyDelegate>[1],
  file: string,
  whose: string,
) {
  try {
    root.verifyDelegate(role, metadata);
  } catch (cause) {
    const how = cause instanceof Error ? cause.message : String(cause);
    throw new EngineryError("trust-signature", `${file} has too few signatures by the keys of ${whose}: ${how}.`, {
      cause,
      context: { file, role },
    });
  }
}

function required(set: TrustSet, file: string): Uint8Array {
  const bytes = set.get(file);
  if (bytes === undefined) throw broken(file, `${file} is not there.`);
  return bytes;
}

function isSetName(file: string): boolean {
  const name = parseMetadataName(file);
  return name !== undefined && (name.role === "root" || name.version === undefined);
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function broken(file: string, message: string): EngineryError {
  return new EngineryError("trust-format", message, { context: { file } });
}

function codeOf(error: EngineryError): TrustProblem["code"] {
  return error.code === "trust-signature" ? "trust-signature" : "trust-format";
}

function problem(file: string, code: TrustProblem["code"], message: string): TrustProblem {
  return { file, code, message };
}
