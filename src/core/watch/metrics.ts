import type { Epoch } from "../model/manifest.ts";
import type { FiringAlarms } from "./alarms.ts";
import { ALARM_KINDS, type AlarmKind } from "./kinds.ts";
import type { MetricFamily, Sample } from "./metrics-text.ts";
import type { ReleaseFacts } from "./release-conditions.ts";

/** What went wrong, counted since `watch` began: by where, and by the code of the error. */
export type FailureCounts = ReadonlyMap<string, number>;

export const FAILURE_PLACES = ["source", "record", "upgrade", "proof", "webhook", "command", "notify"] as const;
export type FailurePlace = (typeof FAILURE_PLACES)[number];

export interface MetricsFacts {
  readonly version: string;
  readonly mode: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly startedAt: number;
  readonly epoch: Epoch | undefined;
  readonly observedAt: number | undefined;
  readonly msPerEpoch: number | undefined;
  readonly generation: number | undefined;
  readonly serial: number | undefined;
  readonly releases: readonly (ReleaseFacts & { readonly proven: boolean })[];
  readonly installedBytes: number | undefined;
  readonly freeBytes: number | undefined;
  readonly expiries: Readonly<Record<string, number>>;
  readonly held: boolean;
  readonly checkedAt: number | undefined;
  readonly upgradedAt: number | undefined;
  /** `place code` to how often. */
  readonly failures: FailureCounts;
  readonly alarms: FiringAlarms;
}

/** What a scrape answers, in a steady order: families of one meaning each, no label whose values could grow without end. */
export function metricsOf(facts: MetricsFacts): readonly MetricFamily[] {
  return [
    gauge("build_info", "The Enginery that answers.", [{ labels: { version: facts.version }, value: 1 }]),
    gauge("start_time_seconds", "When `watch` began, in seconds since 1970.", one(facts.startedAt / 1000)),
    ...epochFamilies(facts),
    ...releaseFamilies(facts),
    ...homeFamilies(facts),
    ...troubleFamilies(facts),
  ];
}

function epochFamilies({ mode, epoch, observedAt, msPerEpoch, now }: MetricsFacts): readonly MetricFamily[] {
  const age = observedAt === undefined ? undefined : Math.max(0, now - observedAt) / 1000;
  return [
    gauge("following", "1 where the last reading of the epoch sources was taken.", one(mode === "following" ? 1 : 0)),
    gauge("observed_epoch", "The epoch that counts; absent where it is unknown.", one(epoch)),
    gauge("observed_time_seconds", "When it was observed, in seconds since 1970.", one(observedAt, 1000)),
    gauge("observed_age_seconds", "How long ago it was observed.", one(age)),
    gauge("epoch_seconds", "How long epochs take here, as measured.", one(msPerEpoch, 1000)),
  ];
}

function releaseFamilies({ releases, epoch }: MetricsFacts): readonly MetricFamily[] {
  const inEffect = releases.filter(({ role }) => role === "in-effect");
  const next = releases.filter(({ role }) => role === "next");
  const left = next.flatMap(({ engine, validFrom }): readonly Sample[] =>
    epoch === undefined ? [] : [{ labels: { engine }, value: Math.max(0, validFrom - epoch) }],
  );
  return [
    gauge("in_effect", "The release in effect: 1 where it is installed, 0 where not.", inEffect.map(installed)),
    gauge("in_effect_valid_from", "The epoch since which it is in effect.", inEffect.map(validFrom)),
    gauge("next", "The next release: 1 where it is installed, 0 where not.", next.map(installed)),
    gauge("next_proven", "1 where the last proof found nothing wrong with it.", next.map(proven)),
    gauge("next_valid_from", "The epoch from which it will be in effect.", next.map(validFrom)),
    gauge("next_epochs_left", "Epochs until then.", left),
  ];
}

function homeFamilies(facts: MetricsFacts): readonly MetricFamily[] {
  const expiries = Object.entries(facts.expiries).map(([role, at]) => ({ labels: { role }, value: at / 1000 }));
  return [
    gauge("generation", "The newest generation.", one(facts.generation)),
    gauge("manifest_serial", "The serial of its manifest.", one(facts.serial)),
    gauge("installed_bytes", "Bytes of all installations.", one(facts.installedBytes)),
    gauge("free_bytes", "Free bytes of the home's disk.", one(facts.freeBytes)),
    gauge("trust_expiry_time_seconds", "When signed metadata expires, in seconds since 1970.", expiries),
    gauge("held", "1 where automatic upgrades stop: an operator's hold, or a rollback.", one(facts.held ? 1 : 0)),
    gauge("last_check_time_seconds", "When the publisher was last asked and answered.", one(facts.checkedAt, 1000)),
    gauge("last_upgrade_time_seconds", "When an upgrade last changed something.", one(facts.upgradedAt, 1000)),
  ];
}

function troubleFamilies({ failures, alarms }: MetricsFacts): readonly MetricFamily[] {
  const counted = [...failures].map(([name, value]): Sample => {
    const [kind = "", code = ""] = name.split(" ");
    return { labels: { kind, code }, value };
  });
  const none = FAILURE_PLACES.filter((kind) => !counted.some(({ labels }) => labels?.["kind"] === kind));
  return [
    {
      name: "failures_total",
      type: "counter",
      help: "What went wrong since `watch` began, by kind and code of the error.",
      samples: [...counted, ...none.map((kind) => ({ labels: { kind, code: "" }, value: 0 }))],
    },
    gauge("alarms_firing", "Alarms that are firing, by kind.", alarmSamples(alarms)),
  ];
}

/** A kind that is not firing is 0, so that a rule on it has something to look at. */
function alarmSamples(alarms: FiringAlarms): readonly Sample[] {
  const counts = new Map<string, number>(Object.keys(ALARM_KINDS).map((kind) => [kind, 0]));
  for (const { condition } of alarms.values()) counts.set(condition.kind, (counts.get(condition.kind) ?? 0) + 1);
  return [...counts].map(([kind, value]) => ({ labels: { kind: kind as AlarmKind }, value }));
}

const gauge = (name: string, help: string, samples: readonly Sample[]): MetricFamily => ({
  name,
  type: "gauge",
  help,
  samples,
});

function one(value: number | undefined, divisor = 1): readonly Sample[] {
  return value === undefined ? [] : [{ value: value / divisor }];
}

const labelled = ({ engine, version }: ReleaseFacts) => ({ engine, version });
const installed = (release: ReleaseFacts): Sample => ({ labels: labelled(release), value: release.installed ? 1 : 0 });
const validFrom = (release: ReleaseFacts): Sample => ({ labels: labelled(release), value: release.validFrom });
const proven = (release: ReleaseFacts & { readonly proven: boolean }): Sample => ({
  labels: labelled(release),
  value: release.proven ? 1 : 0,
});
