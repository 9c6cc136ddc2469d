import { isEngineryError } from "../core/errors.ts";
import { EMBEDDED } from "../core/location.ts";
import { openHome } from "../store/home.ts";
import type { InstallRequest } from "./operator.ts";
import type { World } from "./world.ts";

/**
 * What a single-file program says in the operator's place: a home that is not there yet is made from what is carried, and so is one that follows
 * `embedded:` brought to it. Whatever the operator says goes before; another home is none of its business. Errors: `document-invalid` of what
 * is carried.
 */
export async function withCarried(world: World, request: InstallRequest): Promise<InstallRequest> {
  if (request.from !== undefined && request.from !== EMBEDDED) return request;
  const followed = repositoryOf(world, request.home);
  if (followed !== undefined && followed !== EMBEDDED) return request;
  const carried = await world.carried?.();
  if (carried === undefined) return request;
  const names = request.names.length > 0 ? request.names : carried.releases;
  if (followed !== undefined) return { ...request, names };
  const given = request.root !== undefined || request.rootSha256 !== undefined;
  return {
    ...request,
    names,
    from: EMBEDDED,
    channel: request.channel ?? carried.channel,
    ...(given ? {} : { root: carried.root }),
  };
}

/** Undefined where there is no home. One whose config cannot be read is for `install` to tell of. */
function repositoryOf(world: World, path: string): string | undefined {
  try {
    return openHome(path, world).config.read().repository;
  } catch (error) {
    if (isEngineryError(error, "no-home")) return undefined;
    if (isEngineryError(error)) return "";
    throw error;
  }
}
