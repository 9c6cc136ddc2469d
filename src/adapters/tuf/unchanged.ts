import { isEngineryError } from "../../core/errors.ts";
import { METADATA_ROLES } from "../../core/metadata-rules.ts";
import type { FetchedBody, Fetcher } from "../../ports/fetcher.ts";
import type { TrustSet } from "../../ports/trust.ts";
import { type Download, downloadMetadata } from "./download.ts";

/**
 * Whether TUF's client workflow (1.0, 5.3 to 5.6) would end where `known` is: the repository has no next root, its timestamp is byte for
 * byte the one that is known, and nothing of `known` has expired at `now`. An equal timestamp ends the workflow at 5.4.3, with the snapshot
 * and the targets that are known. The caller has checked that `known` is whole and signed as it must be: nothing is believed here that
 * was not before. What cannot be read is for the workflow to judge.
 */
export async function isUnchanged(download: Download, known: TrustSet, now: number): Promise<boolean> {
  try {
    if (METADATA_ROLES.some((role) => !isFresh(download, known, role, now))) return false;
    const root = download.read("root", known.get("root.json") ?? NOTHING, "root.json");
    if (await isThere(download, `${root.version + 1}.root.json`)) return false;
    const { bytes } = await downloadMetadata(download, "timestamp.json");
    return Buffer.compare(bytes, known.get("timestamp.json") ?? NOTHING) === 0;
  } catch (error) {
    if (isEngineryError(error)) return false;
    throw error;
  }
}

/** Asks for each file once: what has been looked at is not fetched again, nor what failed. For metadata, which is small. */
export function remembering(fetcher: Fetcher): Fetcher {
  const bodies = new Map<string, Promise<{ readonly start: number; readonly parts: readonly Uint8Array[] }>>();
  return {
    async open(location, options): Promise<FetchedBody> {
      const body = bodies.get(location) ?? collected(fetcher.open(location, options), options?.maxBytes ?? 0);
      bodies.set(location, body);
      const { start, parts } = await body;
      return { start, chunks: each(parts) };
    },
  };
}

const NOTHING = new Uint8Array();

function isFresh(download: Download, known: TrustSet, role: (typeof METADATA_ROLES)[number], now: number): boolean {
  const bytes = known.get(`${role}.json`);
  return bytes !== undefined && now < Date.parse(download.read(role, bytes, `${role}.json`).expires);
}

async function isThere(download: Download, name: string): Promise<boolean> {
  try {
    await downloadMetadata(download, name);
    return true;
  } catch (error) {
    if (isEngineryError(error, "missing")) return false;
    throw error;
  }
}

/** A body without an end is read no further than to where it is too long: whoever asked counts for itself. */
async function collected(opening: Promise<FetchedBody>, maxBytes: number) {
  const { start, chunks } = await opening;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of chunks) {
    parts.push(part);
    length += part.length;
    if (length > maxBytes) break;
  }
  return { start, parts };
}

async function* each(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
