import { EngineryError } from "../errors.ts";
import { redacted, webProblem } from "../location.ts";
import type { Config } from "../model/home.ts";
import type { AlarmKind } from "./kinds.ts";
import { type MetricsAddress, parseMetricsAddress } from "./metrics-address.ts";

/** The keys of config.json that `watch` alone heeds. */
export type WatchConfig = Pick<
  Config,
  | "watchInterval"
  | "watchCheckEvery"
  | "watchLeadEpochs"
  | "watchLeadTime"
  | "watchPrune"
  | "watchMetrics"
  | "alarmWebhook"
  | "alarmCommand"
  | "alarmExit"
>;

export interface WatchSettings {
  readonly intervalMs: number;
  readonly checkEveryMs: number;
  readonly leadEpochs: number;
  readonly leadSeconds: number | undefined;
  readonly prune: boolean;
  readonly metrics: MetricsAddress | undefined;
  readonly webhook: string | undefined;
  /** Program and arguments. */
  readonly command: readonly string[] | undefined;
  /** Alarms that end `watch`. */
  readonly exits: (kind: AlarmKind) => boolean;
  /** How long something may be amiss before it is told. */
  readonly graceMs: number;
}

const INTERVAL_SECONDS = 5;
const CHECK_EVERY_SECONDS = 900;
const LEAD_EPOCHS = 3;
const LEAST_GRACE_MS = 60_000;
const GRACE_READINGS = 3;

/** What holds where config.json, environment and command line say nothing else. Errors: `usage`, `source-refused`. */
export function watchSettings(config: Config): WatchSettings {
  const intervalMs = intervalOf(config) * 1000;
  return {
    intervalMs,
    checkEveryMs: (config.watchCheckEvery ?? CHECK_EVERY_SECONDS) * 1000,
    leadEpochs: leadEpochsOf(config),
    leadSeconds: config.watchLeadTime,
    prune: config.watchPrune ?? false,
    metrics: config.watchMetrics === undefined ? undefined : parseMetricsAddress(config.watchMetrics),
    webhook: webhookOf(config),
    command: config.alarmCommand,
    exits: (kind) => config.alarmExit?.some((one) => one === kind || one === "any") ?? false,
    graceMs: Math.max(LEAST_GRACE_MS, GRACE_READINGS * intervalMs),
  };
}

/** An observation is renewed before it is too old to count. */
function intervalOf({ watchInterval, epochMaxAge }: Config): number {
  const asked = watchInterval ?? INTERVAL_SECONDS;
  return epochMaxAge === undefined ? asked : Math.max(1, Math.min(asked, epochMaxAge / 3));
}

/** What is staged only so many epochs ahead cannot be missed before. */
function leadEpochsOf({ watchLeadEpochs, leadEpochs }: Config): number {
  return Math.min(watchLeadEpochs ?? LEAD_EPOCHS, leadEpochs ?? Number.POSITIVE_INFINITY);
}

function webhookOf({ alarmWebhook, allowHttp }: Config): string | undefined {
  if (alarmWebhook === undefined) return undefined;
  const url = URL.parse(alarmWebhook);
  const problem = url === null ? "is not an address" : webProblem(url, { allowHttp: allowHttp ?? false });
  if (problem === undefined) return alarmWebhook;
  throw new EngineryError("source-refused", `The webhook ${redacted(alarmWebhook)} ${problem}.`, {
    hint: "Use https:, or http: to this machine, as alarmWebhook (ENGINERY_ALARM_WEBHOOK).",
  });
}
