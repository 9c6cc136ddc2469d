/** What `verify`, `rollback`, `prune` and `history` are asked and answer; members as docs/CLI.md names them. */
import type { Epoch, Version } from "../core/model/manifest.ts";
import type { KeptBy } from "../core/retention.ts";
import type { ChangedSelection } from "../core/rollback.ts";
import type { ChangeRequest, HomeRequest, ReleaseName } from "./requests.ts";

export type { KeptBy } from "../core/retention.ts";

export interface VerifyRequest extends ChangeRequest {
  readonly names: readonly ReleaseName[];
  readonly repair: boolean;
  readonly quick: boolean;
  readonly offline: boolean;
  readonly allowHttp: boolean;
}

export interface VerifyProblem {
  readonly engine: string;
  readonly version: Version;
  /** Within the installation; for what belongs to the home itself: engine and version are empty, the path is within the home. */
  readonly path: string;
  readonly kind: "changed" | "missing" | "extra" | "mode" | "seal" | "size" | "signature" | "manifest" | "ledger";
  /** One sentence, where the kind does not say enough. */
  readonly detail?: string;
}

export interface VerifyResult {
  readonly ok: boolean;
  readonly checked: { readonly files: number; readonly bytes: number };
  readonly problems: readonly VerifyProblem[];
  readonly repaired: readonly VerifyProblem[];
  /** The ledger's chain; absent where releases were named, or with `--quick`. */
  readonly chain?: ChainState;
  readonly dryRun?: true;
}

export interface ChainState {
  /** Of the ledger, that can be read. */
  readonly lines: number;
  /** The first line that is chained to what is before it; null where none is. */
  readonly from: { readonly line: number; readonly at: string } | null;
  /** Breaks that were put on record, and are no problem any more. */
  readonly sealed: number;
}

export interface RollbackRequest extends ChangeRequest {
  readonly to?: number | undefined;
  readonly markBad?: string | undefined;
  readonly force?: string | undefined;
}

export interface RollbackResult {
  readonly generation: number;
  readonly restores: number;
  readonly downloadedBytes: 0;
  /** Engine and version of what is no longer installed. */
  readonly lost: readonly { readonly engine: string; readonly version: Version }[];
  /** Of engines without a schedule, where another release is selected than before, or none. */
  readonly selections: readonly ChangedSelection[];
  readonly dryRun?: true;
}

export interface PruneRequest extends ChangeRequest {
  readonly keepGenerations?: number | undefined;
  readonly before?: Epoch | undefined;
  readonly forgetLease?: string | undefined;
  /** Why `before` may go below what the publisher needs. */
  readonly force?: string | undefined;
  /** Keep what was installed by name and nothing else keeps: an upgrade's own prune does. */
  readonly keepUnscheduled?: boolean | undefined;
}

export interface PrunedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly bytes: number;
}

export interface PruneResult {
  /** The newest one when prune was done. */
  readonly generation: number;
  readonly removed: readonly PrunedRelease[];
  readonly kept: readonly {
    readonly engine: string;
    readonly version: Version;
    readonly bytes: number;
    readonly keptBy: readonly KeptBy[];
  }[];
  readonly freedBytes: number;
  readonly retiredGenerations: readonly number[];
  readonly dryRun?: true;
}

export interface HistoryRequest extends HomeRequest {
  readonly engine?: string | undefined;
  /** What ran at this epoch. */
  readonly epoch?: Epoch | undefined;
  /** `24h`, `7d`, `2031-01-01`, `2031-01-01T12:00:00Z`. */
  readonly since?: string | undefined;
}

export interface ExportRequest extends HomeRequest {
  /** Absolute path of a file that is not there yet; absent: in the answer. */
  readonly to?: string | undefined;
}
