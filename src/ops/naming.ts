import type { Version } from "../core/model/manifest.ts";
import type { HomeRequest } from "./requests.ts";

/**
 * What a word of the command line may name, for completions. `engine`, `release`: what is installed; `offered-...`: what the accepted manifest
 * names, too; `channel`: what the home follows, and whatever else its metadata names.
 */
export type NameKind =
  | "engine"
  | "offered-engine"
  | "pinned-engine"
  | "release"
  | "offered-release"
  | "tenant"
  | "entry"
  | "generation"
  | "channel"
  | "lease"
  | "quarantined";

/** What else was said narrows the answer: entry points of this release, engines that this tenant is pinned for. */
export interface NamesRequest extends HomeRequest {
  readonly kind: NameKind;
  readonly engine?: string | undefined;
  readonly version?: Version | undefined;
  readonly tenant?: string | undefined;
}
