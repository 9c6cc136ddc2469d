import { type EngineryError, isEngineryError } from "../../core/errors.ts";
import type { Sha256, Version } from "../../core/model/manifest.ts";
import type { PinnedRelease } from "../../core/resolver.ts";
import type { Pulse } from "../../ports/pulse.ts";
import type { Pins } from "../../store/pins.ts";
import { isSame, isTelling, type Stamp } from "./file-times.ts";
import { type Held, newShard, type Shard } from "./pin-shard.ts";

/** What has become of a tenant's pin; null: it has none any more. */
export interface PinChange {
  readonly tenant: string;
  readonly engine: string;
  readonly version: Version | null;
  readonly tree: Sha256 | null;
}

/**
 * All pins in memory. What is not known to be as it is on disk is read there when it is asked for, so no answer waits for the rest
 * to be read, and none is given as if there were no pin because it was not read yet.
 */
export interface PinMemory {
  /** From memory, else from one file. Errors: `home-damaged`, of this tenant's pin alone. */
  find(tenant: string, engine: string): PinnedRelease | undefined;
  /** From its file. Errors: `home-damaged`. */
  read(tenant: string, engine: string): PinnedRelease | undefined;
  /** Looks which folders have changed; what lies in them is read on disk from now on. Cost: 256 looks at most. */
  look(): void;
  /** Reads what has changed since, until `isOver` or all is done; true: done. */
  readOn(isOver: () => boolean): boolean;
  /** What was read otherwise than it was known or answered before, since the last call; and what could not be read. */
  news(): { readonly changes: readonly PinChange[]; readonly problems: readonly EngineryError[] };
  /** Pins in memory. */
  readonly count: number;
}

