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
  return { ...resolution, path: entryPath(snapshot, resolution, entryPoint.path), why: explain(question) };
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

export function entryPath(
  snapshot: Pick<Snapshot, "home">,
  release: Pick<Installation | Resolution, "engine" | "version">,
  path: string,
): string {
  return `${snapshot.home.installations.path(release.engine, release.version)}/${path}`;
}
