/** What the verbs that only look answer; members as docs/CLI.md names them. */
import type { Generation, Hold, Installation, LedgerEntry } from "../core/model/home.ts";
import type { Epoch, Platform, Sha256, Version } from "../core/model/manifest.ts";
import type { NeedReason } from "../core/needed-releases.ts";
import type { DeploymentState } from "../core/schedule.ts";
import type { Work } from "../core/work.ts";

export interface ListedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  readonly tree: Sha256;
  readonly path: string;
  readonly bytes: number;
  readonly validFrom: Epoch | null;
  /** Null where the epoch is unknown and the answer depends on it. */
  readonly state: DeploymentState | null;
  readonly entries: readonly string[];
}

export interface ListResult {
  readonly generation: number;
  readonly engines: readonly ListedRelease[];
}

export interface StatusResult {
  readonly home: string;
  readonly generation: number;
  readonly channel: string;
  readonly repository: string;
  readonly manifest: { readonly serial: number; readonly sha256: Sha256 };
  readonly unit: string;
  readonly epoch: Epoch | null;
  readonly observedAt: string | null;
  readonly engines: readonly EngineStatus[];
  readonly disk: { readonly installedBytes: number; readonly freeBytes: number };
  readonly trust: {
    /** Null where the trust set is damaged; `problems` tells. */
    readonly rootVersion: number | null;
    readonly rootSha256: Sha256 | null;
    readonly expires: Readonly<Record<string, string>>;
    readonly expired: readonly string[];
  };
  /** After a rollback: `upgrade` waits for a higher serial. */
  readonly held: boolean;
  /** What an operator said with `hold` and is not over; null where automatic upgrades go on. */
  readonly hold: StandingHold | null;
  readonly problems: readonly StandingProblem[];
}

export interface StandingProblem {
  readonly code: string;
  /** One sentence or two; where a command mends it, that is at its end. */
  readonly message: string;
  /** The command that mends it, or a sentence that names it; absent where none does. */
  readonly mend?: string;
}

export type StandingHold = Omit<Hold, "format">;

export interface EngineStatus {
  readonly engine: string;
  readonly inEffect: { readonly version: Version; readonly validFrom: Epoch; readonly installed: boolean } | null;
  readonly next: {
    readonly version: Version;
    readonly validFrom: Epoch;
    readonly epochsLeft: number;
    readonly installed: boolean;
  } | null;
  readonly selected: Version | null;
  readonly pins: number;
}

export interface ScheduleResult {
  readonly unit: string;
  readonly observed: Epoch | null;
  readonly engines: Readonly<Record<string, readonly ScheduledRelease[]>>;
}

export interface ScheduledRelease {
  readonly version: Version;
  readonly validFrom: Epoch;
  readonly state: DeploymentState | null;
  readonly installed: boolean;
  readonly withdrawn?: string;
}

/** All that the page of `schedule --html` shows, read at one moment. */
export interface SchedulePage {
  readonly status: StatusResult;
  readonly schedule: ScheduleResult;
  readonly installed: readonly ListedRelease[];
  /** The last epoch seen, also where it is too old to count. */
  readonly observation: { readonly epoch: Epoch; readonly at: string; readonly from: string } | null;
  /** When the generation was committed. */
  readonly committedAt: string;
  readonly publishedEpoch: Epoch | null;
  /** By engine, then version. */
  readonly pins: readonly PinnedRelease[];
  /** The first epoch that the retention window keeps; null where it keeps the whole schedule, or the epoch is unknown. */
  readonly windowFrom: Epoch | null;
}

export interface PinnedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly count: number;
  /** The first of them, in order. */
  readonly tenants: readonly string[];
}

export interface HistoryResult {
  readonly generations: readonly (Pick<Generation, "number" | "cause" | "at" | "manifest" | "restores" | "reasons"> & {
    readonly installations: number;
    /** With an engine asked for, of that one alone. */
    readonly releases: readonly Pick<Installation, "engine" | "version" | "tree">[];
    readonly newest: boolean;
  })[];
  /** By the accepted manifest. */
  readonly inEffect: readonly SpanInEffect[];
  /** What ran, or was about to: `exec`, hosts, launchers. */
  readonly work: readonly Work[];
  readonly ledger: readonly LedgerEntry[];
}

export interface SpanInEffect {
  readonly engine: string;
  readonly version: Version;
  /** Of this host's platform; null where there is no build for it. */
  readonly tree: Sha256 | null;
  readonly validFrom: Epoch;
  /** Null where nothing comes after it yet. */
  readonly lastEpoch: Epoch | null;
  readonly installed: boolean;
}

export interface ExportedLedger {
  readonly lines: number;
  readonly bytes: number;
  /** The file that was written, absolute; else `content` has it all. */
  readonly to?: string;
  readonly content?: Uint8Array;
}

export interface DoctorResult {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly code: string;
  readonly severity: "ok" | "warning" | "error";
  readonly message: string;
  readonly mend?: string;
  readonly fixed?: true;
}

export interface ReadyResult {
  /** Whether every check of every item and of the home is passed. */
  readonly ready: boolean;
  readonly unit: string;
  readonly epoch: Epoch | null;
  readonly items: readonly ReadyItem[];
  /** What holds once for the home: epoch, disk, trust and the like. */
  readonly home: readonly ReadyCheck[];
}

/** One release that work may ask for. */
export interface ReadyItem {
  readonly engine: string;
  readonly version: Version;
  readonly why: NeedReason;
  readonly validFrom: Epoch | null;
  /** 0: work may ask for it now; null: the epoch is unknown. */
  readonly epochsLeft: number | null;
  readonly pins: number;
  readonly ok: boolean;
  readonly checks: readonly ReadyCheck[];
}

export interface ReadyCheck {
  readonly name: ReadyCheckName;
  readonly ok: boolean;
  /** What was found; where it failed, with what mends it. */
  readonly detail: string;
  /** The command that mends it, or who can. */
  readonly mend?: string;
}

export type ReadyCheckName =
  | "installed"
  | "hashes"
  | "host"
  | "probe"
  | "withdrawn"
  | "quarantine"
  | "epoch"
  | "disk"
  | "trust"
  | "pins"
  | "claims"
  | "late"
  | "held";
