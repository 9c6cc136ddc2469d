import { EngineryError, isEngineryError } from "../core/errors.ts";
import { below } from "../core/location.ts";
import type { DeltaReference, Version } from "../core/model/manifest.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { ProgressBar } from "../ports/reporter.ts";
import type { PartialDownload } from "../store/cache.ts";
import type { Home } from "../store/home.ts";
import { repositoryLayout } from "../store/repository-layout.ts";
import { mirrors } from "./mirrors.ts";
import type { World } from "./world.ts";

export interface DeltaRequest {
  readonly engine: string;
  readonly version: Version;
  readonly delta: DeltaReference;
  readonly bases: readonly string[];
  readonly fetcher: Fetcher;
}

const MAX_RESUMES = 20;

/**
 * The delta in the cache, whole and hashed: what comes of it may be parsed. A broken download goes on where it stopped, now or at the next upgrade.
 * Errors: `hash-mismatch`, `length-mismatch`, those of Fetcher.
 */
export async function fetchDelta(
  world: World,
  home: Home,
  request: DeltaRequest,
  onDownloaded: (bytes: number) => void,
): Promise<PartialDownload> {
  const { engine, version, delta, bases } = request;
  const partial = home.cache.partial(delta.sha256);
  using bar = world.reporter.progress(`${engine} ${version} (delta)`, delta.bytes);
  const locations = bases.map((base) => below(base, repositoryLayout.delta(delta.sha256)));
  await mirrors(world, locations, async (location) => {
    for (let resumes = 0; ; resumes += 1) {
      const before = partial.bytes;
      try {
        await goOn(world, request, partial, location, bar, onDownloaded);
        return;
      } catch (error) {
        const broken = isEngineryError(error, "network", "timeout") && partial.bytes > before && resumes < MAX_RESUMES;
        // what lay in the cache may be what is wrong: once more from the first byte, then it is the mirror
        const tainted = isEngineryError(error, "hash-mismatch", "length-mismatch") && before > 0;
        if (isEngineryError(error, "hash-mismatch", "length-mismatch")) partial.discard();
        if (!broken && !tainted) throw error;
        world.reporter.note(`${error.message} Going on from byte ${partial.bytes}.`);
      }
    }
  });
  return partial;
}

async function goOn(
  world: World,
  { delta, fetcher }: DeltaRequest,
  partial: PartialDownload,
  location: string,
  bar: ProgressBar,
  onDownloaded: (bytes: number) => void,
): Promise<void> {
  const digest = world.digester.start();
  let bytes = 0;
  for (const chunk of partial.read()) {
    digest.update(chunk);
    bytes += chunk.length;
  }
  if (bytes > delta.bytes) throw wrong(delta, "length-mismatch", bytes);
  if (bytes < delta.bytes) {
    const body = await fetcher.open(location, { start: bytes, maxBytes: delta.bytes });
    let skip = bytes - body.start;
    for await (const chunk of body.chunks) {
      const part = chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
      if (part.length === 0) continue;
      digest.update(part);
      partial.append(part);
      bytes += part.length;
      bar.advance(part.length);
      onDownloaded(part.length);
    }
  }
  if (bytes !== delta.bytes) throw wrong(delta, bytes < delta.bytes ? "network" : "length-mismatch", bytes);
  if (digest.finish() !== delta.sha256) throw wrong(delta, "hash-mismatch", bytes);
}

function wrong(delta: DeltaReference, code: "hash-mismatch" | "length-mismatch" | "network", found: number) {
  const what =
    code === "hash-mismatch"
      ? "A delta is not the one that was signed."
      : `A delta has ${found} bytes instead of the ${delta.bytes} that were signed.`;
  return new EngineryError(code, what, { context: { delta: delta.sha256, expectedBytes: delta.bytes, found } });
}
