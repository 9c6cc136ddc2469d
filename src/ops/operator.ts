/**
 * What an operator can ask for: one method a verb, requests and results as docs/CLI.md names their members.
 * cli/ calls this; main.ts binds each method to its file in ops/, loaded when it is called.
 */

import type { ErrorCode } from "../core/errors.ts";
import type { Installation, LateChange, Pin, Quarantine } from "../core/model/home.ts";
import type { Epoch, Guard, Platform, Sha256, Version } from "../core/model/manifest.ts";
import type { Resolution } from "../core/model/resolution.ts";
import type { PinnedUnpromised } from "../core/unpromised.ts";
import type {
  DoctorResult,
  ExportedLedger,
  HistoryResult,
  ListResult,
  ReadyResult,
  SchedulePage,
  ScheduleResult,
  StandingHold,
  StatusResult,
} from "./answers.ts";
import type {
  EmbeddedList,
  EmbeddedRequest,
  EmbedRequest,
  EmbedResult,
  ExtractRequest,
  ExtractResult,
  VerifyEmbeddedRequest,
  VerifyEmbeddedResult,
} from "./embedding.ts";
import type { NamesRequest } from "./naming.ts";
import type { ObserveResult, SourcesRequest } from "./observations.ts";
import type { UninstallRequest, UninstallResult } from "./removing.ts";
import type { ChangeRequest, HomeRequest, NetworkRequest, ReleaseName } from "./requests.ts";
import type {
  InstallServiceResult,
  RemoveServiceResult,
  ServiceChangeRequest,
  ServiceRequest,
  ServiceStatus,
} from "./service-words.ts";
import type { SelfUpdateRequest, SelfUpdateResult } from "./updating.ts";
import type {
  ExportRequest,
  HistoryRequest,
  PrunedRelease,
  PruneRequest,
  PruneResult,
  RollbackRequest,
  RollbackResult,
  VerifyRequest,
  VerifyResult,
} from "./upkeep.ts";
import type { WatchEvent, WatchRequest, WatchResult } from "./watch/words.ts";
import type { TakenWay } from "./ways.ts";

export type { DeploymentState } from "../core/schedule.ts";
export type { PinnedUnpromised } from "../core/unpromised.ts";
export type * from "./answers.ts";
export type * from "./embedding.ts";
export type * from "./naming.ts";
export type * from "./observations.ts";
export type * from "./removing.ts";
export type * from "./requests.ts";
export type * from "./service-words.ts";
export type * from "./updating.ts";
export type * from "./upkeep.ts";
export type { WatchEvent, WatchRequest, WatchResult } from "./watch/words.ts";
export type { TakenWay } from "./ways.ts";

