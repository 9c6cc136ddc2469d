import type { Version } from "../core/model/manifest.ts";

/** What this very program carries: some releases of a channel, in a repository whose base is `embedded:`. */
export interface Carried {
  readonly channel: string;
  /** The trusted root: whoever trusts the program trusts it. */
  readonly root: Uint8Array;
  readonly releases: readonly { readonly engine: string; readonly version: Version }[];
}
