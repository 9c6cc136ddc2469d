import type { Epoch } from "../../core/model/manifest.ts";
import type { AlarmNotice } from "../../core/watch/alarms.ts";
import type { FollowMode } from "../../core/watch/machines.ts";
import type { FailurePlace } from "../../core/watch/metrics.ts";
import type { ConfigOverrides, NetworkRequest, ReleaseName, SourcesRequest } from "../operator.ts";

export interface WatchRequest extends NetworkRequest, SourcesRequest {
  /** One round, and its end. */
  readonly once: boolean;
  /** What the command line says over config.json and environment, for as long as it runs. */
  readonly settings: ConfigOverrides;
  /** Of alarm commands: the caller's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Sent with each webhook as a bearer token. */
  readonly webhookToken?: string | undefined;
}

/** What `watch` says while it runs; each a line of JSON with --json. */
export type WatchEvent = { readonly at: string } & (
  | { readonly event: "following"; readonly sources: readonly string[]; readonly metrics: string | null }
  | { readonly event: "epoch"; readonly epoch: Epoch; readonly before: Epoch | null; readonly from: string }
  | { readonly event: "mode"; readonly from: FollowMode; readonly to: FollowMode }
  | {
      readonly event: "upgrade";
      readonly generation: number;
      readonly installed: readonly ReleaseName[];
      readonly failed: readonly ReleaseName[];
      readonly held?: string;
    }
  | { readonly event: "proof"; readonly engine: string; readonly version: string; readonly flaws: readonly string[] }
  | ({ readonly event: "alarm" } & AlarmNotice)
  | { readonly event: "failure"; readonly place: FailurePlace; readonly code: string; readonly message: string }
  | { readonly event: "warning"; readonly code: string; readonly message: string }
  | { readonly event: "note"; readonly message: string }
  | { readonly event: "ending"; readonly why: string }
);

/** How it ended. */
export interface WatchResult {
  readonly ended: "stopped" | "once" | "alarm";
  readonly epoch: Epoch | null;
  readonly generation: number | null;
  /** Those that were firing at the end. */
  readonly alarms: readonly AlarmNotice[];
  readonly dryRun?: true;
}
