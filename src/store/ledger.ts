import { examineLedger, type LedgerMemory, type LedgerReport, sealedIn } from "../core/examine-ledger.ts";
import { canonicalJson } from "../core/json.ts";
import { type ChainLine, linkTo, openLines, tellsAllOpen } from "../core/ledger-chain.ts";
import type { LedgerEntry } from "../core/model/home.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import { parseLedgerEntry } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { numberOf, RECORD_MODE } from "./layout.ts";
import { linesFromEnd, type WholeLine, wholeLines } from "./ledger-lines.ts";
import { damaged } from "./reading.ts";

const NEWLINE = 0x0a;
/** Where what is asked of the last lines is looked for: some ten of them; more where they do not tell. */
const WINDOW_BYTES = 4 * 1024;
/** What is looked through for lines that tell of a generation: those that an older Enginery wrote need not. */
const TAIL_BYTES = 60 * 1024;

/** Append-only history, one JSON object a line, each naming those before it (docs/LAYOUT.md). */
export interface Ledger {
  /** Durable when it returns. A line that tells of no generation of its own says which one was the newest. Reads the end of the file alone. */
  append(entry: NewLedgerEntry): void;
  /** Oldest first; a torn line counts for nothing. */
  read(): LedgerEntry[];
  /** As `read`, a line at a time. */
  entries(): Iterable<LedgerEntry>;
  /** Each whole line that can be read, byte for byte. */
  texts(): Iterable<{ readonly bytes: Uint8Array; readonly entry: LedgerEntry }>;
  /** The newest line that can be read. */
  last(): LedgerEntry | undefined;
  /**
   * The highest generation that the last lines tell of; 0 where they tell of none. Where that is not above `known` a lower one may be answered.
   * Reads 4 KiB, up to 64 and more where these tell nothing; parses the last line that tells, and those that may tell of more than is known.
   */
  lastGeneration(known?: number): number;
  /**
   * The lines that nothing names yet, for a record that is to remember them: they are on disk when it returns. `known` is what the record
   * before it remembered: where any of that is gone and no line has put it on record, it is answered again, as a loss must not be
   * forgotten because something was written after it. Reads back to what is known; all of a ledger that has lost it.
   */
  open(known?: readonly Sha256[]): readonly Sha256[];
  /** Holds every line against those before it, and all against what is remembered elsewhere. */
  examine(memories: readonly LedgerMemory[]): LedgerReport;
  /** How many whole lines cannot be read. */
  damagedLines(): number;
}

export type NewLedgerEntry = Omit<LedgerEntry, "previous" | "also" | "generation">;

