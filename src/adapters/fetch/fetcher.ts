import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { EngineryError } from "../../core/errors.ts";
import { parseLocation, redacted } from "../../core/location.ts";
import type { FetchedBody, Fetcher, FetchOptions } from "../../ports/fetcher.ts";
import { credentialsOf } from "./credentials.ts";
import { openLocal } from "./local.ts";
import { createNpmRegistry } from "./npm.ts";
import { openWeb } from "./open-web.ts";
import { createWebClient, proxiesOf, type Timeouts } from "./web-client.ts";

export interface FetcherSettings {
  readonly offline: boolean;
  /** Plain http: to other hosts than this machine. */
  readonly allowHttp: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  readonly timeouts?: Partial<Timeouts>;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** The folder whose `.npmrc` counts; absent: the working folder. */
  readonly cwd?: string;
}

const TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  headersMs: 30_000,
  idleMs: 30_000,
  trickleMs: 60_000,
  slowestBytesPerSecond: 1024,
};

const waiting = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Network code is loaded by the first location that needs it. */
export function createFetcher(settings: FetcherSettings): Fetcher {
  const { env, userAgent, offline, allowHttp } = settings;
  const timeouts = { ...TIMEOUTS, ...settings.timeouts };
  const base = { timeouts, sleep: settings.sleep ?? waiting };
  const client = createWebClient({ userAgent, timeouts, proxies: proxiesOf(env) });
  const npm = createNpmRegistry({
    env,
    cwd: () => settings.cwd ?? workingFolder(),
    allowHttp,
    web: { userAgent, timeouts },
    rules: base,
  });

  async function open(text: string, options: FetchOptions = {}): Promise<FetchedBody> {
    const location = parseLocation(text, { allowHttp });
    if (location.kind === "folder") return openLocal(location.path, options);
    if (location.kind === "file") return openLocal(pathOf(location.url), options);
    if (location.kind === "embedded")
      return (await import("../carried/own-payload.ts")).openCarried(location.path, options);
    if (offline) throw offlineError(text);
    if (location.kind === "npm") return npm.open(location.name, location.version, options);
    const url = new URL(location.url);
    return openWeb({ ...base, client, otherOrigins: false, headersFor: credentialsOf(url) }, url, options);
  }

  return { open };
}

/** It may be gone under us: then no project's `.npmrc` counts. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return tmpdir();
  }
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new EngineryError("source-refused", `The address ${url} names no file of this machine.`, { cause: error });
  }
}

function offlineError(location: string): EngineryError {
  return new EngineryError("offline", `${redacted(location)} is needed, and the network is not to be used.`, {
    context: { location: redacted(location) },
  });
}
