import type { EpochSourceSpec } from "../../core/epoch-source.ts";
import type { EpochSource } from "../../ports/epoch-source.ts";
import { createChildProcess } from "../child-process.ts";
import { createWebClient, proxiesOf } from "../fetch/web-client.ts";
import { commandSource } from "./command.ts";
import { fileSource } from "./file.ts";
import { cometbftSource, httpSource, substrateSource } from "./node-sources.ts";

export interface EpochSourceSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
}

/** A whole reading has a time of its own; within it a connection may take this long. */
const TIMEOUTS = { connectMs: 10_000, headersMs: 30_000, idleMs: 30_000 };

/** Opens nothing yet. */
export function createEpochSource(spec: EpochSourceSpec, settings: EpochSourceSettings): EpochSource {
  const { env, userAgent } = settings;
  const client = createWebClient({ userAgent, timeouts: TIMEOUTS, proxies: proxiesOf(env) });
  switch (spec.kind) {
    case "file":
      return fileSource(spec);
    case "command":
      return commandSource(spec, createChildProcess(), env);
    case "http":
      return httpSource(spec, client);
    case "cometbft":
      return cometbftSource(spec, client);
    case "substrate":
      return substrateSource(spec, client);
  }
}
