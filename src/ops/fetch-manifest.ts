import { EngineryError, isEngineryError } from "../core/errors.ts";
import { joinedBytes } from "../core/joined-bytes.ts";
import { below } from "../core/location.ts";
import { MANIFEST_MAX_BYTES } from "../core/metadata-rules.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import { manifestPath } from "../core/repository-paths.ts";
import type { Digester } from "../ports/digest.ts";
import type { Fetcher } from "../ports/fetcher.ts";

/**
 * One of a repository's manifests by its hash, from the first base that has it whole.
 * Errors: `trust-chain` where every base that answers has another or none; else those of Fetcher.
 */
export async function fetchManifest(
  digester: Digester,
  fetcher: Fetcher,
  bases: readonly string[],
  sha256: Sha256,
): Promise<Uint8Array> {
  let outage: EngineryError | undefined;
  for (const base of bases) {
    try {
      const bytes = await collect(fetcher, below(base, manifestPath(sha256)));
      if (digester.sha256(bytes) === sha256) return bytes;
    } catch (error) {
      if (!isEngineryError(error)) throw error;
      if (!isEngineryError(error, "missing", "length-mismatch")) outage ??= error;
    }
  }
  // one that is out of reach may have it: to try again helps
  if (outage !== undefined) throw outage;
  throw new EngineryError("trust-chain", `The repository does not have the manifest ${sha256}, or not as it was.`, {
    context: { sha256 },
  });
}

async function collect(fetcher: Fetcher, location: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const { chunks } = await fetcher.open(location, { maxBytes: MANIFEST_MAX_BYTES });
  for await (const part of chunks) {
    length += part.length;
    if (length > MANIFEST_MAX_BYTES) throw new EngineryError("length-mismatch", `${location} is too large.`);
    parts.push(part);
  }
  return joinedBytes(parts);
}
