import type { Sha256 } from "../core/model/manifest.ts";

export interface Digester {
  sha256(bytes: Uint8Array): Sha256;
  /** For bytes that come in parts. */
  start(): RunningDigest;
}

export interface RunningDigest {
  update(bytes: Uint8Array): void;
  /** Once only. */
  finish(): Sha256;
}
