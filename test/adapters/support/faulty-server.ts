import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server of this machine whose every answer is a function; `count` is how often that path was asked for, from 1. */
export interface FaultyServer extends AsyncDisposable {
  readonly base: string;
  readonly requests: { readonly path: string; readonly headers: IncomingMessage["headers"] }[];
}

export async function startServer(answers: Readonly<Record<string, Answer>>): Promise<FaultyServer> {
  const requests: { path: string; headers: IncomingMessage["headers"] }[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push({ path, headers: request.headers });
    const answer = answers[path] ?? ((_, reply) => reply.writeHead(404).end("none"));
    answer(request, response, requests.filter((known) => known.path === path).length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Serves `bytes` with ranges, as a good server does. */
export function serving(bytes: Uint8Array): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (start === 0) {
      response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    } else if (start >= bytes.length) {
      response.writeHead(416).end();
    } else {
      const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
      response
        .writeHead(206, { "content-range": range, "content-length": bytes.length - start })
        .end(bytes.subarray(start));
    }
  };
}

/** Says that all will come, sends the first `count` bytes and breaks the connection off. */
export function breaking(bytes: Uint8Array, count: number): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    const headers = { "content-length": bytes.length - start, ...(start > 0 ? { "content-range": range } : {}) };
    response.writeHead(start > 0 ? 206 : 200, headers);
    response.write(bytes.subarray(start, start + count), () => setTimeout(() => response.destroy(), 20));
  };
}
