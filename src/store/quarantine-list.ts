import { canonicalJson } from "../core/json.ts";
import type { Quarantine } from "../core/model/home.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import { parseQuarantine } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { RECORD_MODE } from "./layout.ts";

/** Releases known bad on this host, by tree digest. */
export interface QuarantineList {
  /** Errors: `home-damaged`. */
  list(): Quarantine[];
  /** Durable when it returns. */
  put(quarantine: Quarantine): void;
  /** False where it was not there. */
  lift(tree: Sha256): boolean;
}

/** quarantine/<tree-digest>.json */
export function quarantineOf({ layout, durable, reading }: Ground): QuarantineList {
  const folder = layout.folder("quarantine");
  return {
    list: () =>
      reading
        .list(folder)
        .filter(({ name }) => /^[0-9a-f]{64}\.json$/.test(name))
        .flatMap(({ name }) => reading.record(`${folder}/${name}`, parseQuarantine) ?? []),
    put: (quarantine) => durable.replace(layout.quarantine(quarantine.tree), canonicalJson(quarantine), RECORD_MODE),
    lift: (tree) => durable.unlink(layout.quarantine(tree)),
  };
}
