import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { createFetcher } from "../../../src/adapters/fetch/fetcher.ts";
import type { Fetcher } from "../../../src/ports/fetcher.ts";
import { type Commanded, command } from "../../hostile/support/command.ts";
import { END, entry } from "../../hostile/support/raw-tar.ts";
import { RogueChannel, type RogueRelease } from "../../hostile/support/rogue-channel.ts";
import { sha256, treeOf } from "../../hostile/support/unpacking.ts";
import { makeTestWorld, type TestWorld } from "../../support/test-world.ts";

/** What a server does for one request; `sound` answers as a good one would, ranges and all. */
export type Fault = (asked: Asked, sound: () => void) => void;

export interface Asked {
  readonly path: string;
  /** From what byte on. */
  readonly start: number;
  readonly bytes: Uint8Array | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** How often this path was asked for, from 1. */
  readonly count: number;
}

export const PIECE_BYTES = 64 * 1024;
const RANDOM = randomBytes(11 * PIECE_BYTES + 1000);
/** Eleven pieces and a bit, other ones for each version. */
const contentOf = (version: string): Buffer => Buffer.concat([Buffer.from(version), RANDOM]);

/** A sound channel of one engine with two versions, on loopback, behind a server that does as it is told. */
export class FaultyRepository implements AsyncDisposable {
  readonly world: TestWorld & Disposable = makeTestWorld({
    fetcher: async ({ offline, allowHttp }) => this.#fetcher({ offline, allowHttp }),
  });
  readonly channel = new RogueChannel(this.world);
  readonly archive: { readonly path: string; readonly bytes: number };
  fault: Fault | undefined;
  /** Bytes of the archive that left the server. */
  sent = 0;
  readonly asked: { readonly path: string; readonly range: string | undefined }[] = [];
  #base = "";
  #closing: (() => Promise<void>) | undefined;
  #homes = 0;

  constructor() {
    const path = this.publish(["1.0.0"]);
    this.archive = { path, bytes: this.channel.simulator.files.get(path.slice(1))?.length ?? 0 };
  }

  static async begin(tls?: { readonly key: string; readonly cert: string }): Promise<FaultyRepository> {
    const made = new FaultyRepository();
    const answer: RequestListener = (request, response) => made.#answer(request, response);
    const server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
    server.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    made.#base = `${tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    made.#closing = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return made;
  }

  get base(): string {
    return this.#base;
  }

  newHome(): string {
    this.#homes += 1;
    return join(this.world.folder, `home-${this.#homes}`);
  }

  /** `install` into `home`; words that come after are the caller's. */
  async install(home: string, ...more: readonly string[]): Promise<Commanded> {
    const words = ["install", "--from", this.#base, "--channel", "main", "--root-sha256", this.channel.rootSha256];
    return await command(this.world, [...words, "--home", home, "--json", ...more]);
  }

  async upgrade(home: string): Promise<Commanded> {
    return await command(this.world, ["upgrade", "--home", home, "--json"]);
  }

  /** These versions and no others, each in effect ten epochs after the one before; answers the path of the last one's archive. */
  publish(versions: readonly string[]): string {
    const releases = versions.map((version, at): RogueRelease => {
      const content = contentOf(version);
      const tar = Buffer.concat([entry({ name: "toy", mode: 0o755 }, content), END]);
      return {
        version,
        validFrom: at * 10,
        archive: { format: "tar.zst", bytes: zstdCompressSync(tar) },
        tree: treeOf({ toy: content }, ["toy"]),
        entries: { toy: { path: "toy", kind: "executable" } },
      };
    });
    this.channel.publish(releases);
    return `/archives/${sha256(releases.at(-1)?.archive.bytes ?? new Uint8Array(0))}.tar.zst`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? "";
    this.asked.push({ path, range: request.headers.range });
    const bytes = this.channel.simulator.files.get(decodeURIComponent(path.slice(1)));
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const count = this.asked.filter((known) => known.path === path).length;
    const sound = () => {
      if (path === this.archive.path && bytes !== undefined) this.sent += bytes.length - start;
      serve(response, bytes, start);
    };
    if (this.fault === undefined) sound();
    else this.fault({ path, start, bytes, request, response, count }, sound);
  }

  #fetcher(options: { readonly offline: boolean; readonly allowHttp: boolean }): Fetcher {
    const timeouts = { connectMs: 500, headersMs: 250, idleMs: 250, trickleMs: 300, slowestBytesPerSecond: 100_000 };
    return createFetcher({ ...options, env: {}, userAgent: "test", timeouts, sleep: async () => undefined });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing?.();
    this.world[Symbol.dispose]();
  }
}

export function serve(response: ServerResponse, bytes: Uint8Array | undefined, start = 0): void {
  if (bytes === undefined) response.writeHead(404).end();
  else if (start === 0) response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  else if (start >= bytes.length) response.writeHead(416).end();
  else {
    const headers = {
      "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
      "content-length": bytes.length - start,
    };
    response.writeHead(206, headers).end(bytes.subarray(start));
  }
}

/** Sends what was asked for up to byte `end` of the whole, then hands the connection to `then`. */
export const partly = ({ response, bytes, start }: Asked, end: number, then: (response: ServerResponse) => void) => {
  const whole = bytes ?? new Uint8Array(0);
  const range = { "content-range": `bytes ${start}-${whole.length - 1}/${whole.length}` };
  response.writeHead(start > 0 ? 206 : 200, { "content-length": whole.length - start, ...(start > 0 ? range : {}) });
  response.write(whole.subarray(start, Math.max(start, end)), () => setTimeout(() => then(response), 5));
};

/** One bit changed in the middle. */
export const lie = (bytes: Uint8Array): Buffer => {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
};
