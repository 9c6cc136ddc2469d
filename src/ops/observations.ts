/** What `observe` is told and answers; members as docs/CLI.md names them. */
import type { SourceOutcome } from "../core/epoch-quorum.ts";
import type { Epoch } from "../core/model/manifest.ts";

/** Where the network's epoch is read, over what config.json says. */
export interface SourcesRequest {
  /** As `parseEpochSource` reads them; empty: config.json's. */
  readonly sources: readonly string[];
  readonly quorum?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly offline: boolean;
  readonly allowHttp: boolean;
}

export interface ObserveResult {
  readonly epoch: Epoch;
  readonly before: Epoch | null;
  readonly changed: boolean;
  /** `observe`, or the names of the epoch sources that say it. */
  readonly from: string;
  /** What each epoch source answered, where they were asked. */
  readonly sources?: readonly SourceOutcome[];
  readonly dryRun?: true;
}
