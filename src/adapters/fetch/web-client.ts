import type { Duplex } from "node:stream";
import type { Dispatcher } from "undici";
import { isLoopback } from "../../core/location.ts";

/** One HTTP exchange, nothing followed, nothing decoded, nothing tried twice. */
export interface WebClient {
  /** Errors: those of undici, untranslated. */
  ask(url: URL, headers: Readonly<Record<string, string>>, more?: Asking): Promise<WebAnswer>;
  /** A WebSocket's handshake: the connection, once the server has switched to it. Errors: those of undici, untranslated. */
  upgrade(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Upgraded>;
}

export interface Asking {
  /** Absent: GET. */
  readonly post?: string;
  readonly signal?: AbortSignal;
  /** The connection is closed after the answer: a server that has gone away meanwhile is no failure of the next exchange. */
  readonly single?: true;
}

export interface Upgraded {
  header(name: string): string | undefined;
  readonly connection: Duplex;
}

export interface WebAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives the connection up. */
  cancel(): void;
}

export interface WebSettings {
  readonly userAgent: string;
  readonly proxies: Proxies;
  readonly timeouts: Pick<Timeouts, "connectMs" | "headersMs" | "idleMs">;
  /** As npm's configuration may say; absent: Node's own. */
  readonly tls?: Tls | undefined;
}

export interface Tls {
  readonly ca?: string | string[] | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Empty: none. */
export interface Proxies {
  readonly http: string;
  readonly https: string;
  readonly none: string;
}

export interface Timeouts {
  readonly connectMs: number;
  readonly headersMs: number;
  /** Between two chunks of a body. */
  readonly idleMs: number;
  /** A body that brings less than `slowestBytesPerSecond` over this long is given up. */
  readonly trickleMs: number;
  readonly slowestBytesPerSecond: number;
}

/** What the environment says, lower case first, as curl reads it. */
export function proxiesOf(env: Readonly<Record<string, string | undefined>>): Proxies {
  const read = (name: string) => env[name] ?? env[name.toUpperCase()] ?? "";
  return { http: read("http_proxy"), https: read("https_proxy"), none: read("no_proxy") };
}

/** undici is loaded by the first exchange, and what it has for proxies by the first that goes through one. */
export function createWebClient(settings: WebSettings): WebClient {
  const direct = once(async () => {
    const { DirectAgent } = await import("./undici-parts.ts");
    return new DirectAgent(connectOptions(settings));
  });
  const proxied = once(async () => {
    await import("./undici-parts.ts");
    const { default: EnvHttpProxyAgent } = await import("undici/lib/dispatcher/env-http-proxy-agent.js");
    const { http, https, none } = settings.proxies;
    const options = connectOptions(settings);
    return new EnvHttpProxyAgent({
      ...options,
      requestTls: options.connect,
      httpProxy: http,
      httpsProxy: https,
      noProxy: none,
    });
  });
  const hasProxy = settings.proxies.http !== "" || settings.proxies.https !== "";
  // A proxy would take "this machine" for its own.
  const dispatcher = (url: URL): Promise<Dispatcher> => (hasProxy && !isLoopback(url.hostname) ? proxied() : direct());

  async function ask(
    url: URL,
    headers: Readonly<Record<string, string>>,
    { post, signal, single }: Asking = {},
  ): Promise<WebAnswer> {
    const answer = await (await dispatcher(url)).request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      ...(post === undefined ? { method: "GET" } : { method: "POST", body: post }),
      ...(signal === undefined ? {} : { signal }),
      ...(single === undefined ? {} : { reset: single }),
      headersTimeout: settings.timeouts.headersMs,
      bodyTimeout: settings.timeouts.idleMs,
      headers: { accept: "*/*", "accept-encoding": "identity", "user-agent": settings.userAgent, ...headers },
    });
    // A body that is given up says so in an error of its own, which nobody waits for.
    answer.body.on("error", () => {});
    return {
      status: answer.statusCode,
      header: (name) => [answer.headers[name] ?? []].flat()[0],
      body: answer.body,
      cancel: () => void answer.body.destroy(),
    };
  }

  async function upgrade(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Upgraded> {
    // an agent needs the origin, which undici's types leave to its `upgrade` of whole URLs
    const asked = {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      protocol: "websocket",
      signal,
      headers: { "user-agent": settings.userAgent, ...headers },
    };
    const answer = await (await dispatcher(url)).upgrade(asked);
    return { header: (name) => [answer.headers[name] ?? []].flat()[0], connection: answer.socket };
  }

  return { ask, upgrade };
}

function connectOptions({ timeouts, tls }: WebSettings) {
  const { ca, cert, key, rejectUnauthorized } = tls ?? {};
  return {
    connect: {
      timeout: timeouts.connectMs,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