export interface Operator {
  /** What root a first install would trust, for a person to compare and confirm. Undefined where the home has one already. */
  rootFingerprint(request: InstallRequest): Promise<RootFingerprint | undefined>;
  plan(request: InstallRequest | UpgradeRequest): Promise<InstallResult>;
  install(request: InstallRequest): Promise<InstallResult>;
  upgrade(request: UpgradeRequest): Promise<UpgradeResult>;
  check(request: CheckRequest): Promise<CheckResult>;
  verify(request: VerifyRequest): Promise<VerifyResult>;
  rollback(request: RollbackRequest): Promise<RollbackResult>;
  prune(request: PruneRequest): Promise<PruneResult>;
  list(request: HomeRequest & { readonly engine?: string | undefined }): Promise<ListResult>;
  status(request: HomeRequest): Promise<StatusResult>;
  schedule(request: HomeRequest & { readonly engine?: string | undefined }): Promise<ScheduleResult>;
  /** What a page on the wall shows: `status`, `schedule`, `list` and `pins` of one moment. */
  schedulePage(request: HomeRequest & { readonly engine?: string | undefined }): Promise<SchedulePage>;
  /** Proof that every release that work may ask for would run here; changes nothing and fetches nothing. */
  ready(request: ReadyRequest): Promise<ReadyResult>;
  which(request: WhichRequest): Promise<WhichResult>;
  /** Answers the engine's own exit status where this process could not be replaced. */
  exec(request: ExecRequest): Promise<number>;
  use(
    request: ChangeRequest & { readonly engine: string; readonly version: Version },
  ): Promise<{ readonly generation: number }>;
  pin(request: PinChangeRequest): Promise<PinResult>;
  unpin(request: ChangeRequest & { readonly tenant: string; readonly engine: string }): Promise<PinResult>;
  pins(request: HomeRequest & { readonly engine?: string | undefined }): Promise<{ readonly pins: readonly Pin[] }>;
  observe(request: ObserveRequest): Promise<ObserveResult>;
  /** Runs until it is told to stop; `tell` is called for everything that happens. */
  watch(request: WatchRequest, tell: (event: WatchEvent) => void): Promise<WatchResult>;
  /** Stops automatic upgrades, never alarms and never an `upgrade` that a person asks for. */
  hold(
    request: ChangeRequest & { readonly until?: string | undefined; readonly reason?: string | undefined },
  ): Promise<HoldResult>;
  unhold(request: ChangeRequest): Promise<HoldResult>;
  history(request: HistoryRequest): Promise<HistoryResult>;
  exportLedger(request: ExportRequest): Promise<ExportedLedger>;
  doctor(request: HomeRequest & { readonly fix: boolean }): Promise<DoctorResult>;
  installService(request: ServiceChangeRequest): Promise<InstallServiceResult>;
  serviceStatus(request: ServiceRequest): Promise<ServiceStatus>;
  removeService(request: ServiceChangeRequest): Promise<RemoveServiceResult>;
  embed(request: EmbedRequest): Promise<EmbedResult>;
  listEmbedded(request: EmbeddedRequest): Promise<EmbeddedList>;
  verifyEmbedded(request: VerifyEmbeddedRequest): Promise<VerifyEmbeddedResult>;
  extractEmbedded(request: ExtractRequest): Promise<ExtractResult>;
  quarantine(
    request: ChangeRequest & { readonly lift?: Sha256 | undefined },
  ): Promise<{ readonly quarantined: readonly Quarantine[] }>;
  selfUpdate(request: SelfUpdateRequest): Promise<SelfUpdateResult>;
  /** What a word of the command line may name, for completions; reads the home alone. */
  names(request: NamesRequest): Promise<readonly string[]>;
  /** Removes what install.sh made, by its receipt. */
  uninstall(request: UninstallRequest): Promise<UninstallResult>;
}

export interface RootFingerprint {
  readonly version: number;
  readonly sha256: Sha256;
}

export interface InstallRequest extends NetworkRequest {
  readonly names: readonly ReleaseName[];
  /** Only the first time. */
  readonly from?: string | undefined;
  readonly mirrors?: readonly string[] | undefined;
  readonly channel?: string | undefined;
  readonly root?: Uint8Array | undefined;
  readonly rootSha256?: Sha256 | undefined;
  readonly platform?: Platform | undefined;
  /** The folder outside the home where processes of other accounts may claim too; absent: as the home has it, a new one in itself. */
  readonly leases?: string | undefined;
  readonly acceptLate?: string | undefined;
}

export interface UpgradeRequest extends NetworkRequest {
  readonly names: readonly ReleaseName[];
  readonly stageOnly: boolean;
  readonly again: boolean;
  readonly prune: boolean;
  /** Asked for by a timer or a program: an operator's `hold` stops it. */
  readonly automatic?: boolean | undefined;
  readonly acceptLate?: string | undefined;
}

export type CheckRequest = NetworkRequest & { readonly names: readonly ReleaseName[] };

export interface InstalledRelease extends Pick<Installation, "engine" | "version" | "platform" | "tree" | "bytes"> {
  /** Absolute folder. */
  readonly path: string;
}

export interface FailedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface InstallResult {
  readonly generation: number;
  /** What this operation laid out anew. */
  readonly installed: readonly InstalledRelease[];
  readonly failed: readonly FailedRelease[];
  readonly late: readonly LateChange[];
  /** Bytes of archives that came over the network or from the repository's folder. */
  readonly downloadedBytes: number;
  /** How many of the releases came as a delta. */
  readonly deltas: number;
  /** How each release that is laid out anew comes, the cheapest way first tried; of a dry run: as planned. */
  readonly ways: readonly ReleaseWay[];
  /** Whether this changed anything. */
  readonly changed: boolean;
  readonly space: SpaceNeed;
  readonly dryRun?: true;
}

