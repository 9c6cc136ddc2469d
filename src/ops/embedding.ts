import type { HostKind } from "../core/embedding/host-binary.ts";
import type { Platform, Sha256, Version } from "../core/model/manifest.ts";
import type { ChangeRequest, HomeRequest, ReleaseName } from "./requests.ts";

export interface EmbedRequest extends ChangeRequest {
  /** Absolute path of the program or library that gets them; it stays as it is. */
  readonly binary: string;
  /** Each installed here. */
  readonly releases: readonly { readonly engine: string; readonly version: Version }[];
  /** Absolute path of the new file. */
  readonly to: string;
}

export interface EmbedResult extends EmbeddedList {
  /** Absolute path of the new file. */
  readonly path: string;
  /** Of the new file; null in a dry run. */
  readonly sha256: Sha256 | null;
  /** The host was signed, and the new file is not: it is to be signed again. */
  readonly signatureRemoved: boolean;
  readonly dryRun?: true;
}

export interface EmbeddedList {
  readonly host: HostKind;
  readonly section: { readonly name: string; readonly offset: number; readonly bytes: number };
  readonly releases: readonly ListedEmbedded[];
}

export interface ListedEmbedded {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  readonly tree: Sha256;
  readonly files: number;
  readonly bytes: number;
  readonly entries: readonly { readonly name: string; readonly kind: string; readonly path: string }[];
}

export interface EmbeddedRequest {
  /** Absolute path of a program or library with engines in it. */
  readonly binary: string;
}

export interface VerifyEmbeddedRequest extends EmbeddedRequest {
  /** Its manifest says what is promised; where there is none hashes alone are checked. */
  readonly home: HomeRequest;
}

export interface VerifyEmbeddedResult {
  readonly ok: boolean;
  readonly checked: { readonly files: number; readonly bytes: number };
  readonly releases: readonly VerifiedEmbedded[];
  readonly problems: readonly {
    readonly engine: string;
    readonly version: Version;
    readonly path: string;
    readonly kind: "changed" | "other";
  }[];
}

export interface VerifiedEmbedded {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  readonly tree: Sha256;
  /** What the home's manifest says of that release: this very tree, another one, or nothing; null without a home. */
  readonly promised: "same" | "other" | "unknown" | null;
}

export interface ExtractRequest extends EmbeddedRequest {
  /** Absolute folder; made where it is not there. */
  readonly to: string;
  /** Empty: all. */
  readonly names: readonly ReleaseName[];
  readonly dryRun: boolean;
}

export interface ExtractResult {
  readonly extracted: readonly (ListedEmbedded & { /** Absolute. */ readonly path: string })[];
  readonly dryRun?: true;
}
