/**
 * What a publisher can ask for: one method a verb, results as docs/CLI.md names their members.
 * cli/ calls this; main.ts binds each method to its file in ops/repo/, loaded when it is called.
 */

import type { Epoch, Platform, Rules, Sha256, Version } from "../core/model/manifest.ts";
import type { GuardRules } from "../core/release-proofs.ts";

export interface Publisher {
  init(request: InitRequest): Promise<InitResult>;
  add(request: AddRequest): Promise<AddResult>;
  deploy(request: DeployRequest): Promise<DraftResult>;
  retire(request: DraftReleaseRequest): Promise<DraftResult>;
  withdraw(request: DraftReleaseRequest & { readonly reason: string }): Promise<DraftResult>;
  rules(request: RulesRequest): Promise<DraftResult>;
  sign(request: SignRequest): Promise<SignResult>;
  rotateRoot(request: RotateRootRequest): Promise<RotateRootResult>;
  refreshTimestamp(request: RefreshTimestampRequest): Promise<SignResult>;
  verify(request: RepositoryRequest): Promise<VerifyRepositoryResult>;
  export(request: ExportRequest): Promise<ExportResult>;
  prune(request: PruneRepositoryRequest): Promise<PruneRepositoryResult>;
}

export interface RepositoryRequest {
  /** Absolute path of the repository's folder. */
  readonly directory: string;
}

export interface RepositoryChangeRequest extends RepositoryRequest {
  /** Say what would be done and change nothing. */
  readonly dryRun: boolean;
}

/** Verbs that work on one channel's draft. */
export interface ChannelRequest extends RepositoryChangeRequest {
  /** May be left out where the repository has one channel. */
  readonly channel?: string | undefined;
}

/**
 * Asked only when it is needed: for key files that are encrypted, or for new ones. `what` names the file, for a prompt.
 * Undefined: there is none (new keys are then written unencrypted).
 */
export type PassphraseSource = (what: string) => Promise<string | undefined>;

/**
 * `30d`, `12h`, `90m`, or an ISO instant in UTC (`2031-01-01T00:00:00Z`), which makes the outcome independent of the clock.
 */
export type Expiry = string;

/** Who signs. At least one of the three, where the verb signs. */
export interface Signing {
  /** Absolute folder: every key file in it. */
  readonly keysDir?: string | undefined;
  /** Absolute paths of private key files (PKCS#8 PEM). */
  readonly keys?: readonly string[] | undefined;
  /** File and arguments, run without a shell: canonical bytes on stdin, the signature as hex or base64 on stdout. */
  readonly signer?: readonly string[] | undefined;
  /** What the signer finds in its environment, beside `ENGINERY_SIGN_ROLE`. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly passphrase?: PassphraseSource | undefined;
}

export interface InitRequest extends RepositoryChangeRequest {
  readonly channel: string;
  /** What the network calls an epoch; default `epoch`. */
  readonly unit?: string | undefined;
  /** Absolute; must not lie in the repository. Needed but where the repository exists and only gains a channel. */
  readonly keysDir?: string | undefined;
  /** How many of the root keys must sign; default 1. */
  readonly threshold?: number | undefined;
  /** How many root keys to make; default: the threshold. */
  readonly keys?: number | undefined;
  readonly passphrase?: PassphraseSource | undefined;
  /** Of the root; default `365d`. */
  readonly expires?: Expiry | undefined;
}

export interface InitResult {
  readonly root: { readonly version: number; readonly sha256: Sha256; readonly path: string };
  readonly channel: string;
  readonly threshold: number;
  readonly keys: readonly PublicKeySummary[];
  readonly dryRun?: true;
}

export interface PublicKeySummary {
  readonly roles: readonly RoleName[];
  readonly keyid: string;
  readonly name?: string;
  /** Absolute path of the private key file, where this command wrote it. */
  readonly path?: string;
  readonly encrypted?: boolean;
}

export type RoleName = "root" | "targets" | "snapshot" | "timestamp";

export interface DraftReleaseRequest extends ChannelRequest {
  readonly engine: string;
  readonly version: Version;
  /** The present epoch, where it is known: rules are checked at it. */
  readonly epoch?: Epoch | undefined;
}

