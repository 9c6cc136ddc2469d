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

/** undici costs some 85 ms to load: it is loaded by the first exchange. */
export function createWebClient(settings: WebSettings): WebClient {
  const prepare = once(async () => {
    // The whole library and not its names: a bundled CommonJS library has none but this.
    const { default: undici } = await import("undici");
    const direct = once(() => new undici.Agent(connectOptions(settings)));
    const proxied = once(() => {
      const { http, https, none } = settings.proxies;
      const options = connectOptions(settings);
      return new undici.EnvHttpProxyAgent({
        ...options,
        requestTls: options.connect,
        httpProxy: http,
        httpsProxy: https,
        noProxy: none,
      });
    });
    const hasProxy = settings.proxies.http !== "" || settings.proxies.https !== "";
    // A proxy would take "this machine" for its own.
    const dispatcher = (url: URL): Dispatcher => (hasProxy && !isLoopback(url.hostname) ? proxied() : direct());
    return { request: undici.request, upgrade: undici.upgrade, dispatcher };
  });

  async function ask(
    url: URL,
    headers: Readonly<Record<string, string>>,
    { post, signal, single }: Asking = {},
  ): Promise<WebAnswer> {
    const { request, dispatcher } = await prepare();
    const answer = await request(withoutCredentials(url), {
      dispatcher: dispatcher(url),
      ...(post === undefined ? {} : { method: "POST", body: post }),
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
    const { upgrade: switchTo, dispatcher } = await prepare();
    const answer = await switchTo(withoutCredentials(url), {
      dispatcher: dispatcher(url),
      protocol: "websocket",
      signal,
      headers: { "user-agent": settings.userAgent, ...headers },
    });
    return { header: (name) => [answer.headers[name] ?? []].flat()[0], connection: answer.socket };
  }

  return { ask, upgrade };
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
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
