import type { Config } from "../core/model/home.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { NetworkRequest } from "./operator.ts";
import type { World } from "./world.ts";

/** Where the channel is served: the repository, then its mirrors. */
export function basesOf({ repository, mirrors }: Pick<Config, "repository" | "mirrors">): readonly string[] {
  return [repository, ...(mirrors ?? [])];
}

/** What is said on the command line goes before config.json (docs/CLI.md). Loads no network code by itself. */
export function fetcherFor(
  world: World,
  { offline, allowHttp }: Pick<NetworkRequest, "offline" | "allowHttp">,
  config: Pick<Config, "allowHttp">,
): Promise<Fetcher> {
  return world.fetcher({ offline, allowHttp: allowHttp || config.allowHttp === true });
}
