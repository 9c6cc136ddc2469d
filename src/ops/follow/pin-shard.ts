import type { Sha256 } from "../../core/model/manifest.ts";
import type { PinnedRelease } from "../../core/resolver.ts";
import type { Stamp } from "./file-times.ts";

/** A pin in memory, as its file was. */
export interface Held {
  readonly tenant: string;
  readonly engine: string;
  readonly release: PinnedRelease;
  readonly shard: Shard;
  readonly stamp: Stamp | undefined;
}

/** What is known of a folder of pins. */
export interface Shard {
  readonly name: string;
  /** Of its folder, before it was last listed; and when that was. */
  stamp: Stamp | undefined;
  listedMs: number;
  /** What is held is what is on disk, as far as the last look told. */
  isClean: boolean;
  wasRead: boolean;
  /** Why it could not be listed, told once while it lasts. */
  problem: string | undefined;
  readonly held: Map<Sha256, Held>;
  readonly damaged: Set<Sha256>;
  /** What was answered from disk meanwhile. */
  readonly given: Map<Sha256, Given>;
}

/** What was answered from a file of a folder that is not clean. */
export interface Given {
  readonly tenant: string;
  readonly engine: string;
  readonly release: PinnedRelease | undefined;
}

/** Nothing is known of it yet. `wasRead`: what will be read in it is told as new. */
export function newShard(name: string, wasRead: boolean): Shard {
  return {
    name,
    stamp: undefined,
    listedMs: 0,
    isClean: false,
    wasRead,
    problem: undefined,
    held: new Map(),
    damaged: new Set(),
    given: new Map(),
  };
}
