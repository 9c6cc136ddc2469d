import { canonicalJson } from "../core/json.ts";
import type { LedgerEntry } from "../core/model/home.ts";
import { parseLedgerEntry } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { RECORD_MODE } from "./layout.ts";

const NEWLINE = 0x0a;
const TAIL_BYTES = 64 * 1024;

/** Append-only history, one JSON object a line. */
export interface Ledger {
  /** Durable when it returns. */
  append(entry: LedgerEntry): void;
  /** Oldest first; a torn line counts for nothing. */
  read(): LedgerEntry[];
  /** The highest generation that the last lines tell of; 0 where they tell of none. Reads 64 KiB at most. */
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

  /** May begin within a line, which then counts for nothing. */
  function tail(): Uint8Array {
    reading.refuseLinks(layout.ledger);
    const status = fileSystem.status(layout.ledger);
    if (status?.kind !== "file") return new Uint8Array();
    const bytes = new Uint8Array(Math.min(status.bytes, TAIL_BYTES));
    using handle = fileSystem.openRead(layout.ledger);
    return bytes.subarray(0, handle.read(bytes, status.bytes - bytes.byteLength));
  }

  const lines = () => linesOf(reading.file(layout.ledger) ?? new Uint8Array());

  return {
    append: (entry) => {
      const isNew = fileSystem.status(layout.ledger) === undefined;
      const line = [...(isTorn() ? [NEWLINE] : []), ...canonicalJson(entry), NEWLINE];
      using handle = fileSystem.openAppend(layout.ledger, RECORD_MODE);
      // One write: lines of two writers never mix.
      handle.write(Uint8Array.from(line));
      handle.sync();
      if (isNew) durable.settleName(layout.ledger);
    },
    read: () => lines().flatMap(entryOf),
    lastGeneration: () =>
      Math.max(
        0,
        ...linesOf(tail())
          .flatMap(entryOf)
          .map(({ to }) => to ?? 0),
      ),
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