/** ledger.jsonl */
export function ledgerOf({ layout, fileSystem, durable, reading, digester }: Ground): Ledger {
  const path = layout.ledger;

  /** So many bytes of it `open` has flushed: what has come since is for `append` to flush. */
  let flushed = 0;

  function sizeOf(): number {
    const status = fileSystem.status(path);
    return status?.kind === "file" ? status.bytes : 0;
  }

  /** The lines in the first `size` bytes, the last ones first; each window is in the order of the file. */
  function* fromEnd(size: number, windowBytes: number): Generator<readonly WholeLine[], void> {
    reading.refuseLinks(path);
    if (size === 0) return;
    using handle = fileSystem.openRead(path);
    const read = (position: number, length: number) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, handle.read(bytes, position));
    };
    yield* linesFromEnd(read, size, windowBytes);
  }

  /** As many of the last lines in the first `size` bytes as tell all that is open in these. */
  function lastLines(size: number): readonly ChainLine[] {
    let lines: readonly ChainLine[] = [];
    for (const window of fromEnd(size, WINDOW_BYTES)) {
      lines = [...chainLines(window), ...lines];
      if (tellsAllOpen(lines)) break;
    }
    return lines;
  }

  function* chainLines(lines: Iterable<WholeLine>): Generator<ChainLine, void> {
    for (const { number, bytes } of lines) {
      const entry = bytes && entryOf(bytes);
      if (bytes !== undefined && entry !== undefined) yield { number, hash: digester.sha256(bytes), entry };
    }
  }

  function endsWithinLine(size: number): boolean {
    if (size === 0) return false;
    using handle = fileSystem.openRead(path);
    const last = new Uint8Array(1);
    return handle.read(last, size - 1) === 1 && last[0] !== NEWLINE;
  }

  /** Whether each of these lines is in the first `size` bytes, or told as missing by one that is. */
  function accountsFor(size: number, hashes: readonly Sha256[]): boolean {
    const missing = new Set(hashes);
    if (missing.size === 0) return true;
    for (const window of fromEnd(size, WINDOW_BYTES)) {
      for (const { hash, entry } of chainLines(window)) {
        missing.delete(hash);
        for (const sealed of sealedIn(entry)) for (const one of sealed.missing) missing.delete(one);
      }
      if (missing.size === 0) return true;
    }
    return false;
  }

  /** Errors: `home-damaged` where it is no plain file. */
  function* all(): Generator<WholeLine, void> {
    reading.refuseLinks(path);
    const status = fileSystem.status(path);
    if (status === undefined) return;
    if (status.kind !== "file") throw damaged(path, "is no plain file");
    yield* wholeLines(reading.chunks(path));
  }

  function* texts() {
    for (const { number, bytes } of all()) {
      const entry = bytes && entryOf(bytes);
      if (bytes !== undefined && entry !== undefined) yield { number, bytes, entry };
    }
  }

  function* entries(): Generator<LedgerEntry, void> {
    for (const { entry } of texts()) yield entry;
  }

  /** The entries at the end, some ten at a time, the last ones first. */
  function* lastEntries(): Generator<readonly LedgerEntry[], void> {
    for (const window of fromEnd(sizeOf(), WINDOW_BYTES)) {
      yield window.flatMap(({ bytes }) => (bytes && entryOf(bytes)) ?? []);
    }
  }

  function lastGeneration(known = 0): number {
    let looked = 0;
    for (const window of fromEnd(sizeOf(), WINDOW_BYTES)) {
      const { highest, isRead } = toldIn(window, known);
      // each window is twice the one before
      looked = 2 * looked + WINDOW_BYTES;
      if (highest > 0 || (looked >= TAIL_BYTES && isRead)) return highest;
    }
    return 0;
  }

  /**
   * However many lines follow the one of a commit, the last one tells of it: a generation that is lost stays missed. What the
   * ledger has not told of yet must be on disk before it does.
   */
  function newestGeneration(lines: readonly ChainLine[]): number {
    const told = highestIn(lines.map(({ entry }) => entry)) || lastGeneration();
    const numbers = reading.list(layout.folder("generations")).flatMap(({ name }) => numberOf(name, ".json") ?? []);
    const highest = Math.max(0, ...numbers);
    if (highest > told) durable.settleName(layout.generation(highest));
    return Math.max(told, highest);
  }

  return {
    append: (entry) => {
      const isNew = fileSystem.status(path) === undefined;
      using handle = fileSystem.openAppend(path, RECORD_MODE);
      const size = sizeOf();
      // What a line names is on disk before the line is: a power cut never takes the one and leaves the other.
      if (size > 0 && size !== flushed) handle.sync();
      const lines = lastLines(size);
      const generation = entry.to === undefined ? newestGeneration(lines) : 0;
      const told = { ...entry, ...(generation === 0 ? {} : { generation }), ...linkTo(openLines(lines)) };
      // A writer that died within a line must not spoil this one.
      const line = [...(endsWithinLine(size) ? [NEWLINE] : []), ...canonicalJson(told), NEWLINE];
      // One write: lines of two writers never mix.
      handle.write(Uint8Array.from(line));
      handle.sync();
      if (isNew) durable.settleName(path);
    },
    read: () => [...entries()],
    entries,
    texts,
    last: () => {
      for (const entries of lastEntries()) if (entries.length > 0) return entries.at(-1);
      return undefined;
    },
    lastGeneration,
    open: (known = []) => {
      const size = sizeOf();
      if (!accountsFor(size, known)) return known;
      if (size === 0) return [];
      fileSystem.syncFile(path);
      flushed = size;
      return openLines(lastLines(size));
    },
    examine: (memories) => examineLedger(chainLines(all()), memories),
    damagedLines: () => {
      let count = 0;
      for (const { bytes } of all()) if (bytes === undefined || entryOf(bytes) === undefined) count += 1;
      return count;
    },
  };
}

/** The highest generation in some lines, 0 where they tell of none, and whether one of them can be read. The last line first. */
function toldIn(lines: readonly WholeLine[], known: number): { readonly highest: number; readonly isRead: boolean } {
  let highest = 0;
  let isRead = false;
  for (const { bytes } of lines.toReversed()) {
    if (bytes === undefined || (highest > 0 && !mayTellOfMore(bytes, Math.max(known, highest)))) continue;
    const entry = entryOf(bytes);
    isRead ||= entry !== undefined;
    if (entry !== undefined) highest = Math.max(highest, highestIn([entry]));
  }
  return { highest, isRead };
}

/** By the text alone, which may say so of what is no generation. A name may be spelled with escapes. */
function mayTellOfMore(line: Uint8Array, than: number): boolean {
  const text = new TextDecoder().decode(line);
  if (text.includes("\\u")) return true;
  return text.matchAll(/"(?:to|generation)"\s*:\s*(\d+)/g).some(([, digits]) => Number(digits) > than);
}

function entryOf(line: Uint8Array): LedgerEntry | undefined {
  try {
    return parseLedgerEntry(line);
  } catch {
    return undefined;
  }
}

function highestIn(entries: readonly LedgerEntry[]): number {
  return Math.max(0, ...entries.map(({ to, generation }) => Math.max(to ?? 0, generation ?? 0)));
}
