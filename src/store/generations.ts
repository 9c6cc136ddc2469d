import { EngineryError } from "../core/errors.ts";
import type { Generation } from "../core/model/home.ts";
import { encodeGeneration, parseGeneration } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE, numberName, numberOf, RECORD_MODE } from "./layout.ts";

export interface Generations {
  /** The state of the home; undefined before the first commit. Errors: `generation-unreadable`, never an older one instead. */
  newest(): Generation | undefined;
  /** Errors: `generation-unreadable`. */
  read(number: number): Generation | undefined;
  /** What tells the record of that number from another that took its place; undefined where there is none. One look. */
  stamp(number: number): { readonly changedMs: number; readonly inode: number } | undefined;
  /** Ascending. */
  numbers(): number[];
  /** Ascending: those that `setAside` took. */
  setAsideNumbers(): number[];
  /** The number for the next commit: one above the newest, more where a writer died on a disk without hard links. */
  nextNumber(): number;
  /** The commit point. `lost`: another writer has that number. An answer that got lost is found by the operation: `committed`. */
  commit(next: Generation): "committed" | "lost";
  /** Never the newest. Cost: one look at the folder and one flush of it, however many go. */
  retire(numbers: readonly number[]): void;
  /** For `doctor --fix`: renames an unreadable generation out of the way, or notes that one is gone; its number is not used again. Answers the new path. */
  setAside(number: number): string;
}

/** generations/: append-only; the highest number is the state of the home. */
export function generationsOf({ layout, fileSystem, durable, reading, digester, identifiers }: Ground): Generations {
  const folder = layout.folder("generations");

  function numbers(): number[] {
    const found = reading.list(folder).flatMap(({ name }) => numberOf(name, ".json") ?? []);
    return found.sort((a, b) => a - b);
  }

  function nextNumber(): number {
    // Claims and damaged generations count: their number is not used again.
    const taken = reading.list(folder).map(({ name }) => Number(/^\d{8,15}(?=\.)/.exec(name)?.[0] ?? 0));
    return Math.max(0, ...taken) + 1;
  }

  function read(number: number): Generation | undefined {
    const path = layout.generation(number);
    const bytes = reading.file(path);
    if (bytes === undefined) return undefined;
    try {
      const generation = parseGeneration(bytes, digester.sha256);
      if (generation.number === number) return generation;
      throw new Error(`It says that it is number ${generation.number}.`);
    } catch (error) {
      throw unreadable(number, path, error);
    }
  }

  /** Whether the record under that number is this very operation's: then only the answer was lost, not the race. */
  function isOurs(next: Generation): boolean {
    if (read(next.number)?.operation !== next.operation) return false;
    // Whoever linked it may have died before this.
    durable.settleName(layout.generation(next.number));
    return true;
  }

  function commit(next: Generation): "committed" | "lost" {
    const path = layout.generation(next.number);
    // A writer that slept through commits and a prune would find its number free again.
    if (nextNumber() > next.number) return isOurs(next) ? "committed" : "lost";
    const bytes = encodeGeneration(next, digester.sha256);
    const linked = durable.link(path, bytes, RECORD_MODE) ?? commitByClaim(next.number, bytes);
    if (!linked) return isOurs(next) ? "committed" : "lost";
    return wasOvertaken(next.number) ? "lost" : "committed";
  }

  /** Without hard links: making a folder is what only one can do; the record then appears whole, by rename. */
  function commitByClaim(number: number, bytes: Uint8Array): boolean {
    if (!fileSystem.makeDirectory(layout.generationClaim(number), FOLDER_MODE)) return false;
    durable.replace(layout.generation(number), bytes, RECORD_MODE);
    return true;
  }

  /** Numbers above ours that do not follow on it: they were there, and ours retired, before we came. */
  function wasOvertaken(number: number): boolean {
    const above = numbers().find((other) => other > number);
    return above !== undefined && above > number + 1;
  }

  return {
    newest: () => {
      for (let highest = numbers().at(-1); highest !== undefined; ) {
        const found = read(highest);
        // Retired since the folder was listed: then there is a newer one.
        const above: number = found === undefined ? (numbers().at(-1) ?? 0) : highest;
        if (above <= highest) return found;
        highest = above;
      }
      return undefined;
    },
    read,
    stamp: (number) => {
      const status = fileSystem.status(layout.generation(number));
      return status === undefined ? undefined : { changedMs: status.changedMs, inode: status.inode };
    },
    numbers,
    setAsideNumbers: () =>
      reading
        .list(folder)
        .flatMap(({ name }) => Number(/^(\d{8,15})\.damaged-/.exec(name)?.[1] ?? []))
        .filter((number) => number > 0)
        .sort((a, b) => a - b),
    nextNumber,
    commit,
    retire: (retired) => {
      const newest = numbers().at(-1);
      if (newest !== undefined && retired.includes(newest)) {
        throw new EngineryError("internal", `Generation ${newest} is the newest one.`);
      }
      durable.unlinkAll(retired.map(layout.generation));
      for (const number of retired) durable.removeFolder(layout.generationClaim(number));
    },
    setAside: (number) => {
      const aside = layout.damagedGeneration(number, identifiers.operation());
      if (fileSystem.status(layout.generation(number)) !== undefined) durable.move(layout.generation(number), aside);
      else durable.replace(aside, new Uint8Array(), RECORD_MODE);
      return aside;
    },
  };
}

function unreadable(number: number, path: string, cause: unknown): EngineryError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new EngineryError("generation-unreadable", `Generation ${numberName(number)} cannot be read: ${why}`, {
    context: { number, path },
    cause,
  });
}
