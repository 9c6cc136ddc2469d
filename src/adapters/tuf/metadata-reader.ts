import { EngineryError, isEngineryError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import type { MetadataPolicy } from "../../core/metadata-policy.ts";
import {
  type CheckedMetadata,
  checkMetadata,
  METADATA_MAX_BYTES,
  type MetadataRole,
} from "../../core/metadata-rules.ts";
import type { Digester } from "../../ports/digest.ts";

/** The form of a metadata file, checked before any library parses it. Errors: `trust-format`. */
export type MetadataReader = (role: MetadataRole, bytes: Uint8Array, what: string) => CheckedMetadata;

export function createMetadataReader(digester: Digester, policy: MetadataPolicy): MetadataReader {
  const encoder = new TextEncoder();
  return (role, bytes, what) => {
    const maxBytes = METADATA_MAX_BYTES[role];
    if (bytes.length > maxBytes) throw tooLarge(what, maxBytes);
    return checkMetadata(role, parse(bytes, what), what, (text) => digester.sha256(encoder.encode(text)), policy);
  };
}

function parse(bytes: Uint8Array, what: string) {
  try {
    return parseJson(bytes, what, { maxDepth: 16 });
  } catch (cause) {
    if (!isEngineryError(cause, "document-invalid")) throw cause;
    throw new EngineryError("trust-format", cause.message, { cause, context: { file: what } });
  }
}

export function tooLarge(what: string, maxBytes: number): EngineryError {
  return new EngineryError("trust-format", `${what} is larger than the ${maxBytes} bytes that are allowed.`, {
    context: { file: what, maxBytes },
  });
}

export interface MetadataName {
  readonly role: MetadataRole;
  readonly version: number | undefined;
}

/** `7.root.json`, `timestamp.json`; undefined for any other name. */
export function parseMetadataName(name: string): MetadataName | undefined {
  const [, version, role] = /^(?:([1-9]\d{0,15})\.)?(root|timestamp|snapshot|targets)\.json$/.exec(name) ?? [];
  if (role === undefined) return undefined;
  return { role: role as MetadataRole, version: version === undefined ? undefined : Number(version) };
}

/** As `parseMetadataName`, and `3.NAME.json` for the targets of a delegated role, NAME percent-encoded. */
export function parseServedName(name: string): MetadataName | undefined {
  const topLevel = parseMetadataName(name);
  if (topLevel !== undefined) return topLevel;
  const [, version, role] = /^(?:([1-9]\d{0,15})\.)?([^/?#]+)\.json$/.exec(name) ?? [];
  if (role === undefined) return undefined;
  return { role: "targets", version: version === undefined ? undefined : Number(version) };
}
