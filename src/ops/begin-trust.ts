import { EngineryError } from "../core/errors.ts";
import type { Config } from "../core/model/home.ts";
import type { TrustKeeper, TrustSet } from "../ports/trust.ts";
import type { Home } from "../store/home.ts";
import type { InstallRequest } from "./operator.ts";
import { ROOT_AGAIN, trustSetProblem } from "./trust-state.ts";
import type { World } from "./world.ts";

/**
 * The trusted root of a first install: as a file or a fingerprint, never on first use (DESIGN: Trust). What a home believes already goes on
 * where the root that is given is one of its own: nothing that was seen is forgotten. Errors: `root-required`, `trust-root`, `home-damaged`.
 */
export async function beginTrust(
  world: World,
  request: InstallRequest,
  keeper: TrustKeeper,
  bases: readonly string[],
  known: { readonly home: Home; readonly channel: string } | undefined,
): Promise<TrustSet> {
  const own = known && ownSet(keeper, known.home, known.channel);
  if (own instanceof Map && isOfOwnChain(world, own, request)) return own;
  if (request.root !== undefined) return await keeper.begin({ bases, root: { bytes: request.root } });
  if (request.rootSha256 !== undefined) return await keeper.begin({ bases, root: { sha256: request.rootSha256 } });
  if (own instanceof EngineryError) throw own;
  throw new EngineryError("root-required", "A first install needs the publisher's trusted root, and none was given.");
}

function ownSet(keeper: TrustKeeper, home: Home, channel: string): TrustSet | EngineryError | undefined {
  const number = home.trust.newest();
  if (number === undefined) return undefined;
  const problem = trustSetProblem(keeper, home, number, channel);
  if (problem === undefined) return home.trust.read(number);
  return new EngineryError("home-damaged", `The trust set ${number} of this home is damaged: ${problem}`, {
    hint: ROOT_AGAIN,
    context: { trustSet: number },
  });
}

/** Without a root given: yes. */
function isOfOwnChain({ digester }: World, own: TrustSet, { root, rootSha256 }: InstallRequest): boolean {
  const given = root === undefined ? rootSha256 : digester.sha256(root);
  if (given === undefined) return true;
  return [...own].some(([file, bytes]) => file.endsWith("root.json") && digester.sha256(bytes) === given);
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

/** The config of a home that is there; where it is lost or no JSON, what the command says in its place. Errors: `config-invalid`, `home-damaged`. */
export function configOf(request: InstallRequest, home: Home): { readonly config: Config; readonly anew: boolean } {
  const isGiven = request.from !== undefined && request.channel !== undefined;
  if (isGiven && !home.config.isJson()) return { config: firstConfig(request), anew: true };
  return { config: home.config.read(), anew: false };
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
