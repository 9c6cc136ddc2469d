import { EngineryError, isEngineryError } from "../../core/errors.ts";
import { redacted } from "../../core/location.ts";
import type { Sha256 } from "../../core/model/manifest.ts";
import type { TrustSet } from "../../ports/trust.ts";
import { type Download, downloadMetadata } from "./download.ts";
import type { MetadataReader } from "./metadata-reader.ts";
import { checkRootStep } from "./set-check.ts";

/** Versions of the root that are walked in search of a fingerprint. */
const MAX_ROOT_VERSIONS = 1024;

/** The file that the operator was given. It must be signed as it says itself. Errors: `trust-root`. */
export function beginFromBytes(read: MetadataReader, bytes: Uint8Array): TrustSet {
  try {
    const { version } = read("root", bytes, "The root");
    checkRootStep(undefined, bytes, "The root");
    return new Map([
      ["root.json", bytes],
      [`${version}.root.json`, bytes],
    ]);
  } catch (cause) {
    if (!isEngineryError(cause)) throw cause;
    throw new EngineryError("trust-root", `The file given as trusted root is none: ${cause.message}`, {
      cause,
      hint: "Give the file root.json of the publisher.",
      context: cause.context,
    });
  }
}

/**
 * From `1.root.json` upward, each signed by the one before, until one has the fingerprint. Nothing is believed before, and what
 * comes after is left to the refresh. Errors: `trust-root`, `trust-signature`, `trust-format`, and those of Fetcher.
 */
export async function beginFromFingerprint(download: Download, fingerprint: Sha256): Promise<TrustSet> {
  const wanted = fingerprint.toLowerCase();
  const walked = new Map<string, Uint8Array>();
  let before: Uint8Array | undefined;
  for (let version = 1; version <= MAX_ROOT_VERSIONS; version += 1) {
    const file = `${version}.root.json`;
    const bytes = await downloadRoot(download, file, version > 1);
    if (bytes === undefined) break;
    checkRootStep(before, bytes, file);
    walked.set(file, bytes);
    if (download.digester.sha256(bytes) === wanted) return walked.set("root.json", bytes);
    before = bytes;
  }
  throw new EngineryError(
    "trust-root",
    `None of the ${walked.size} versions of the root at ${redacted(download.base)} has the fingerprint ${wanted}.`,
    { context: { expected: wanted, newest: before && download.digester.sha256(before) } },
  );
}

async function downloadRoot(download: Download, file: string, mayEnd: boolean): Promise<Uint8Array | undefined> {
  try {
    return (await downloadMetadata(download, file)).bytes;
  } catch (error) {
    if (mayEnd && isEngineryError(error, "missing")) return undefined;
    throw error;
  }
}
