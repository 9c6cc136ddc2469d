import { chmodSync, lstatSync, statSync, unlinkSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { EngineryError } from "../../core/errors.ts";
import { isLoopback } from "../../core/location.ts";
import type { MetricsAddress } from "../../core/watch/metrics-address.ts";
import type { ListeningServer, MetricsAnswer, MetricsServer } from "../../ports/metrics-server.ts";
import { calling, errnoOf, translateErrno } from "../errno.ts";

/** A scrape is small and quick: whoever is slower, or one of more, is let go. */
const LIMITS = {
  connections: 16,
  headersMs: 5_000,
  requestMs: 10_000,
  headerBytes: 8 * 1024,
  idleMs: 15_000,
  checkingMs: 1_000,
} as const;
/** Owner and group: the collector runs as another account. */
const SOCKET_MODE = 0o660;

export const metricsServer: MetricsServer = { listen };

async function listen(
  address: MetricsAddress,
  answer: (path: string) => MetricsAnswer | undefined,
): Promise<ListeningServer> {
  const checksHost = address.kind === "tcp";
  const server = createServer(
    {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersMs,
      requestTimeout: LIMITS.requestMs,
      connectionsCheckingInterval: LIMITS.checkingMs,
    },
    (request, response) => reply(request, response, checksHost, answer),
  );
  server.maxConnections = LIMITS.connections;
  server.keepAliveTimeout = LIMITS.idleMs;
  server.timeout = LIMITS.idleMs;
  if (address.kind === "unix") await clear(address.path);
  await bound(server, address);
  return {
    name: nameOf(server, address),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function reply(
  request: IncomingMessage,
  response: ServerResponse,
  checksHost: boolean,
  answer: (path: string) => MetricsAnswer | undefined,
): void {
  const found = mayAsk(request, checksHost) ? answer((request.url ?? "").replace(/\?.*$/s, "")) : undefined;
  const { status, type, body } = found ?? { status: 404, type: "text/plain; charset=utf-8", body: "not found\n" };
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** A page of the web that has its own name point at this machine asks with that name. */
function mayAsk({ method, headers }: IncomingMessage, checksHost: boolean): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  return !checksHost || isLoopback((headers.host ?? "").replace(/:\d+$/, ""));
}

function bound(server: Server, address: MetricsAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const where = spell(address);
    server.once("error", (error) => {
      const taken = errnoOf(error) === "EADDRINUSE";
      reject(taken ? inUse(where) : translateErrno(error, "listen", where));
    });
    if (address.kind === "tcp") {
      server.listen({ host: address.host, port: address.port, exclusive: true }, resolve);
      return;
    }
    // the name is there at once, and nobody else may ask before its mode is what it should be
    const mask = process.umask(0o777 & ~SOCKET_MODE);
    try {
      server.listen(address.path, () => {
        calling("chmod", address.path, () => chmodSync(address.path, SOCKET_MODE));
        resolve();
      });
    } finally {
      process.umask(mask);
    }
  });
}

/** A socket that a dead process left is removed; one that answers, or what is no socket, stays. */
async function clear(path: string): Promise<void> {
  // the system would call a folder that is missing forbidden
  calling("stat", dirname(path), () => statSync(dirname(path)));
  const status = calling("lstat", path, () => lstatSync(path), { ENOENT: undefined as never });
  if (status === undefined) return;
  if (!status.isSocket()) {
    throw new EngineryError("refused", `${path} is no socket: it is not replaced.`, { context: { path } });
  }
  if (await answers(path)) throw inUse(`unix:${path}`);
  calling("unlink", path, () => unlinkSync(path), { ENOENT: undefined });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect(path);
    const done = (known: boolean) => {
      socket.destroy();
      resolve(known);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}

function inUse(where: string): EngineryError {
  return new EngineryError("busy", `Somebody else listens at ${where} already.`, {
    hint: "Name another address for metrics, or end the other one.",
    context: { address: where },
  });
}

function nameOf(server: Server, address: MetricsAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
  return `http://${spell({ ...address, port })}`;
}

function spell(address: MetricsAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}
