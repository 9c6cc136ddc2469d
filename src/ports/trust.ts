import type { ErrorCode } from "../core/errors.ts";
import type { Sha256 } from "../core/model/manifest.ts";

/** TUF metadata, file name (`root.json`, `timestamp.json`, `snapshot.json`, `targets.json`, and every `N.root.json` walked) to bytes. */
export type TrustSet = ReadonlyMap<string, Uint8Array>;

/** Bytes in, trust out: touches nothing of the home. */
export interface TrustKeeper {
  /**
   * Refreshes `known` from the repository's `metadata/` and answers the new whole set with the channel's verified bytes.
   * Errors: `trust-*`, `unknown-channel`, and those of Fetcher.
   */
  refresh(request: RefreshRequest): Promise<RefreshedTrust>;
  /** The set for a first install: from a root file's bytes, or walked from `1.root.json` to any version with that fingerprint. Errors: `trust-root`. */
  begin(request: BeginRequest): Promise<TrustSet>;
  /** Re-checks the signatures of a committed set against its own root, expiry aside; what it says about the manifest's bytes. */
  check(set: TrustSet, channel: string, manifest: Uint8Array): readonly TrustProblem[];
  /** ISO instants, by role. */
  expiries(set: TrustSet): Readonly<Record<string, string>>;
  /** For a person or `--json`: version of the root, and sha256 of its bytes. */
  rootOf(set: TrustSet): { readonly version: number; readonly sha256: Sha256 };
}

export interface RefreshRequest {
  readonly known: TrustSet;
  /** Repository bases, first choice first; each a location for Fetcher. */
  readonly bases: readonly string[];
  readonly channel: string;
  /** A manifest of the channel that is at hand: not fetched again where it is the one that is signed. */
  readonly held?: Uint8Array | undefined;
  /** Milliseconds since 1970: what expiry is held against. */
  readonly now: number;
  /** Takes an expired timestamp or snapshot (only from a folder or an embedded repository). */
  readonly allowExpired: boolean;
}

export interface RefreshedTrust {
  readonly set: TrustSet;
  /** The channel's manifest as signed for, hash and length checked; not parsed. */
  readonly manifest: Uint8Array;
  readonly manifestSha256: Sha256;
  /** Roles that were expired and taken all the same. */
  readonly expired: readonly string[];
  /** Bases that were tried before and did not answer soundly: a mirror that lies is named. */
  readonly refused?: readonly RefusedBase[];
}

export interface RefusedBase {
  readonly base: string;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface BeginRequest {
  readonly bases: readonly string[];
  readonly root: { readonly bytes: Uint8Array } | { readonly sha256: Sha256 };
}

export interface TrustProblem {
  readonly file: string;
  readonly code: "trust-signature" | "trust-format" | "trust-channel";
  readonly message: string;
}
