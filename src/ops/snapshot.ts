import { EngineryError } from "../core/errors.ts";
import type { Config, Generation } from "../core/model/home.ts";
import type { Epoch, Manifest } from "../core/model/manifest.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import { type Home, openHome } from "../store/home.ts";
import type { HomeRequest } from "./operator.ts";
import type { World } from "./world.ts";

/** What an operation sees when it begins; it plans on this and on nothing else. */
export interface Snapshot {
  readonly home: Home;
  readonly config: Config;
  readonly newest: Generation;
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  /** Undefined where no observation is young enough. */
  readonly epoch: Epoch | undefined;
}

/** Errors: `no-home`, `not-a-home`, `home-newer`, `generation-unreadable`, `home-damaged`, `config-invalid`. */
export function takeSnapshot(world: World, request: HomeRequest): Snapshot {
  const path = request.home;
  const home = openHome(path, world);
  const newest = home.generations.newest();
  if (newest === undefined) {
    throw new EngineryError("no-home", `The first install into ${path} was not finished.`, {
      hint: "Run the same `enginery install` again; it goes on where it stopped.",
    });
  }
  const config = { ...home.config.read(), ...request.config };
  const manifestBytes = acceptedManifest(home, newest);
  return {
    home,
    config,
    newest,
    manifest: parseManifest(manifestBytes),
    manifestBytes,
    epoch: observedEpoch(world, home, config),
  };
}

/** The bytes of the manifest that a generation was made from, hash checked. */
export function acceptedManifest(home: Home, generation: Generation): Uint8Array {
  const bytes = home.manifests.read(generation.manifest.sha256);
  if (bytes === undefined) {
    throw new EngineryError("home-damaged", `The manifest of generation ${generation.number} is missing.`, {
      context: { generation: generation.number, sha256: generation.manifest.sha256 },
    });
  }
  return bytes;
}

/** The last epoch seen, unless it is older than the config allows. */
export function observedEpoch(world: World, home: Home, config: Config): Epoch | undefined {
  const observation = home.clock.read();
  if (observation === undefined) return undefined;
  if (config.epochMaxAge === undefined) return observation.epoch;
  const ageSeconds = (world.clock.now() - Date.parse(observation.at)) / 1000;
  return ageSeconds <= config.epochMaxAge ? observation.epoch : undefined;
}
