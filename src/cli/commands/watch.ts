import type { ConfigOverrides } from "../../ops/operator.ts";
import { type Call, flagValue, isOn, networkRequest, operatorOf } from "../call.ts";
import { watchText } from "../render/watch.ts";
import { eventTeller } from "../render/watch-events.ts";
import { MAX_STEP, QUORUM, SOURCE, SOURCE_TIMEOUT, sourcesRequest } from "./epoch-flags.ts";
import { switchFlag, valueFlag } from "./flag.ts";
import { ALLOW_HTTP } from "./global-flags.ts";
import { ALLOW_EXPIRED, NO_DELTAS } from "./shared-flags.ts";
import { count, positive, text } from "./values.ts";
import type { Verb } from "./verb.ts";

const ONCE = switchFlag({
  name: "once",
  env: "ENGINERY_WATCH_ONCE",
  doc: "One round, then end: 0, or 10 with an alarm. For cron.",
});
const INTERVAL = valueFlag(
  {
    name: "interval",
    value: "SECONDS",
    env: "ENGINERY_WATCH_INTERVAL",
    config: "watchInterval",
    doc: "Between two readings of the epoch sources; default 5.",
  },
  positive,
);
const CHECK_EVERY = valueFlag(
  {
    name: "check-every",
    value: "SECONDS",
    env: "ENGINERY_WATCH_CHECK_EVERY",
    config: "watchCheckEvery",
    doc: "Between two upgrades, and between two proofs of the same release; default 900.",
  },
  positive,
);
const LEAD_EPOCHS = valueFlag(
  {
    name: "lead-epochs",
    value: "N",
    env: "ENGINERY_WATCH_LEAD_EPOCHS",
    config: "watchLeadEpochs",
    doc: "The next release must be here and proven this many epochs ahead; default 3.",
  },
  count,
);
const LEAD_TIME = valueFlag(
  {
    name: "lead-time",
    value: "SECONDS",
    env: "ENGINERY_WATCH_LEAD_TIME",
    config: "watchLeadTime",
    doc: "The same as a time, by how long epochs take here; the longer of the two counts.",
  },
  count,
);
const PRUNE_AFTER = switchFlag({
  name: "prune",
  env: "ENGINERY_WATCH_PRUNE",
  config: "watchPrune",
  doc: "Prune after its own upgrades, as `upgrade` does.",
});
const METRICS = valueFlag(
  {
    name: "metrics",
    value: "ADDRESS",
    env: "ENGINERY_WATCH_METRICS",
    config: "watchMetrics",
    doc: "Serve /metrics and /healthz at 127.0.0.1:PORT or unix:/PATH, to this machine alone.",
  },
  text,
);

export const WATCH: Verb = {
  words: ["watch"],
  group: "Home",
  summary: "Follow the network: record the epoch, take and prove releases ahead of it, raise alarms.",
  details: [
    "Runs until SIGTERM or SIGINT, and exits 0 then; 10 where an alarm of alarmExit ended it. SIGHUP has it look at everything at once.",
    "What it says goes to stderr, with --json as JSON Lines. All that counts is in the home: it may be killed and started again at any time.",
  ],
  changes: true,
  arguments: [],
  flags: [
    ONCE,
    INTERVAL,
    CHECK_EVERY,
    LEAD_EPOCHS,
    LEAD_TIME,
    PRUNE_AFTER,
    METRICS,
    SOURCE,
    QUORUM,
    SOURCE_TIMEOUT,
    MAX_STEP,
    NO_DELTAS,
    ALLOW_EXPIRED,
  ],
  examples: [
    { line: "enginery watch --source cometbft:http://127.0.0.1:26657", doc: "The heights of one's own node." },
    { line: "enginery watch --once", doc: "From cron: exits 10 where somebody should look." },
    { line: "enginery watch --metrics 127.0.0.1:9464", doc: "With metrics for Prometheus." },
  ],
  json: "{ended, epoch, generation, alarms:[{alarm,kind,status,engine,version,subject,epochsLeft,secondsLeft,message,mend,since,told,epoch}]}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const request = {
      ...networkRequest(call),
      ...sourcesRequest(call),
      settings: settingsOf(call),
      once: isOn(call, ONCE),
      env: environmentOf(call),
      webhookToken: call.outside.env["ENGINERY_ALARM_TOKEN"] || undefined,
    };
    const result = await operator.watch(request, eventTeller(call));
    const isFiring = result.ended === "alarm" || (result.ended === "once" && result.alarms.length > 0);
    return { document: result, text: () => watchText(result), status: isFiring ? 10 : 0 };
  },
};

/** What is said here goes before config.json for as long as it runs. */
function settingsOf(call: Call): ConfigOverrides {
  const said = {
    watchInterval: flagValue(call, INTERVAL),
    watchCheckEvery: flagValue(call, CHECK_EVERY),
    watchLeadEpochs: flagValue(call, LEAD_EPOCHS),
    watchLeadTime: flagValue(call, LEAD_TIME),
    watchPrune: flagValue(call, PRUNE_AFTER),
    watchMetrics: flagValue(call, METRICS),
    epochMaxStep: flagValue(call, MAX_STEP),
    allowHttp: flagValue(call, ALLOW_HTTP),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function environmentOf({ outside }: Call): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(outside.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
