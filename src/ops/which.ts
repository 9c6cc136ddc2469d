import { EngineryError } from "../core/errors.ts";
import type { Installation } from "../core/model/home.ts";
import type { Resolution } from "../core/model/resolution.ts";
import { explain, resolve } from "../core/resolve.ts";
import type { WhichRequest, WhichResult } from "./operator.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/** Answers the exact file. Changes nothing, downloads nothing. Cost: the newest generation, its manifest and one pin are read. */
export async function which(world: World, request: WhichRequest): Promise<WhichResult> {
  const snapshot = takeSnapshot(world, request);
  const question = questionOf(snapshot, request);
  const { entryPoint, ...resolution } = resolve(question);
  const { path, guard } = entryPoint;
  return {
    ...resolution,
    path: requireEntry(world, snapshot, resolution, path),
    ...(guard === undefined ? {} : { guard }),
    why: explain(question),
  };
}

export function questionOf(snapshot: Snapshot, request: Omit<WhichRequest, "home">) {
  const { engine, tenant, version, entry } = request;
  const pin = tenant === undefined ? undefined : snapshot.home.pins.get(tenant, engine);
  return {
    generation: snapshot.newest,
    manifest: snapshot.manifest,
    pin,
    engine,
    epoch: request.epoch ?? snapshot.epoch,
    tenant,
    version,
    entry,
  };
}

/** The entry point's absolute path. One look at it: hashing is the business of `verify`. Errors: `installation-damaged` where it is not there. */
export function requireEntry(
  world: World,
  snapshot: Pick<Snapshot, "home">,
  release: Pick<Installation | Resolution, "engine" | "version">,
  path: string,
): string {
  const file = entryPath(snapshot, release, path);
  if (world.fileSystem.status(file)?.kind === "file") return file;
  const name = `${release.engine}@${release.version}`;
  throw new EngineryError("installation-damaged", `${file} is not there, and ${name} is installed.`, {
    hint: `Mend it: enginery verify --repair ${name}`,
    context: { engine: release.engine, version: release.version, path: file },
  });
}

export function entryPath(
  snapshot: Pick<Snapshot, "home">,
  release: Pick<Installation | Resolution, "engine" | "version">,
  path: string,
): string {
  return `${snapshot.home.installations.path(release.engine, release.version)}/${path}`;
}