export function pinMemoryOf(pins: Pins, pulse: Pick<Pulse, "wall">): PinMemory {
  const shards = new Map<string, Shard>();
  const engines = new Map<string, Map<string, Held>>();
  const releases = new Map<string, PinnedRelease>();
  const queue = new Set<Shard>();
  let work: Generator<void, void> | undefined;
  let unclean = 0;
  let damaged = 0;
  let lookedMs = pulse.wall();
  let hasLooked = false;
  let changes: PinChange[] = [];
  let problems: EngineryError[] = [];

  function setClean(shard: Shard, isClean: boolean): void {
    if (shard.isClean !== isClean) unclean += isClean ? -1 : 1;
    shard.isClean = isClean;
  }

  function look(): void {
    const found = new Map(pins.shards().map((one) => [one.name, one]));
    const now = pulse.wall();
    // a clock that was set back dates new changes as old ones
    const isBack = now < lookedMs;
    lookedMs = now;
    for (const name of found.keys()) {
      if (shards.has(name)) continue;
      // where we have looked before, it was not there: what lies in it is new
      shards.set(name, newShard(name, hasLooked));
      unclean += 1;
    }
    hasLooked = true;
    for (const shard of shards.values()) {
      const { stamp } = shard;
      const isAsListed = isSame(found.get(shard.name), stamp) && stamp !== undefined;
      if (isBack || !isAsListed || !isTelling(stamp, shard.listedMs, now)) setClean(shard, false);
      if (!shard.isClean) queue.add(shard);
    }
  }

  function readOn(isOver: () => boolean): boolean {
    while (!isOver()) {
      if (work?.next().done === false) continue;
      const [next] = queue;
      work = undefined;
      if (next === undefined) return true;
      queue.delete(next);
      if (!next.isClean) work = readShard(next);
    }
    return work === undefined && queue.size === 0;
  }

  /** Clean only where the folder's date has not changed meanwhile and would have: else the next look has it read again. */
  function* readShard(shard: Shard): Generator<void, void> {
    const listedMs = pulse.wall();
    try {
      const stamp = pins.shard(shard.name);
      const files = pins.files(shard.name);
      yield* readFiles(shard, files);
      shard.stamp = stamp;
      shard.listedMs = listedMs;
      const isGone = stamp === undefined;
      const isTold = isGone || isTelling(stamp, listedMs, pulse.wall());
      setClean(shard, isTold && isSame(pins.shard(shard.name), stamp));
      shard.wasRead = true;
      shard.problem = undefined;
      if (!shard.isClean) return;
      compareGiven(shard);
      if (isGone) shards.delete(shard.name);
    } catch (error) {
      if (!isEngineryError(error)) throw error;
      if (shard.problem !== error.message) problems.push(error);
      shard.problem = error.message;
    }
  }

  function* readFiles(shard: Shard, files: ReturnType<Pins["files"]>): Generator<void, void> {
    const there = new Set<Sha256>();
    for (const file of files) {
      there.add(file.hash);
      const known = shard.held.get(file.hash);
      if (known?.stamp !== undefined && isSame(known.stamp, file)) continue;
      readFile(shard, file);
      yield;
    }
    for (const hash of [...shard.held.keys(), ...shard.damaged]) if (!there.has(hash)) take(shard, hash, undefined);
  }

  function readFile(shard: Shard, file: Stamp & { readonly hash: Sha256 }): void {
    const nowMs = pulse.wall();
    try {
      const pin = pins.read(file.hash);
      if (pin === undefined) return;
      const { tenant, engine } = pin;
      const stamp = isTelling(file, nowMs, nowMs) ? { changedMs: file.changedMs, inode: file.inode } : undefined;
      take(shard, file.hash, { tenant, engine, release: interned(pin), shard, stamp });
    } catch (error) {
      if (!isEngineryError(error)) throw error;
      if (!shard.damaged.has(file.hash)) problems.push(error);
      take(shard, file.hash, "damaged");
    }
  }

  /** The one place where what is held changes. */
  function take(shard: Shard, hash: Sha256, next: Held | "damaged" | undefined): void {
    const known = shard.held.get(hash);
    const given = shard.given.get(hash);
    if (shard.damaged.delete(hash)) damaged -= 1;
    if (next === "damaged") {
      shard.damaged.add(hash);
      damaged += 1;
    }
    const held = next === "damaged" ? undefined : next;
    if (known !== undefined) engines.get(known.engine)?.delete(known.tenant);
    if (held === undefined) shard.held.delete(hash);
    else {
      shard.held.set(hash, held);
      tenantsOf(held.engine).set(held.tenant, held);
    }
    shard.given.delete(hash);
    if (next === "damaged") return;
    const isOther = shard.wasRead && known?.release !== held?.release;
    const isOtherThanGiven = given !== undefined && given.release !== held?.release;
    if (isOther || isOtherThanGiven) tell(held ?? known ?? given, held?.release);
  }

  /** Those whose file was not read again: gone before it was listed, or back at what was held. */
  function compareGiven(shard: Shard): void {
    for (const [hash, { tenant, engine, release }] of shard.given) {
      const held = shard.held.get(hash)?.release;
      if (held !== release && !shard.damaged.has(hash)) tell({ tenant, engine }, held);
    }
    shard.given.clear();
  }

  function tell(whose: Pick<Held, "tenant" | "engine"> | undefined, release: PinnedRelease | undefined): void {
    if (whose === undefined) return;
    const { tenant, engine } = whose;
    changes.push({ tenant, engine, version: release?.version ?? null, tree: release?.tree ?? null });
  }

  function tenantsOf(engine: string): Map<string, Held> {
    const known = engines.get(engine);
    if (known !== undefined) return known;
    const tenants = new Map<string, Held>();
    engines.set(engine, tenants);
    return tenants;
  }

  function interned({ version, tree }: PinnedRelease): PinnedRelease {
    const key = `${version} ${tree}`;
    const known = releases.get(key);
    if (known !== undefined) return known;
    const release = { version, tree };
    releases.set(key, release);
    return release;
  }

  function read(tenant: string, engine: string): PinnedRelease | undefined {
    const pin = pins.get(tenant, engine);
    return pin === undefined ? undefined : interned(pin);
  }

  function find(tenant: string, engine: string): PinnedRelease | undefined {
    const held = engines.get(engine)?.get(tenant);
    if (held !== undefined && (unclean === 0 || held.shard.isClean)) return held.release;
    if (held === undefined && unclean === 0 && damaged === 0) return undefined;
    const hash = pins.hash(tenant, engine);
    const shard = held?.shard ?? shards.get(hash.slice(0, 2));
    // no such folder when we last looked: no pin either
    if (shard === undefined || (shard.isClean && !shard.damaged.has(hash))) return undefined;
    const release = read(tenant, engine);
    if (!shard.isClean) shard.given.set(hash, { tenant, engine, release });
    return release;
  }

  return {
    find,
    read,
    look,
    readOn,
    news: () => {
      const news = { changes, problems };
      changes = [];
      problems = [];
      return news;
    },
    get count() {
      let count = 0;
      for (const tenants of engines.values()) count += tenants.size;
      return count;
    },
  };
}
