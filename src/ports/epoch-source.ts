import type { Epoch } from "../core/model/manifest.ts";

/** One endpoint at which the network's epoch can be read. */
export interface EpochSource {
  /** For messages and observations: the source as it was named, without credentials. */
  readonly name: string;
  /** One reading, within `timeoutMs`. Errors: `epoch-unreadable` (with what was found), never 0 for what is not known. */
  read(options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }): Promise<EpochReading>;
}

export interface EpochReading {
  readonly epoch: Epoch;
  /** The finalized height, block hash or the like, where the source tells it; for the ledger and messages. */
  readonly detail?: Readonly<Record<string, string | number>>;
}
