import type { LedgerEntry } from "../core/model/home.ts";

/** Append-only history, one JSON object a line. */
export interface Ledger {
  append(entry: LedgerEntry): void;
  /** Oldest first; a torn line counts for nothing. */
  read(): LedgerEntry[];
}
