import type { LedgerEntry } from "./model/home.ts";
import type { Sha256 } from "./model/manifest.ts";

/**
 * The ledger's chain (docs/LAYOUT.md, "The ledger"; ADR 10). Writers append at the same moment without a lock, so it may fork: each line names
 * the last line that its writer saw and, where others stood open before that one, those too. A line is open until another names it.
 */

/** A whole line that can be read. */
export interface ChainLine {
  /** Of the file, from 1. */
  readonly number: number;
  /** sha256 of its bytes, without the line end. */
  readonly hash: Sha256;
  readonly entry: LedgerEntry;
}

/** What a line says of those before it. */
export interface Link {
  /** The last line that the writer saw; null in the first of a home. */
  readonly previous: Sha256 | null;
  /** What else was open then, in the order of the file. */
  readonly also?: readonly Sha256[];
}

/** The lines that no line names yet, in the order of the file; of lines without a chain only the last is open. Cost: one pass. */
export function openLines(lines: readonly ChainLine[]): readonly Sha256[] {
  const open = new Set<Sha256>();
  let before: Sha256 | undefined;
  for (const { hash, entry } of lines) {
    for (const name of namesOf(entry, before)) open.delete(name);
    open.add(hash);
    before = hash;
  }
  return [...open];
}

/** How the next line names what is open. */
export function linkTo(open: readonly Sha256[]): Link {
  const [last] = open.slice(-1);
  const others = open.slice(0, -1);
  return { previous: last ?? null, ...(others.length === 0 ? {} : { also: others }) };
}

/**
 * Whether the last lines of a ledger tell all that is open in it: so they do where one of them saw another of them, as it names whatever
 * was open before that one. Cost: one pass.
 */
export function tellsAllOpen(lines: readonly ChainLine[]): boolean {
  const known = new Set<Sha256>();
  for (const [place, { hash, entry }] of lines.entries()) {
    const { previous } = entry;
    if (previous === undefined ? place > 0 : previous !== null && known.has(previous)) return true;
    known.add(hash);
  }
  return false;
}

/** The lines that a line names; one without a chain follows the line before it. */
export function namesOf({ previous, also = [] }: LedgerEntry, before: Sha256 | undefined): readonly Sha256[] {
  if (previous === undefined) return before === undefined ? [] : [before];
  return previous === null ? also : [...also, previous];
}
