import { type EngineryError, isEngineryError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { Pin } from "../core/model/home.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import { parsePin } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { RECORD_MODE } from "./layout.ts";
import { damaged } from "./reading.ts";

export interface DamagedPin {
  /** Absolute. */
  readonly path: string;
  readonly error: EngineryError;
}

/** One of the folders that pins lie in. */
export interface PinShard {
  /** The first two digits of the hashes in it. */
  readonly name: string;
  /** When a pin in it was last put or removed, in milliseconds since 1970 by the clock of files, as finely as the disk keeps it. */
  readonly changedMs: number;
  readonly inode: number;
}

/** A pin as its folder shows it, unread. */
export interface PinFile {
  readonly hash: Sha256;
  readonly changedMs: number;
  readonly inode: number;
}

export interface Pins {
  /** Reads one file. Errors: `home-damaged`. */
  get(tenant: string, engine: string): Pin | undefined;
  /** Durable when it returns. */
  put(pin: Pin): void;
  /** Durable when it resolves; where it fails, or we die, some are put and some are not, each of them whole. */
  putAll(pins: readonly Pin[]): Promise<void>;
  /** False where there was none. */
  remove(tenant: string, engine: string): boolean;
  /** In no particular order; reads one file a pin. Errors: `home-damaged`. */
  all(): Iterable<Pin>;
  /** As `all`, and what cannot be read beside it, in place of an error. */
  survey(): { readonly pins: readonly Pin[]; readonly damaged: readonly DamagedPin[] };
  /** Where the pin of that tenant for that engine lies. */
  path(tenant: string, engine: string): string;
  /** The hash that names the pin of that tenant for that engine. */
  hash(tenant: string, engine: string): Sha256;
  /** One look at each folder, 256 of them at most. Errors: those of a folder that cannot be looked at. */
  shards(): readonly PinShard[];
  /** One look at a shard; undefined where it is not there. */
  shard(name: string): PinShard | undefined;
  /** One look at each pin of a shard; reads none. */
  files(shard: string): readonly PinFile[];
  /** The pin of that hash, in a shard that `files` has just listed. Errors: `home-damaged`. */
  read(hash: Sha256): Pin | undefined;
}

/** pins/<shard>/<hash>.json, the hash of tenant NUL engine: any tenant name on any file system. */
export function pinsOf({ layout, fileSystem, durable, reading, digester }: Ground): Pins {
  const folder = layout.folder("pins");
  const hashOf = (tenant: string, engine: string): Sha256 =>
    digester.sha256(new TextEncoder().encode(`${tenant}\0${engine}`));

  function checked(hash: Sha256, pin: Pin | undefined): Pin | undefined {
    if (pin === undefined || hashOf(pin.tenant, pin.engine) === hash) return pin;
    throw damaged(layout.pin(hash), "is the pin of another tenant or engine");
  }

  const read = (hash: Sha256) => checked(hash, reading.recordIn(layout.pin(hash), parsePin));

  function put(pin: Pin): void {
    const hash = hashOf(pin.tenant, pin.engine);
    durable.folder(layout.pinShard(hash));
    durable.replace(layout.pin(hash), canonicalJson(pin), RECORD_MODE);
  }

  async function putAll(pins: readonly Pin[]): Promise<void> {
    const [only] = pins;
    if (only === undefined) return;
    if (pins.length === 1) {
      put(only);
      return;
    }
    const files = pins.map((pin) => ({ hash: hashOf(pin.tenant, pin.engine), bytes: canonicalJson(pin) }));
    durable.foldersIn(folder, new Set(files.map(({ hash }) => hash.slice(0, 2))));
    await durable.replaceAll(
      files.map(({ hash, bytes }) => ({ path: layout.pin(hash), bytes })),
      RECORD_MODE,
    );
  }

  const shardNames = () =>
    reading.list(folder).flatMap(({ name, kind }) => (kind !== "file" && /^[0-9a-f]{2}$/.test(name) ? [name] : []));

  function hashes(shard: string): Sha256[] {
    return reading.list(`${folder}/${shard}`).flatMap(({ name }) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
  }

  function shard(name: string): PinShard | undefined {
    const status = fileSystem.status(`${folder}/${name}`);
    return status === undefined ? undefined : { name, changedMs: status.changedMs, inode: status.inode };
  }

  return {
    get: (tenant, engine) => {
      const hash = hashOf(tenant, engine);
      return checked(hash, reading.record(layout.pin(hash), parsePin));
    },
    put,
    putAll,
    remove: (tenant, engine) => durable.unlink(layout.pin(hashOf(tenant, engine))),
    all: function* () {
      for (const name of shardNames()) {
        for (const hash of hashes(name)) {
          // Removed since the folder was listed: no pin any more.
          const pin = read(hash);
          if (pin !== undefined) yield pin;
        }
      }
    },
    survey: () => {
      const pins: Pin[] = [];
      const damagedPins: DamagedPin[] = [];
      for (const hash of shardNames().flatMap(hashes)) {
        try {
          const pin = read(hash);
          if (pin !== undefined) pins.push(pin);
        } catch (error) {
          if (!isEngineryError(error, "home-damaged")) throw error;
          damagedPins.push({ path: layout.pin(hash), error });
        }
      }
      return { pins, damaged: damagedPins };
    },
    path: (tenant, engine) => layout.pin(hashOf(tenant, engine)),
    hash: hashOf,
    shards: () => shardNames().flatMap((name) => shard(name) ?? []),
    shard,
    files: (name) =>
      hashes(name).flatMap((hash) => {
        const status = fileSystem.status(layout.pin(hash));
        return status === undefined ? [] : [{ hash, changedMs: status.changedMs, inode: status.inode }];
      }),
    read,
  };
}
