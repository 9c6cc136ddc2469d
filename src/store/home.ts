import type { Config } from "../core/model/home.ts";
import type { Cache } from "./cache.ts";
import type { Generations } from "./generations.ts";
import type { Installations } from "./installations.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Manifests } from "./manifests.ts";
import type { Marks } from "./marks.ts";
import type { ObservedClock } from "./observed-clock.ts";
import type { Pins } from "./pins.ts";
import type { StorePorts } from "./ports.ts";
import type { QuarantineList } from "./quarantine-list.ts";
import type { Staging } from "./staging.ts";
import type { Trees } from "./trees.ts";
import type { TrustSets } from "./trust-sets.ts";
import type { Views } from "./views.ts";

export type { StorePorts } from "./ports.ts";

/** The managed tree of docs/LAYOUT.md, one member a room. Every read checks what it reads: `home-damaged`. */
export interface Home {
  /** Absolute. */
  readonly path: string;
  readonly config: ConfigFile;
  readonly generations: Generations;
  readonly manifests: Manifests;
  readonly trees: Trees;
  readonly trust: TrustSets;
  readonly pins: Pins;
  readonly leases: Leases;
  readonly marks: Marks;
  readonly quarantine: QuarantineList;
  readonly clock: ObservedClock;
  readonly ledger: Ledger;
  readonly installations: Installations;
  readonly staging: Staging;
  readonly cache: Cache;
  readonly views: Views;
}

export interface ConfigFile {
  /** Errors: `config-invalid`, `home-damaged` where it is gone. */
  read(): Config;
  write(config: Config): void;
}

/** Opens what is there and creates nothing. One small read. Errors: `no-home`, `not-a-home`, `home-newer`. */
export function openHome(_path: string, _ports: StorePorts): Home {
  throw new Error("not yet");
}

/**
 * Makes the folder tree, VERSION last; goes on where an earlier attempt died. Where a home of this layout is already, its
 * config stays. Errors: `not-a-home` where a folder holds something else, `home-newer`.
 */
export function createHome(_path: string, _ports: StorePorts, _config: Config): Home {
  throw new Error("not yet");
}
