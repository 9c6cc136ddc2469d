import { isEngineryError } from "../core/errors.ts";
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
  /** As `list`, and the trees whose records cannot be read beside it, in place of an error. */
  survey(): { readonly records: readonly Quarantine[]; readonly damaged: readonly Sha256[] };
  /** Durable when it returns. */
  put(quarantine: Quarantine): void;
  /** False where it was not there. */
  lift(tree: Sha256): boolean;
}

/** quarantine/<tree-digest>.json */
export function quarantineOf({ layout, durable, reading }: Ground): QuarantineList {
  const folder = layout.folder("quarantine");
  const trees = () => reading.list(folder).flatMap(({ name }) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
  const read = (tree: Sha256) => reading.record(layout.quarantine(tree), parseQuarantine);

  return {
    list: () => trees().flatMap((tree) => read(tree) ?? []),
    survey: () => {
      const records: Quarantine[] = [];
      const damagedTrees: Sha256[] = [];
      for (const tree of trees()) {
        try {
          records.push(...[read(tree) ?? []].flat());
        } catch (error) {
          if (!isEngineryError(error, "home-damaged")) throw error;
          damagedTrees.push(tree);
        }
      }
      return { records, damaged: damagedTrees };
    },
    put: (quarantine) => durable.replace(layout.quarantine(quarantine.tree), canonicalJson(quarantine), RECORD_MODE),
    lift: (tree) => durable.unlink(layout.quarantine(tree)),
  };
}