export interface ReleaseWay extends TakenWay {
  readonly engine: string;
  readonly version: Version;
}

export interface SpaceNeed {
  readonly downloadBytes: number;
  readonly unpackedBytes: number;
  readonly reserveBytes: number;
  readonly freeBytes: number;
}

export interface UpgradeResult extends InstallResult {
  readonly from: number;
  readonly to: number;
  readonly manifest: { readonly serial: number; readonly sha256: Sha256 };
  readonly pruned: readonly PrunedRelease[];
  /** Why nothing was taken though there may be something: after a rollback, or an operator's hold. */
  readonly held?: string;
  readonly withdrawn: readonly WithdrawnRelease[];
  /** Installed here, and not promised by the publisher's manifest: those whom it would hit, who stay on it. */
  readonly pinned: readonly PinnedUnpromised[];
}

/** Installed here, and withdrawn by the publisher: it still runs. */
export interface WithdrawnRelease extends Pick<Installation, "engine" | "version"> {
  readonly reason: string;
}

export interface CheckResult {
  readonly updates: readonly {
    readonly engine: string;
    readonly version: Version;
    readonly validFrom: Epoch | null;
    /** Of its archive. */
    readonly bytes: number;
    /** How `upgrade` would take it, and what that fetches. */
    readonly way: TakenWay["way"];
    readonly from?: NonNullable<TakenWay["from"]>;
    readonly downloadBytes: number;
  }[];
  readonly downloadBytes: number;
  readonly diskBytes: number;
  readonly manifest: { readonly serial: number; readonly sha256: Sha256 };
  readonly withdrawn: readonly WithdrawnRelease[];
  /** Installed here, and not promised by the publisher's manifest: those whom it would hit, who stay on it. */
  readonly pinned: readonly PinnedUnpromised[];
}

export interface ReadyRequest extends HomeRequest {
  /** Only releases that begin at most this many epochs ahead; absent: all. */
  readonly within?: number | undefined;
  /** Only these; absent or empty: all. The checks of the home are made all the same. */
  readonly names?: readonly ReleaseName[] | undefined;
  /** Sizes and times in place of hashes. */
  readonly quick?: boolean | undefined;
  /** How many days the signed metadata must hold still. */
  readonly trustDays?: number | undefined;
}

export interface WhichRequest extends HomeRequest {
  readonly engine: string;
  readonly version?: Version | undefined;
  readonly epoch?: Epoch | undefined;
  readonly tenant?: string | undefined;
  readonly entry?: string | undefined;
}

export interface ExecRequest extends WhichRequest {
  readonly args: readonly string[];
  /** The engine's environment: the caller's own. */
  readonly env: Readonly<Record<string, string>>;
}

export interface WhichResult extends Omit<Resolution, "entryPoint"> {
  /** Absolute path of the entry point's file. */
  readonly path: string;
  /** What `exec` checks before it starts this entry point; whoever starts the file itself checks it, too. */
  readonly guard?: Guard;
  /** One sentence a step, for `--why`. */
  readonly why: readonly string[];
}

export interface PinRequest {
  readonly tenant: string;
  readonly engine: string;
  readonly version: Version;
}

export interface PinChangeRequest extends ChangeRequest {
  readonly pins: readonly PinRequest[];
  /** Why a tenant goes back to an older version than it is pinned to. */
  readonly force?: string | undefined;
}

export interface PinResult {
  /** What holds for the tenants that were named; of `unpin`: what was let go. */
  readonly pins: readonly Pin[];
  /** How many differ from before. */
  readonly changed: number;
  /** Tenants that were asked to go back, and stay: `version` holds, `asked` is older. */
  readonly stays?: readonly {
    readonly tenant: string;
    readonly engine: string;
    readonly version: Version;
    readonly asked: Version;
  }[];
  readonly dryRun?: true;
}

export interface HoldResult {
  /** Null: automatic upgrades go on. */
  readonly hold: StandingHold | null;
  readonly before: StandingHold | null;
  readonly changed: boolean;
  readonly dryRun?: true;
}

/** The epoch itself, or where it is read. */
export type ObserveRequest = ChangeRequest & {
  readonly force?: string | undefined;
  readonly maxStep?: number | undefined;
} & ({ readonly epoch: Epoch } | SourcesRequest);
