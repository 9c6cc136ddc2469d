import { isEngineryError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { Mark } from "../core/model/home.ts";
import type { Version } from "../core/model/manifest.ts";
import { parseMark } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { RECORD_MODE } from "./layout.ts";
import { ownerState } from "./owner.ts";

/** What prune is about to remove. */
export interface Marks {
  /** Owned by this process; durable when it returns. Where another living prune has its own there, that one stays. */
  put(engine: string, version: Version, operation: string): void;
  /** Undefined where there is none or its owner is gone (void). Errors: `home-damaged`. */
  get(engine: string, version: Version): Mark | undefined;
  /** With an operation: only its own. */
  remove(engine: string, version: Version, operation?: string): void;
  /** Removes the void ones; answers how many. */
  sweep(): number;
  /** Absolute paths of marks that cannot be read. */
  damaged(): string[];
  /** Removes one of `damaged`. */
  discard(path: string): void;
}

/** marks/<engine>@<version> */
export function marksOf({ layout, durable, reading, host }: Ground): Marks {
  const folder = layout.folder("marks");
  const isVoid = (path: string) => {
    const mark = reading.record(path, parseMark);
    return mark !== undefined && ownerState(mark.owner, host) === "gone";
  };
  const paths = () => reading.list(folder).map(({ name }) => `${folder}/${name}`);

  function isDamaged(path: string): boolean {
    try {
      reading.record(path, parseMark);
      return false;
    } catch (error) {
      if (isEngineryError(error, "home-damaged")) return true;
      throw error;
    }
  }

  const isVoidOrDamaged = (path: string) => isDamaged(path) || isVoid(path);

  return {
    put: (engine, version, operation) => {
      const mark: Mark = { format: 1, engine, version, operation, owner: host.self() };
      const path = layout.mark(engine, version);
      if (isVoidOrDamaged(path)) durable.unlink(path);
      const linked = durable.link(path, canonicalJson(mark), RECORD_MODE);
      if (linked === undefined) durable.replace(path, canonicalJson(mark), RECORD_MODE);
    },
    get: (engine, version) => {
      const mark = reading.record(layout.mark(engine, version), parseMark);
      return mark === undefined || ownerState(mark.owner, host) === "gone" ? undefined : mark;
    },
    remove: (engine, version, operation) => {
      const path = layout.mark(engine, version);
      if (operation !== undefined && reading.record(path, parseMark)?.operation !== operation) return;
      durable.unlink(path);
    },
    sweep: () => {
      const ended = paths().filter(isVoid);
      for (const path of ended) durable.unlink(path);
      return ended.length;
    },
    damaged: () => paths().filter(isDamaged),
    discard: (path) => {
      durable.unlink(path);
    },
  };
}
