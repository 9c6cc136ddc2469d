import { EngineryError, isEngineryError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { Config } from "../core/model/home.ts";
import { configDocument, parseConfig } from "../core/parse-config.ts";
import { type Cache, cacheOf } from "./cache.ts";
import { type Foundation, foundationOf } from "./foundation.ts";
import { type Generations, generationsOf } from "./generations.ts";
import { type Ground, groundOf } from "./ground.ts";
import { type HoldRecord, holdOf } from "./hold-record.ts";
import { type Installations, installationsOf } from "./installations.ts";
import { LAYOUT_LEASES_OUTSIDE, LOCK_NAMES, numberOf, RECORD_MODE } from "./layout.ts";
import { layoutNumber } from "./layout-number.ts";
import { leaseFolderOf } from "./lease-folder.ts";
import { type Leases, leasesOf } from "./leases.ts";
import { type Ledger, ledgerOf } from "./ledger.ts";
import { makeHome } from "./making.ts";
import { type Manifests, manifestsOf } from "./manifests.ts";
import { type Marks, marksOf } from "./marks.ts";
import { type ObservedClock, observedClockOf } from "./observed-clock.ts";
import { type Pins, pinsOf } from "./pins.ts";
import type { StorePorts } from "./ports.ts";
import { type QuarantineList, quarantineOf } from "./quarantine-list.ts";
import { damaged } from "./reading.ts";
import { type Staging, stagingOf } from "./staging.ts";
import { type Trees, treesOf } from "./trees.ts";
import { type TrustSets, trustSetsOf } from "./trust-sets.ts";
import { type Views, viewsOf } from "./views.ts";
import { type WatcherRecord, watcherOf } from "./watcher-record.ts";

export type { StorePorts } from "./ports.ts";

/** The managed tree of docs/LAYOUT.md, one member a room. Every read checks what it reads: `home-damaged`. */
export interface Home {
  /** Absolute. */
  readonly path: string;
  /** Folders in which a name comes or a file grows whenever a generation, an epoch or a pin was put in place. */
  readonly tidings: readonly string[];
  readonly config: ConfigFile;
  readonly foundation: Foundation;
  readonly generations: Generations;
  readonly manifests: Manifests;
  readonly trees: Trees;
  readonly trust: TrustSets;
  readonly pins: Pins;
  readonly leases: Leases;
  readonly marks: Marks;
  readonly quarantine: QuarantineList;
  readonly clock: ObservedClock;
  readonly hold: HoldRecord;
  readonly watcher: WatcherRecord;
  readonly ledger: Ledger;
  readonly installations: Installations;
  readonly staging: Staging;
  readonly cache: Cache;
  readonly views: Views;
}

export interface ConfigFile {
  /** Errors: `config-invalid`, `home-damaged` where it is gone. */
  read(): Config;
  /** Whether there is a file that holds JSON, of whatever members. */
  isJson(): boolean;
  /** Durable when it returns. */
  write(config: Config): void;
  /** Renames a config that cannot be read out of the way; answers the new path, undefined where there was none. */
  setAside(): string | undefined;
}

/** Opens what is there and creates nothing. One small read. Errors: `no-home`, `not-a-home`, `home-newer`. */
export function openHome(path: string, ports: StorePorts): Home {
  const ground = groundOf(path, ports);
  return homeOn(ground, requireLayout(ground));
}

/** As `openHome`, for `doctor`: a VERSION that is lost or damaged is told and no error. Errors: `no-home`, `not-a-home`, `home-newer`. */
export function openToExamine(
  path: string,
  ports: StorePorts,
): { readonly home: Home; readonly problem: EngineryError | undefined } {
  const ground = groundOf(path, ports);
  try {
    return { home: homeOn(ground, requireLayout(ground)), problem: undefined };
  } catch (error) {
    if (!isEngineryError(error, "home-damaged")) throw error;
    return { home: homeOn(ground, undefined), problem: error };
  }
}

/**
 * Makes the folder tree, VERSION last; goes on where an earlier attempt died. Where a home of this layout is already, its
 * config stays. `leases`: a folder outside, where they are to lie. Errors: `not-a-home` where a folder holds something else, `home-newer`.
 */
export function createHome(path: string, ports: StorePorts, config: Config, leases?: string): Home {
  const ground = groundOf(path, ports);
  if (layoutNumber(ground) === undefined) makeHome(ground, encodeConfig(config), leases);
  return openHome(path, ports);
}

function homeOn(ground: Ground, layout: number | undefined): Home {
  const marks = marksOf(ground);
  const generations = generationsOf(ground);
  const ledger = ledgerOf(ground);
  return {
    path: ground.layout.home,
    // the ledger lies in the first: a pin is told of there
    tidings: [ground.layout.home, ground.layout.folder("generations"), ground.layout.folder("clock")],
    config: configOf(ground),
    foundation: foundationOf(ground),
    generations,
    manifests: manifestsOf(ground),
    trees: treesOf(ground),
    trust: trustSetsOf(ground),
    pins: pinsOf(ground),
    leases: leasesOf(ground, marks, leaseFolderOf(ground, layout)),
    marks,
    quarantine: quarantineOf(ground),
    clock: observedClockOf(ground, ledger),
    hold: holdOf(ground),
    watcher: watcherOf(ground),
    ledger,
    installations: installationsOf(ground),
    staging: stagingOf(ground),
    cache: cacheOf(ground),
    views: viewsOf(ground, generations),
  };
}

function configOf({ layout, fileSystem, reading, durable, identifiers }: Ground): ConfigFile {
  function isJson(): boolean {
    try {
      const bytes = reading.file(layout.config);
      if (bytes === undefined) return false;
      JSON.parse(new TextDecoder().decode(bytes));
      return true;
    } catch {
      return false;
    }
  }

  return {
    read: () => {
      const bytes = reading.file(layout.config);
      if (bytes === undefined) throw damaged(layout.config, "is missing", undefined, WRITE_CONFIG);
      try {
        return parseConfig(bytes, layout.config);
      } catch (error) {
        if (!isEngineryError(error, "config-invalid") || isJson()) throw error;
        throw new EngineryError("config-invalid", error.message, { hint: `Correct it. ${WRITE_CONFIG}`, cause: error });
      }
    },
    isJson,
    write: (config) => durable.replace(layout.config, encodeConfig(config), RECORD_MODE),
    setAside: () => {
      if (fileSystem.status(layout.config) === undefined) return undefined;
      const aside = layout.damagedConfig(identifiers.operation());
      durable.move(layout.config, aside);
      return aside;
    },
  };
}

const WRITE_CONFIG = "Or write it anew: enginery install --from URL|DIR --channel NAME";

/** For people too: they edit it. */
function encodeConfig(config: Config): Uint8Array {
  const canonical: unknown = JSON.parse(new TextDecoder().decode(canonicalJson(configDocument(config))));
  return new TextEncoder().encode(`${JSON.stringify(canonical, null, 2)}\n`);
}

/** Errors: `no-home`, `not-a-home`, `home-newer`, `home-damaged`. */
function requireLayout(ground: Ground): number {
  const { home: path } = ground.layout;
  const version = layoutNumber(ground);
  if (version === undefined) throw noHome(ground);
  const known = LAYOUT_LEASES_OUTSIDE;
  if (version <= known) return version;
  throw new EngineryError("home-newer", `${path} has layout ${version}, and this Enginery knows ${known}.`, {
    context: { path, layout: version, known },
  });
}

function noHome({ layout, fileSystem }: Ground): EngineryError {
  const generations = fileSystem.list(layout.folder("generations")) ?? [];
  if (generations.some(({ name }) => numberOf(name, ".json") !== undefined))
    return damaged(layout.version, "is missing");
  const foreign = (fileSystem.list(layout.home) ?? []).filter(({ name }) => !LOCK_NAMES.includes(name));
  const isForeign = foreign.length > 0 && fileSystem.status(layout.creating) === undefined;
  return isForeign
    ? new EngineryError("not-a-home", `${layout.home} is not a home of Enginery.`, { context: { path: layout.home } })
    : new EngineryError("no-home", `There is no home of Enginery in ${layout.home}.`, {
        context: { path: layout.home },
      });
}
