import { commandWords } from "../core/command-words.ts";
import type { ConfigOverrides } from "../ops/operator.ts";
import { alarmKind, count, positive, strictBoolean, text } from "./commands/values.ts";

interface Setting {
  readonly env: string;
  readonly value: string;
  readonly doc: string;
  readonly read: (value: string, said: string) => ConfigOverrides;
}

/** Keys of config.json that have a variable and no flag of their own on every verb that heeds them. */
export const SETTINGS: Readonly<Record<keyof Omit<ConfigOverrides, "allowHttp" | "platform">, Setting>> = {
  mirrors: {
    env: "ENGINERY_MIRRORS",
    value: "URL...",
    doc: "More places that serve the same repository, one a line; first choice first.",
    read: (value) => ({ mirrors: value.split("\n").filter((each) => each !== "") }),
  },
  keepGenerations: {
    env: "ENGINERY_KEEP_GENERATIONS",
    value: "N",
    doc: "Prune keeps this many generations, the newest included.",
    read: (value, said) => ({ keepGenerations: count(value, said) }),
  },
  keepEpochs: {
    env: "ENGINERY_KEEP_EPOCHS",
    value: "N",
    doc: "Prune keeps what was in effect up to this many epochs ago.",
    read: (value, said) => ({ keepEpochs: count(value, said) }),
  },
  keepSuperseded: {
    env: "ENGINERY_KEEP_SUPERSEDED",
    value: "N",
    doc: "Prune keeps this many superseded releases below the one in effect.",
    read: (value, said) => ({ keepSuperseded: count(value, said) }),
  },
  keepLastKnownGood: {
    env: "ENGINERY_KEEP_LAST_KNOWN_GOOD",
    value: "YES",
    doc: "Whether prune keeps what ran here last before the one in effect; unset: yes.",
    read: (value, said) => ({ keepLastKnownGood: strictBoolean(value, said) }),
  },
  epochMaxAge: {
    env: "ENGINERY_EPOCH_MAX_AGE",
    value: "SECONDS",
    doc: "An observed epoch older than this counts as unknown.",
    read: (value, said) => ({ epochMaxAge: count(value, said) }),
  },
  reserveBytes: {
    env: "ENGINERY_RESERVE_BYTES",
    value: "BYTES",
    doc: "Leave this much of the disk free beyond what an operation needs.",
    read: (value, said) => ({ reserveBytes: count(value, said) }),
  },
  watchInterval: {
    env: "ENGINERY_WATCH_INTERVAL",
    value: "SECONDS",
    doc: "`watch`: between two readings of the epoch sources; unset: 5.",
    read: (value, said) => ({ watchInterval: positive(value, said) }),
  },
  watchCheckEvery: {
    env: "ENGINERY_WATCH_CHECK_EVERY",
    value: "SECONDS",
    doc: "`watch`: between two upgrades; unset: 900.",
    read: (value, said) => ({ watchCheckEvery: positive(value, said) }),
  },
  watchLeadEpochs: {
    env: "ENGINERY_WATCH_LEAD_EPOCHS",
    value: "N",
    doc: "`watch`: the next release must be here and proven this many epochs ahead; unset: 3.",
    read: (value, said) => ({ watchLeadEpochs: count(value, said) }),
  },
  watchLeadTime: {
    env: "ENGINERY_WATCH_LEAD_TIME",
    value: "SECONDS",
    doc: "`watch`: the same as a time; the longer of the two counts.",
    read: (value, said) => ({ watchLeadTime: count(value, said) }),
  },
  watchPrune: {
    env: "ENGINERY_WATCH_PRUNE",
    value: "1",
    doc: "`watch`: prune after its own upgrades; unset: it removes nothing.",
    read: (value, said) => ({ watchPrune: strictBoolean(value, said) }),
  },
  watchMetrics: {
    env: "ENGINERY_WATCH_METRICS",
    value: "ADDRESS",
    doc: "`watch`: where it serves metrics, 127.0.0.1:PORT or unix:/PATH; unset: nowhere.",
    read: (value) => ({ watchMetrics: value }),
  },
  alarmWebhook: {
    env: "ENGINERY_ALARM_WEBHOOK",
    value: "URL",
    doc: "`watch`: alarms are posted there as JSON. Everybody can read config.json: an address that is a secret belongs into the variable.",
    read: (value) => ({ alarmWebhook: value }),
  },
  alarmCommand: {
    env: "ENGINERY_ALARM_COMMAND",
    value: "COMMAND",
    doc: "`watch`: run for each alarm, without a shell, with the alarm as JSON on its standard input. In config.json a list: program and arguments.",
    read: (value, said) => ({ alarmCommand: commandWords(value, said) }),
  },
  alarmExit: {
    env: "ENGINERY_ALARM_EXIT",
    value: "KIND...",
    doc: "`watch`: kinds of alarms that end it with exit status 10, one a line; any: all of them.",
    read: (value, said) => ({
      alarmExit: value
        .split("\n")
        .filter((each) => each !== "")
        .map((each) => alarmKind(each, said)),
    }),
  },
  leadEpochs: {
    env: "ENGINERY_LEAD_EPOCHS",
    value: "N",
    doc: "Stage only releases whose validFrom lies at most this many epochs ahead; unset: all.",
    read: (value, said) => ({ leadEpochs: count(value, said) }),
  },
  deltas: {
    env: "ENGINERY_DELTAS",
    value: "YES",
    doc: "Whether files that are here and deltas are made use of; unset: yes. 0 is as --no-deltas.",
    read: (value, said) => ({ deltas: strictBoolean(value, said) }),
  },
  epochSources: {
    env: "ENGINERY_EPOCH_SOURCES",
    value: "SOURCE...",
    doc: "Where the network's epoch is read, one source a line.",
    read: (value) => ({ epochSources: value.split("\n").filter((each) => each !== "") }),
  },
  epochQuorum: {
    env: "ENGINERY_EPOCH_QUORUM",
    value: "N",
    doc: "How many epoch sources must agree; unset: more than half.",
    read: (value, said) => ({ epochQuorum: positive(value, said) }),
  },
  epochTimeoutSeconds: {
    env: "ENGINERY_EPOCH_TIMEOUT_SECONDS",
    value: "SECONDS",
    doc: "How long one epoch source may take to answer; unset: 10.",
    read: (value, said) => ({ epochTimeoutSeconds: positive(value, said) }),
  },
  epochMaxStep: {
    env: "ENGINERY_EPOCH_MAX_STEP",
    value: "N",
    doc: "Refuse an epoch that lies more than this ahead of the one seen before; unset: any is taken.",
    read: (value, said) => ({ epochMaxStep: positive(value, said) }),
  },
};

/** What the environment says over config.json. Errors: `usage`. */
export function configOverrides(env: Readonly<Record<string, string | undefined>>): ConfigOverrides | undefined {
  const said = Object.values(SETTINGS).flatMap((setting) => {
    const value = env[setting.env];
    return value ? [setting.read(text(value, setting.env), setting.env)] : [];
  });
  return said.length === 0 ? undefined : Object.assign({}, ...said);
}
