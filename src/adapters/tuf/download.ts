import { EngineryError, isEngineryError } from "../../core/errors.ts";
import { below, redacted } from "../../core/location.ts";
import type { CheckedMetadata, SignedFile } from "../../core/metadata-rules.ts";
import { MANIFEST_MAX_BYTES, METADATA_MAX_BYTES } from "../../core/metadata-rules.ts";
import { servedManifestPath } from "../../core/repository-paths.ts";
import type { Digester } from "../../ports/digest.ts";
import type { Fetcher } from "../../ports/fetcher.ts";
import { type MetadataReader, parseServedName, tooLarge } from "./metadata-reader.ts";

export interface Download {
  readonly fetcher: Fetcher;
  /** The repository's. */
  readonly base: string;
  /** Where a file of metadata is served. */
  readonly metadataAt: (name: string) => string;
  readonly read: MetadataReader;
  readonly digester: Digester;
}

export interface DownloadedMetadata {
  readonly bytes: Uint8Array;
  readonly checked: CheckedMetadata;
}

/**
 * One file of `metadata/`, its form checked and its version the one that its name says. Nothing of it is believed yet.
 * Errors: `trust-format`, `trust-rollback` (an older version under this name), and those of Fetcher.
 */
export async function downloadMetadata(download: Download, name: string): Promise<DownloadedMetadata> {
  const { fetcher, base, metadataAt, read } = download;
  const asked = parseServedName(name);
  if (asked === undefined) throw new EngineryError("internal", `${name} is not the name of a metadata file.`);
  const maxBytes = METADATA_MAX_BYTES[asked.role];
  const bytes = await collect(fetcher, metadataAt(name), maxBytes, tooLarge(name, maxBytes));
  const checked = read(asked.role, bytes, name);
  if (asked.version !== undefined && checked.version !== asked.version) {
    throw new EngineryError(
      checked.version < asked.version ? "trust-rollback" : "trust-format",
      `${name} at ${redacted(base)} holds version ${checked.version} of ${asked.role}, and not ${asked.version}.`,
      { context: { role: asked.role, expected: asked.version, found: checked.version } },
    );
  }
  return { bytes, checked };
}

/** Errors: `length-mismatch`, `hash-mismatch`, and those of Fetcher. */
export async function downloadManifest(
  { fetcher, base, digester }: Download,
  channel: string,
  signed: SignedFile,
): Promise<Uint8Array> {
  const where = `The manifest of ${channel} at ${redacted(base)}`;
  const context = { channel, bytes: signed.length, sha256: signed.sha256 };
  if (signed.length > MANIFEST_MAX_BYTES) {
    throw new EngineryError("trust-format", `${where} is signed as ${signed.length} bytes, which is too many.`, {
      context,
    });
  }
  const wrongLength = new EngineryError(
    "length-mismatch",
    `${where} is not the ${signed.length} bytes that were signed.`,
    {
      context,
    },
  );
  const location = below(base, servedManifestPath(channel, signed.sha256));
  const bytes = await collect(fetcher, location, signed.length, wrongLength);
  if (bytes.length !== signed.length) throw wrongLength;
  const found = digester.sha256(bytes);
  if (found !== signed.sha256) {
    throw new EngineryError("hash-mismatch", `${where} is not the one that was signed.`, {
      context: { ...context, found },
    });
  }
  return bytes;
}

/** All of a body, whose bytes beyond `maxBytes` are not asked for. Errors: `tooMany`, and those of Fetcher. */
export async function collect(
  fetcher: Fetcher,
  location: string,
  maxBytes: number,
  tooMany: EngineryError,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const body = await fetcher.open(location, { maxBytes });
    for await (const part of body.chunks) {
      length += part.length;
      if (length > maxBytes) throw tooMany;
      parts.push(part);
    }
  } catch (error) {
    throw isEngineryError(error, "length-mismatch") ? tooMany : error;
  }
  return Buffer.concat(parts);
}