/** Exactly one of `tree`, `archive` and `npm`. */
export interface AddRequest extends DraftReleaseRequest {
  readonly platform: Platform;
  /** Absolute folder whose files are the release. */
  readonly tree?: string | undefined;
  /** Absolute path of a `.tar.zst` or `.tar.gz`, kept as it is. */
  readonly archive?: string | undefined;
  /** `NAME@VERSION`: the archive stays in the npm registry. */
  readonly npm?: string | undefined;
  /** Folder within the archive at which the tree begins; default: the top; for npm the archive's one folder. */
  readonly root?: string | undefined;
  /** Default: an executable named like the engine, or the only executable. */
  readonly entries?: readonly EntryRequest[] | undefined;
  /** Of every executable entry point. */
  readonly probe?: { readonly args: readonly string[]; readonly expect?: string | undefined } | undefined;
  /** Of every library entry point: the executable one that loads it and prints its version. */
  readonly libraryProbe?: { readonly with: string; readonly expect?: string | undefined } | undefined;
  /** What must hold each time before an executable entry point is started. */
  readonly guards?: GuardRules | undefined;
  /** From the last so many releases of the same engine and platform; default: none. */
  readonly deltas?: number | undefined;
  /** For `npm`: no network is touched. */
  readonly offline?: boolean | undefined;
}

export interface EntryRequest {
  readonly name: string;
  /** Path within the tree. */
  readonly path: string;
  /** Default: `library` where the file's name says so (.so, .dylib, .dll), else `executable`. */
  readonly kind?: "executable" | "library" | undefined;
}

export interface AddResult extends DraftResult {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  /** Tree digest. */
  readonly tree: Sha256;
  readonly files: number;
  readonly unpackedBytes: number;
  readonly archive: { readonly sha256: Sha256; readonly bytes: number; readonly source?: string };
  readonly entries: readonly string[];
  /** What was made for those who have an older release; `from` is that one's tree digest. */
  readonly deltas: readonly {
    readonly version: Version;
    readonly from: Sha256;
    readonly sha256: Sha256;
    readonly bytes: number;
  }[];
}

export interface DeployRequest extends DraftReleaseRequest {
  readonly validFrom: Epoch;
}

export interface RulesRequest extends ChannelRequest {
  readonly engine: string;
  /** `null`: no limit. Undefined: as it was. */
  readonly maxFuture?: number | null | undefined;
  readonly maxDeployments?: number | null | undefined;
  readonly alterPending?: Rules["alterPending"] | undefined;
  /** How much history operators need; `null`: the publisher does not say. Undefined: as it was. */
  readonly keepEpochs?: number | null | undefined;
  readonly keepSuperseded?: number | null | undefined;
  readonly epoch?: Epoch | undefined;
}

/** What a verb made of the draft; nothing of it is visible before `sign`. */
export interface DraftResult {
  readonly channel: string;
  /** The serial that the draft will be published under. */
  readonly serial: number;
  /** False: the draft said so already. */
  readonly changed: boolean;
  readonly dryRun?: true;
}

export interface SignRequest extends ChannelRequest, Signing {
  /** Of timestamp and snapshot; default `30d`. */
  readonly expires?: Expiry | undefined;
  /** Of targets (and a rotated root): default `365d`, or `expires` where that is later or an instant. */
  readonly offlineExpires?: Expiry | undefined;
  /** The present epoch: becomes the manifest's publishedEpoch. */
  readonly epoch?: Epoch | undefined;
  /** With nothing new to publish: sign the same manifest again, for a later expiry. */
  readonly renew?: boolean | undefined;
}

/** `visible: false`: docs/CLI.md has the command exit 10 (`signatures-missing`). */
export interface SignResult {
  readonly visible: boolean;
  /** False: it was visible already, nothing was written. */
  readonly changed: boolean;
  readonly channels: readonly { readonly channel: string; readonly serial: number; readonly manifest: Sha256 }[];
  readonly roles: readonly SignedRole[];
  /** Keys that could still sign for roles below their threshold. */
  readonly missing: readonly { readonly role: RoleName; readonly keyid: string; readonly name?: string }[];
  /** Signatures that these keys gave in this run. */
  readonly added: number;
  readonly root: { readonly version: number; readonly sha256: Sha256 };
  readonly dryRun?: true;
}

