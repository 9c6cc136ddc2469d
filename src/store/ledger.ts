import { canonicalJson } from "../core/json.ts";
import type { LedgerEntry } from "../core/model/home.ts";
import { parseLedgerEntry } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { numberOf, RECORD_MODE } from "./layout.ts";

const NEWLINE = 0x0a;
const TAIL_BYTES = 64 * 1024;

/** Append-only history, one JSON object a line. */
export interface Ledger {
  /** Durable when it returns. A line that tells of no generation of its own says which one was the newest. */
  append(entry: LedgerEntry): void;
  /** Oldest first; a torn line counts for nothing. */
  read(): LedgerEntry[];
  /** The highest generation that the last lines tell of; 0 where they tell of none. Reads 64 KiB, more where a line is longer. */
  lastGeneration(): number;
  /** How many whole lines cannot be read. */
  damagedLines(): number;
}

/** ledger.jsonl */
export function ledgerOf({ layout, fileSystem, durable, reading }: Ground): Ledger {
  /** A writer that died within a line must not spoil the next one. */
  function isTorn(): boolean {
    const status = fileSystem.status(layout.ledger);
    if (status === undefined || status.bytes === 0) return false;
    using handle = fileSystem.openRead(layout.ledger);
    const last = new Uint8Array(1);
    handle.read(last, status.bytes - 1);
    return last[0] !== NEWLINE;
  }

  /** Those at the end, one at least where there is one; the first may be cut short and then counts for nothing. */
  function lastEntries(): LedgerEntry[] {
    reading.refuseLinks(layout.ledger);
    const status = fileSystem.status(layout.ledger);
    if (status?.kind !== "file") return [];
    using handle = fileSystem.openRead(layout.ledger);
    for (let size = TAIL_BYTES; ; size *= 4) {
      const bytes = new Uint8Array(Math.min(status.bytes, size));
      const count = handle.read(bytes, status.bytes - bytes.byteLength);
      const entries = linesOf(bytes.subarray(0, count)).flatMap(entryOf);
      if (entries.length > 0 || size >= status.bytes) return entries;
    }
  }

  function lastGeneration(): number {
    return Math.max(0, ...lastEntries().map(({ to, generation }) => Math.max(to ?? 0, generation ?? 0)));
  }

  /**
   * However many lines follow the one of a commit, the last one tells of it: a generation that is lost stays missed. What the
   * ledger has not told of yet must be on disk before it does.
   */
  function newestGeneration(): number {
    const told = lastGeneration();
    const numbers = reading.list(layout.folder("generations")).flatMap(({ name }) => numberOf(name, ".json") ?? []);
    const highest = Math.max(0, ...numbers);
    if (highest > told) durable.settleName(layout.generation(highest));
    return Math.max(told, highest);
  }

  const lines = () => linesOf(reading.file(layout.ledger) ?? new Uint8Array());

  return {
    append: (entry) => {
      const isNew = fileSystem.status(layout.ledger) === undefined;
      const generation = entry.to === undefined ? newestGeneration() : 0;
      const told = generation === 0 ? entry : { ...entry, generation };
      const line = [...(isTorn() ? [NEWLINE] : []), ...canonicalJson(told), NEWLINE];
      using handle = fileSystem.openAppend(layout.ledger, RECORD_MODE);
      // One write: lines of two writers never mix.
      handle.write(Uint8Array.from(line));
      handle.sync();
      if (isNew) durable.settleName(layout.ledger);
    },
    read: () => lines().flatMap(entryOf),
    lastGeneration,
    damagedLines: () => lines().filter((line) => entryOf(line).length === 0).length,
  };
}

function entryOf(line: Uint8Array): LedgerEntry[] {
  try {
    return [parseLedgerEntry(line)];
  } catch {
    return [];
  }
}

/** Without the last one where it has no end. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    if (end > start) lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
