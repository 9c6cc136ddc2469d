import type { Sha256 } from "../core/model/manifest.ts";
import type { PublicKey } from "./keys.ts";

export type MetadataRole = "root" | "targets" | "snapshot" | "timestamp";

/** Who must sign a role: `threshold` of `keyids`. */
export interface RoleKeys {
  readonly keyids: readonly string[];
  readonly threshold: number;
}

/** What every signed document of the repository says, and who signed it. */
export interface MetadataHead {
  readonly version: number;
  /** ISO instant in UTC, whole seconds. */
  readonly expires: string;
}

export interface RootBody extends MetadataHead {
  readonly keys: readonly PublicKey[];
  readonly roles: Readonly<Record<MetadataRole, RoleKeys>>;
}

export interface SignedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Sha256;
}

export interface TargetsBody extends MetadataHead {
  readonly files: readonly SignedFile[];
}

/** Names the next document down by its exact bytes, signatures included. */
export interface PointerBody extends MetadataHead {
  readonly of: { readonly version: number; readonly bytes: number; readonly sha256: Sha256 };
}

/**
 * Makes and reads the repository's TUF metadata. Bytes in, bytes out: the same body and signatures give the same bytes.
 * Errors of whatever reads: `trust-format`.
 */
export interface MetadataAuthor {
  root(body: RootBody): Uint8Array;
  targets(body: TargetsBody): Uint8Array;
  snapshot(body: PointerBody): Uint8Array;
  timestamp(body: PointerBody): Uint8Array;
  readRoot(bytes: Uint8Array): RootBody;
  readTargets(bytes: Uint8Array): TargetsBody;
  readSnapshot(bytes: Uint8Array): PointerBody;
  readTimestamp(bytes: Uint8Array): PointerBody;
  /** The canonical bytes that a key signs. */
  payload(role: MetadataRole, bytes: Uint8Array): Uint8Array;
  /** The document with one more signature, in order of key ids. */
  withSignature(role: MetadataRole, bytes: Uint8Array, keyid: string, signature: string): Uint8Array;
  /** Ids of those keys of `role` in `root` whose signatures on the document are valid. */
  signers(role: MetadataRole, bytes: Uint8Array, root: Uint8Array): readonly string[];
}
