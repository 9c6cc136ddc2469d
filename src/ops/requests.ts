/** What the requests of several verbs have in common. */
import type { Config } from "../core/model/home.ts";
import type { Version } from "../core/model/manifest.ts";
import type { WatchConfig } from "../core/watch/settings.ts";

export interface HomeRequest {
  /** Absolute path of the home. */
  readonly home: string;
  /** What the environment says over config.json, key by key. */
  readonly config?: ConfigOverrides | undefined;
}

export type ConfigOverrides = Partial<
  Pick<
    Config,
    | "mirrors"
    | "keepGenerations"
    | "keepEpochs"
    | "keepSuperseded"
    | "keepLastKnownGood"
    | "epochMaxAge"
    | "reserveBytes"
    | "leadEpochs"
    | "deltas"
    | "epochSources"
    | "epochQuorum"
    | "epochTimeoutSeconds"
    | "epochMaxStep"
    | "allowHttp"
    | "platform"
    | keyof WatchConfig
  >
>;

export interface ChangeRequest extends HomeRequest {
  /** Say what would be done and change nothing. */
  readonly dryRun: boolean;
}

export interface NetworkRequest extends ChangeRequest {
  readonly offline: boolean;
  readonly allowHttp: boolean;
  readonly allowExpired?: string | undefined;
  /** Take whole archives, whatever is here and the config says. */
  readonly noDeltas?: boolean | undefined;
}

/** `version` absent: whatever the schedule asks for. */
export interface ReleaseName {
  readonly engine: string;
  readonly version?: Version | undefined;
}
