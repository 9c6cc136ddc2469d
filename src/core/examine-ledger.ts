import { type ChainLine, namesOf } from "./ledger-chain.ts";
import type { LedgerEntry } from "./model/home.ts";
import type { Sha256 } from "./model/manifest.ts";

/** Something outside of the ledger that remembers what was open in it once: a generation, the observed epoch. */
export interface LedgerMemory {
  /** `generation 7`, `observation`. */
  readonly of: string;
  readonly open: readonly Sha256[];
}

/** A place where the ledger is not what was written. */
export interface LedgerBreak {
  /** The hash of the line that tells, or the memory's name. */
  readonly of: string;
  /** Its number in the file; undefined for a memory. */
  readonly line?: number;
  /** Lines that it names and that are not there before it. */
  readonly missing: readonly Sha256[];
  /** Lines that its writer must have seen open and that it does not name, or names though they were not open. */
  readonly foreign: readonly Sha256[];
}

export interface LedgerReport {
  /** Whole lines that can be read. */
  readonly lines: number;
  /** Number and time of the first line that is chained: what is older is held by that one alone. */
  readonly chainedFrom?: { readonly line: number; readonly at: string };
  /** In the order of the file, then of the memories. */
  readonly breaks: readonly LedgerBreak[];
  /** Breaks that a later line has put on record. */
  readonly sealed: number;
}

/** The verb of the line that puts breaks on record, in `detail.breaks`. */
export const SEAL_VERB = "ledger-seal";

/**
 * Holds every line against those before it: it must name exactly what was open up to the line that it saw last. So no line can be altered,
 * removed, added or moved without a later line telling; of the end of the ledger only what is remembered elsewhere tells. One break is
 * told once: what follows it is judged by itself. Cost: one pass, and 100 bytes a line.
 */
export function examineLedger(lines: Iterable<ChainLine>, memories: readonly LedgerMemory[]): LedgerReport {
  const chain = new Chain();
  for (const line of lines) chain.take(line);
  for (const memory of memories) chain.hold(memory);
  const breaks = chain.breaks.filter((one) => !chain.sealed.has(spelled(one)));
  return {
    lines: chain.lines,
    ...(chain.first === undefined ? {} : { chainedFrom: chain.first }),
    breaks,
    sealed: chain.breaks.length - breaks.length,
  };
}

class Chain {
  lines = 0;
  first: { readonly line: number; readonly at: string } | undefined;
  readonly breaks: LedgerBreak[] = [];
  readonly sealed = new Set<string>();
  readonly #places = new Map<Sha256, number>();
  /** By place: what was open once the line there was written. */
  readonly #openAt: (readonly Sha256[])[] = [];
  /** Lines told as foreign: whoever names them later on does no wrong. */
  readonly #told = new Set<Sha256>();

  take({ number, hash, entry }: ChainLine): void {
    const place = this.lines++;
    const before = this.#openAt[place - 1] ?? [];
    const names = namesOf(entry, before.at(-1));
    const isChained = entry.previous !== undefined;
    if (isChained) this.first ??= { line: number, at: entry.at };
    // from where the chain holds: the same line twice, or one without a chain
    const isForeign = this.first !== undefined && (this.#has(hash) || !isChained);
    if (isForeign) this.breaks.push({ of: hash, line: number, missing: [], foreign: [hash] });
    else if (isChained) this.#judge({ of: hash, line: number }, names, this.#openTo(entry.previous, before));
    for (const one of sealedIn(entry)) this.sealed.add(spelled(one));
    this.#places.set(hash, place);
    this.#openAt.push([...before.filter((one) => !names.includes(one) && !this.#told.has(one)), hash]);
  }

  /** A memory is held against the ledger as a line is. */
  hold({ of, open }: LedgerMemory): void {
    this.#judge({ of }, open, this.#openTo(open.at(-1), []));
  }

  #has(hash: Sha256): boolean {
    return this.#places.has(hash);
  }

  /** What was open up to the line that the writer saw last; of one that is not there, all that is open before its own. */
  #openTo(previous: Sha256 | null | undefined, before: readonly Sha256[]): readonly Sha256[] {
    if (previous === null || previous === undefined) return [];
    const seen = this.#places.get(previous);
    return seen === undefined ? before : (this.#openAt[seen] ?? []);
  }

  #judge(who: Pick<LedgerBreak, "of" | "line">, names: readonly Sha256[], open: readonly Sha256[]): void {
    const isFresh = (hash: Sha256) => !this.#told.has(hash);
    const missing = names.filter((hash) => !this.#has(hash));
    const there = names.filter((hash) => this.#has(hash) && isFresh(hash));
    const expected = open.filter(isFresh);
    if (missing.length === 0 && there.join() === expected.join()) return;
    const foreign = [
      ...expected.filter((hash) => !there.includes(hash)),
      ...there.filter((hash) => !expected.includes(hash)),
    ];
    for (const hash of foreign) this.#told.add(hash);
    this.breaks.push({ ...who, missing, foreign });
  }
}

/** The breaks that a line puts on record. */
export function sealedIn({
  verb,
  previous,
  detail,
}: LedgerEntry): readonly Pick<LedgerBreak, "of" | "missing" | "foreign">[] {
  const breaks = verb === SEAL_VERB && previous !== undefined ? detail?.["breaks"] : undefined;
  if (!Array.isArray(breaks)) return [];
  return breaks.flatMap((one) => {
    const { of, missing, foreign } = { ...one };
    return Array.isArray(missing) && Array.isArray(foreign) ? [{ of, missing, foreign }] : [];
  });
}

function spelled({ of, missing, foreign }: Pick<LedgerBreak, "of" | "missing" | "foreign">): string {
  return [of, "missing", ...missing, "foreign", ...foreign].join(" ");
}
