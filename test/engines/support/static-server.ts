import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { pipeline } from "node:stream/promises";

export interface Served {
  readonly path: string;
  readonly status: number;
  /** Body bytes that were sent. */
  readonly bytes: number;
}

/** A folder over HTTP on loopback, with a log of what was asked. Stops when disposed. */
export interface StaticServer extends AsyncDisposable {
  readonly url: string;
  readonly log: Served[];
  /** What was served since the log was last cleared, of files under `folder`. */
  served(folder: string): readonly Served[];
}

export async function serveFolder(root: () => string): Promise<StaticServer> {
  const log: Served[] = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const file = join(root(), normalize(path));
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) {
      log.push({ path, status: 404, bytes: 0 });
      response.writeHead(404).end();
      return;
    }
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const status = start > 0 ? 206 : 200;
    log.push({ path, status, bytes: stat.size - start });
    response.writeHead(status, {
      "content-length": stat.size - start,
      "accept-ranges": "bytes",
      ...(start > 0 ? { "content-range": `bytes ${start}-${stat.size - 1}/${stat.size}` } : {}),
    });
    await pipeline(createReadStream(file, { start }), response).catch(() => response.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    served: (folder) => log.filter(({ path, status }) => path.startsWith(`/${folder}/`) && status < 300),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
