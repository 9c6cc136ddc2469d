import type { Generation } from "../core/model/home.ts";

export interface Generations {
  /** The state of the home; undefined before the first commit. Errors: `generation-unreadable`, never an older one instead. */
  newest(): Generation | undefined;
  /** Errors: `generation-unreadable`. */
  read(number: number): Generation | undefined;
  /** Ascending. */
  numbers(): number[];
  /** The number for the next commit: one above the newest, more where a writer died on a disk without hard links. */
  nextNumber(): number;
  /** The commit point. `lost`: another writer has that number. An answer that got lost is found by the operation: `committed`. */
  commit(next: Generation): "committed" | "lost";
  /** Never the newest. */
  retire(number: number): void;
  /** For `doctor --fix`: renames an unreadable generation out of the way; its number is not used again. Answers the new path. */
  setAside(number: number): string;
}
