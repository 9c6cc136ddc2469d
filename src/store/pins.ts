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

export interface Pins {
  get(tenant: string, engine: string): Pin | undefined;
  /** Durable when it returns. */
  put(pin: Pin): void;
  /** False where there was none. */
  remove(tenant: string, engine: string): boolean;
  /** In no particular order; reads one file a pin. Errors: `home-damaged`. */
  all(): Iterable<Pin>;
  /** As `all`, and what cannot be read beside it, in place of an error. */
  survey(): { readonly pins: readonly Pin[]; readonly damaged: readonly DamagedPin[] };
  /** Where the pin of that tenant for that engine lies. */
  path(tenant: string, engine: string): string;
}

/** pins/<shard>/<hash>.json, the hash of tenant NUL engine: any tenant name on any file system. */
export function pinsOf({ layout, durable, reading, digester }: Ground): Pins {
  const hashOf = (tenant: string, engine: string): Sha256 =>
    digester.sha256(new TextEncoder().encode(`${tenant}\0${engine}`));

  function read(hash: Sha256): Pin | undefined {
    const pin = reading.record(layout.pin(hash), parsePin);
    if (pin !== undefined && hashOf(pin.tenant, pin.engine) !== hash) {
      throw damaged(layout.pin(hash), "is the pin of another tenant or engine");
    }
    return pin;
  }

  function* hashes(): Generator<Sha256, void> {
    for (const shard of reading.list(layout.folder("pins"))) {
      if (!/^[0-9a-f]{2}$/.test(shard.name)) continue;
      for (const { name } of reading.list(`${layout.folder("pins")}/${shard.name}`)) {
        const hash = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
        if (hash !== undefined) yield hash;
      }
    }
  }

  return {
    get: (tenant, engine) => read(hashOf(tenant, engine)),
    put: (pin) => {
      const hash = hashOf(pin.tenant, pin.engine);
      durable.folder(layout.pinShard(hash));
      durable.replace(layout.pin(hash), canonicalJson(pin), RECORD_MODE);
    },
    remove: (tenant, engine) => durable.unlink(layout.pin(hashOf(tenant, engine))),
    all: function* () {
      for (const hash of hashes()) {
        // Removed since the folder was listed: no pin any more.
        const pin = read(hash);
        if (pin !== undefined) yield pin;
      }
    },
    survey: () => {
      const pins: Pin[] = [];
      const damagedPins: DamagedPin[] = [];
      for (const hash of hashes()) {
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
  };
}
