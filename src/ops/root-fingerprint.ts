import { isEngineryError } from "../core/errors.ts";
import { below } from "../core/location.ts";
import { openHome } from "../store/home.ts";
import { firstConfig } from "./begin-trust.ts";
import type { InstallRequest, RootFingerprint } from "./operator.ts";
import type { World } from "./world.ts";

/** Far more than any root document has. */
const ROOT_MAX_BYTES = 512_000;

/** What root a first install would trust, for a person to compare with the publisher's word. Nothing is believed or kept. */
export async function rootFingerprint(world: World, request: InstallRequest): Promise<RootFingerprint | undefined> {
  if (hasHome(world, request.home)) return undefined;
  const { repository, mirrors } = firstConfig(request);
  const fetcher = await world.fetcher({ offline: request.offline, allowHttp: request.allowHttp });
  const keeper = await world.trust(fetcher);
  const { chunks } = await fetcher.open(below(repository, "metadata/1.root.json"), { maxBytes: ROOT_MAX_BYTES });
  const parts: number[] = [];
  for await (const chunk of chunks) parts.push(...chunk);
  const bytes = Uint8Array.from(parts);
  return keeper.rootOf(await keeper.begin({ bases: [repository, ...(mirrors ?? [])], root: { bytes } }));
}

function hasHome(world: World, path: string): boolean {
  try {
    return openHome(path, world).trust.newest() !== undefined;
  } catch (error) {
    if (isEngineryError(error, "no-home")) return false;
    throw error;
  }
}
