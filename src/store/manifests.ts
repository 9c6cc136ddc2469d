import type { Sha256 } from "../core/model/manifest.ts";

/** Manifests that some generation refers to, by the sha256 of their bytes. */
export interface Manifests {
  /** Errors: `home-damaged` where the bytes are not those of the name. */
  read(sha256: Sha256): Uint8Array | undefined;
  /** Durable when it returns. */
  keep(bytes: Uint8Array): Sha256;
  list(): Sha256[];
  remove(sha256: Sha256): void;
}
