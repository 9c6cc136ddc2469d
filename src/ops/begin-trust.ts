import { EngineryError } from "../core/errors.ts";
import type { Config } from "../core/model/home.ts";
import type { TrustKeeper, TrustSet } from "../ports/trust.ts";
import type { Home } from "../store/home.ts";
import type { InstallRequest } from "./operator.ts";

/** The trusted root of a first install: as a file or a fingerprint, never on first use (DESIGN: Trust). Errors: `root-required`, `trust-root`. */
export async function beginTrust(
  request: InstallRequest,
  keeper: TrustKeeper,
  bases: readonly string[],
  home: Home | undefined,
): Promise<TrustSet> {
  if (request.root !== undefined) return await keeper.begin({ bases, root: { bytes: request.root } });
  if (request.rootSha256 !== undefined) return await keeper.begin({ bases, root: { sha256: request.rootSha256 } });
  const number = home?.trust.newest();
  if (home !== undefined && number !== undefined) return home.trust.read(number);
  throw new EngineryError("root-required", "A first install needs the publisher's trusted root, and none was given.");
}

/** Config of a home that is about to be made, from what the command says. Errors: `usage`. */
export function firstConfig(request: InstallRequest): Config {
  const { from, channel, mirrors, platform, allowHttp } = request;
  if (from === undefined || channel === undefined) {
    throw new EngineryError("usage", "A first install needs --from and --channel.", {
      hint: "enginery install --from URL --channel NAME --root FILE",
    });
  }
  return {
    format: 1,
    repository: from,
    channel,
    ...(mirrors === undefined || mirrors.length === 0 ? {} : { mirrors }),
    ...(platform === undefined ? {} : { platform }),
    ...(allowHttp ? { allowHttp } : {}),
  };
}

/** A home follows one repository and one channel for its life. Errors: `home-exists`. */
export function requireSameSource(request: InstallRequest, config: Config, home: string): void {
  const { from, channel } = request;
  if ((from === undefined || from === config.repository) && (channel === undefined || channel === config.channel))
    return;
  throw new EngineryError("home-exists", `${home} follows the channel ${config.channel} of ${config.repository}.`, {
    context: { repository: config.repository, channel: config.channel },
  });
}
