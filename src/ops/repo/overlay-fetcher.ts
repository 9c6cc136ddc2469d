import { EngineryError } from "../../core/errors.ts";
import type { Fetcher } from "../../ports/fetcher.ts";
import type { Repository } from "../../store/repository.ts";

/** The repository as a client would see it if `files` (path to bytes) were in it already. Nothing is written. */
export function overlayFetcher(repository: Repository, files: ReadonlyMap<string, Uint8Array>): Fetcher {
  return {
    async open(location, options) {
      const path = location.slice(repository.directory.length + 1);
      const bytes = files.get(path) ?? repository.read(path);
      if (bytes === undefined)
        throw new EngineryError("missing", `${location} is not there.`, { context: { location } });
      if (options?.maxBytes !== undefined && bytes.length > options.maxBytes)
        throw new EngineryError("length-mismatch", `${location} has more than ${options.maxBytes} bytes.`);
      const start = options?.start ?? 0;
      return { start, chunks: once(bytes.subarray(start)) };
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
