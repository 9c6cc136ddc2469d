import { epochObserved } from "../core/epoch.ts";
import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Config, Generation } from "../core/model/home.ts";
import type { Epoch, Manifest } from "../core/model/manifest.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import { type Home, openHome } from "../store/home.ts";
import { isSame, type Stamp } from "./follow/file-times.ts";
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

/** One that can be renewed. */
export interface DatedSnapshot extends Snapshot {
  /** Of the newest generation's record. */
  readonly stamp: Stamp | undefined;
}

/** Errors: `no-home`, `not-a-home`, `home-newer`, `generation-unreadable`, `home-damaged`, `config-invalid`. */
export function takeSnapshot(world: World, request: HomeRequest): DatedSnapshot {
  const home = openHome(request.home, world);
  const { newest, manifestBytes } = newestOf(home);
  const stamp = home.generations.stamp(newest.number);
  return snapshotOf(world, request, home, { newest, stamp, manifestBytes, manifest: parseManifest(manifestBytes) });
}

/**
 * What is so by now, as a writer asks under the lock. A generation never changes: where the newest is the very record that was seen before
 * (whoever waits for the lock may find another home in its place), it and its manifest are not read again. Config, VERSION and the ledger's end
 * are; pins, holds, marks and quarantine are no part of a snapshot. Errors: as `takeSnapshot`.
 */
export function renewSnapshot(world: World, request: HomeRequest, before: DatedSnapshot): DatedSnapshot {
  const home = openHome(request.home, world);
  const { number } = before.newest;
  const isNewest = home.generations.numbers().at(-1) === number;
  if (!isNewest || !isSame(home.generations.stamp(number), before.stamp)) return takeSnapshot(world, request);
  requireNoneLost(home, number);
  return snapshotOf(world, request, home, before);
}

function snapshotOf(
  world: World,
  request: HomeRequest,
  home: Home,
  { newest, stamp, manifestBytes, manifest }: Pick<DatedSnapshot, "newest" | "stamp" | "manifestBytes" | "manifest">,
): DatedSnapshot {
  const config = { ...home.config.read(), ...request.config };
  return {
    home,
    config,
    newest,
    stamp,
    manifest,
    manifestBytes,
    // read when it is asked for: what needs no epoch is answered where the observation is damaged
    get epoch() {
      return observedEpoch(world, home, config);
    },
  };
}

/** Errors: `generation-unreadable`, `home-damaged`, `no-home`. */
export function newestOf(home: Home): Pick<Snapshot, "newest" | "manifestBytes"> {
  const newest = home.generations.newest();
  if (newest === undefined) throw noGeneration(home);
  requireNoneLost(home, newest.number);
  try {
    return { newest, manifestBytes: acceptedManifest(home, newest) };
  } catch (error) {
    // a writer committed meanwhile, and its prune swept what the older one names: look again
    if ((home.generations.newest()?.number ?? 0) > newest.number) return newestOf(home);
    throw error;
  }
}

/** The bytes of the manifest that a generation was made from, hash checked. */
export function acceptedManifest(home: Home, generation: Generation): Uint8Array {
  const { sha256 } = generation.manifest;
  const bytes = readOrDamaged(() => home.manifests.read(sha256));
  if (bytes instanceof Uint8Array) return bytes;
  const what = bytes === undefined ? "is missing." : `is damaged: ${bytes.message}`;
  throw new EngineryError("home-damaged", `The manifest of generation ${generation.number} ${what}`, {
    hint: "Fetch it again by its hash: enginery verify --repair",
    context: { generation: generation.number, sha256 },
    cause: bytes,
  });
}

function readOrDamaged<T>(read: () => T): T | EngineryError {
  try {
    return read();
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return error;
    throw error;
  }
}

/** A home that has lost its generations is told from one that never had any: the latter's first install goes on. */
export function noGeneration(home: Home): EngineryError {
  const number = lostGeneration(home, 0) ?? home.generations.setAsideNumbers().at(-1);
  if (number === undefined) {
    return new EngineryError("no-home", `The first install into ${home.path} was not finished.`, {
      hint: "Run the same `enginery install` again; it goes on where it stopped.",
    });
  }
  return new EngineryError("home-damaged", `No generation is left in ${home.path}, and there were ${number}.`, {
    hint: "Make one anew from what is there: enginery install",
    context: { path: home.path },
  });
}

/** The number of a generation above `newest` that was there and is no more, by what the ledger last told. */
export function lostGeneration(home: Home, newest: number): number | undefined {
  const told = home.ledger.lastGeneration(newest);
  if (told <= newest || home.generations.setAsideNumbers().includes(told)) return undefined;
  // whoever committed after the first look has told of it
  return told > (home.generations.numbers().at(-1) ?? 0) ? told : undefined;
}

/** A newest generation that is gone without a trace would be a silent step back. Errors: `generation-unreadable`. */
function requireNoneLost(home: Home, newest: number): void {
  const lost = lostGeneration(home, newest);
  if (lost === undefined) return;
  throw new EngineryError("generation-unreadable", `Generation ${lost} is gone, and ${newest} is the one before.`, {
    context: { number: lost },
  });
}

/** The last epoch seen, unless it is older than the config allows. */
export function observedEpoch(world: World, home: Home, config: Config): Epoch | undefined {
  return epochObserved(home.clock.read(), config.epochMaxAge, world.clock.now());
}
