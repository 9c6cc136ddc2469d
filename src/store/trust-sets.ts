import { EngineryError } from "../core/errors.ts";
import type { TrustSet } from "../ports/trust.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE, numberOf, RECORD_MODE } from "./layout.ts";
import { damaged } from "./reading.ts";
import { removeAll } from "./removal.ts";

export interface TrustSets {
  /** Errors: `home-damaged` where that number is not there or cannot be read. */
  read(number: number): TrustSet;
  /** Durable when it returns. The same files and bytes as the newest set: that one's number. */
  commit(set: TrustSet): number;
  /** Ascending. */
  numbers(): number[];
  newest(): number | undefined;
  remove(number: number): void;
  /** Puts a whole set in the place of a damaged one, durable when it returns; what was there lies beside it, out of use. */
  restore(number: number, set: TrustSet): void;
  /** Renames a damaged set out of the way; its number is not used again. Answers the new path. */
  setAside(number: number): string;
}

const FILE_NAME = /^[a-z0-9][a-z0-9._-]*\.json$/;

/** trust/<number>/*.json: TUF metadata in whole, numbered sets, each put in place by one rename. */
export function trustSetsOf(ground: Ground): TrustSets {
  const { layout, fileSystem, durable, reading, identifiers } = ground;
  const folder = layout.folder("trust");

  function numbers(): number[] {
    return reading
      .list(folder)
      .flatMap(({ name }) => numberOf(name, "") ?? [])
      .sort((a, b) => a - b);
  }

  /** Numbers that were set aside count: a generation may name them. */
  function highestTaken(): number {
    return Math.max(0, ...reading.list(folder).map(({ name }) => Number(/^\d{8,15}/.exec(name)?.[0] ?? 0)));
  }

  function setAside(number: number): string {
    const aside = layout.damagedTrustSet(number, identifiers.operation());
    if (fileSystem.status(layout.trustSet(number)) !== undefined) durable.move(layout.trustSet(number), aside);
    return aside;
  }

  function read(number: number): TrustSet {
    const path = layout.trustSet(number);
    const set = new Map<string, Uint8Array>();
    for (const { name } of reading.list(path)) {
      const bytes = FILE_NAME.test(name) ? reading.file(`${path}/${name}`) : undefined;
      if (bytes !== undefined) set.set(name, bytes);
    }
    if (set.size === 0) throw damaged(path, "holds no metadata");
    return set;
  }

  function isNewest(set: TrustSet, newest: number | undefined): newest is number {
    if (newest === undefined || reading.list(layout.trustSet(newest)).length === 0) return false;
    const there = read(newest);
    return there.size === set.size && [...set].every(([name, bytes]) => sameBytes(there.get(name), bytes));
  }

  function stage(set: TrustSet): string {
    const odd = [...set.keys()].find((name) => !FILE_NAME.test(name));
    if (odd !== undefined) throw new EngineryError("internal", `A trust set cannot hold a file named ${odd}.`);
    const staged = layout.temporary(identifiers.operation());
    fileSystem.makeDirectory(layout.folder("staging"), FOLDER_MODE);
    fileSystem.makeDirectory(staged, FOLDER_MODE);
    const files = [...set].map(([name, bytes]) => {
      using handle = fileSystem.createExclusive(`${staged}/${name}`, RECORD_MODE);
      handle?.write(bytes);
      return `${staged}/${name}`;
    });
    durable.tree(files, [staged]);
    return staged;
  }

  /** Moves into the first free number: renaming onto a set that is there fails. */
  function moveIntoPlace(staged: string): number {
    for (let number = highestTaken() + 1; ; number++) {
      try {
        durable.move(staged, layout.trustSet(number));
        return number;
      } catch (error) {
        // Another writer took that number.
        if (fileSystem.status(layout.trustSet(number)) === undefined || !fileSystem.status(staged)) throw error;
      }
    }
  }

  return {
    read,
    commit: (set) => {
      const newest = numbers().at(-1);
      if (isNewest(set, newest)) {
        durable.settleName(layout.trustSet(newest));
        return newest;
      }
      const staged = stage(set);
      try {
        return moveIntoPlace(staged);
      } catch (error) {
        removeAll(fileSystem, staged);
        throw error;
      }
    },
    restore: (number, set) => {
      const staged = stage(set);
      try {
        setAside(number);
        durable.move(staged, layout.trustSet(number));
      } catch (error) {
        removeAll(fileSystem, staged);
        throw error;
      }
    },
    setAside,
    numbers,
    newest: () => numbers().at(-1),
    remove: (number) => {
      // Out of sight at once: half a set must never be read.
      const trash = layout.trash(identifiers.operation());
      if (fileSystem.status(layout.trustSet(number)) === undefined) return;
      durable.move(layout.trustSet(number), trash);
      removeAll(fileSystem, trash);
    },
  };
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.byteLength === b.byteLength && a.every((byte, at) => byte === b[at]);
}