export interface SignedRole {
  readonly role: RoleName;
  readonly version: number;
  /** ISO instant. */
  readonly expires: string;
  readonly have: number;
  readonly threshold: number;
  /** Of a root that changes keys: the signatures that the root before it asks for. */
  readonly before?: { readonly have: number; readonly threshold: number };
}

export interface RotateRootRequest extends RepositoryChangeRequest {
  /** Whose keys change: `root` stands for root and targets together. Default `root`. */
  readonly role?: "root" | "snapshot" | "timestamp" | undefined;
  /** Absolute paths of key files, public or private. */
  readonly addKeys?: readonly string[] | undefined;
  /** Key ids (or their first 8 digits and more), names, or absolute paths of key files. */
  readonly removeKeys?: readonly string[] | undefined;
  /** How many new keys to make in `keysDir`. */
  readonly newKeys?: number | undefined;
  readonly keysDir?: string | undefined;
  readonly threshold?: number | undefined;
  readonly expires?: Expiry | undefined;
  readonly passphrase?: PassphraseSource | undefined;
}

/** A draft: `sign` gives it the signatures of the old and the new threshold. */
export interface RotateRootResult {
  readonly root: { readonly version: number };
  readonly threshold: number;
  readonly keys: readonly PublicKeySummary[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly dryRun?: true;
}

export interface RefreshTimestampRequest extends RepositoryChangeRequest, Signing {
  /** Default `30d`. */
  readonly expires?: Expiry | undefined;
}

export interface VerifyRepositoryResult {
  readonly ok: boolean;
  readonly checked: { readonly files: number; readonly bytes: number };
  readonly channels: readonly { readonly channel: string; readonly serial: number; readonly manifest: Sha256 }[];
  readonly root: { readonly version: number; readonly sha256: Sha256 };
  /** ISO instants, by role. */
  readonly expires: Readonly<Record<string, string>>;
  /** Paths are relative to the repository's folder. */
  readonly problems: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

export interface PruneRepositoryRequest extends RepositoryChangeRequest {
  /** Keep the content that the last so many manifests of each channel name; default 10. The published one always counts. */
  readonly keepManifests?: number | undefined;
}

export interface PruneRepositoryResult {
  /** Relative paths. */
  readonly removed: readonly { readonly path: string; readonly bytes: number }[];
  readonly freedBytes: number;
  readonly kept: { readonly files: number; readonly bytes: number };
  readonly dryRun?: true;
}

export interface ExportRequest extends ChannelRequest {
  /** Absolute path of the file to write; its name ends in `.tar.zst` or `.tar.gz`. */
  readonly to: string;
  /** Only these; without a version: every release of the engine. Empty: all that is not withdrawn. */
  readonly names: readonly { readonly engine: string; readonly version?: Version | undefined }[];
  /** Only builds for these and for `any`; empty: for every platform. */
  readonly platforms: readonly Platform[];
  /** Archives that stay in the npm registry are not fetched, and so cannot be written. */
  readonly offline: boolean;
}

export interface ExportResult {
  readonly channel: string;
  readonly serial: number;
  readonly manifest: Sha256;
  /** The newest root. */
  readonly root: { readonly version: number; readonly sha256: Sha256 };
  /** Of the file that was written; null in a dry run. */
  readonly file: { readonly path: string; readonly sha256: Sha256; readonly bytes: number } | null;
  /** The one folder in it. */
  readonly folder: string;
  readonly releases: readonly ExportedRelease[];
  /** What the publisher has withdrawn, and nobody named. */
  readonly left: readonly { readonly engine: string; readonly version: Version; readonly reason: string }[];
  readonly dryRun?: true;
}

export interface ExportedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  readonly tree: Sha256;
  readonly files: number;
  readonly unpackedBytes: number;
}
