import type { SourcesRequest } from "../../ops/operator.ts";
import { type Call, flagValue, flagValues, isOn } from "../call.ts";
import { valueFlag } from "./flag.ts";
import { ALLOW_HTTP, OFFLINE } from "./global-flags.ts";
import { positive, text } from "./values.ts";

/** Flags of the verbs that read the network's epoch. */

export const SOURCE = valueFlag(
  {
    name: "source",
    value: "SOURCE",
    repeats: true,
    env: "ENGINERY_EPOCH_SOURCES",
    config: "epochSources",
    doc: "Where to read the epoch: file:PATH, command:PROGRAM ARG..., https://... with #/json/pointer, cometbft:https://..., substrate:wss://...",
  },
  text,
);
export const QUORUM = valueFlag(
  {
    name: "quorum",
    value: "N",
    env: "ENGINERY_EPOCH_QUORUM",
    config: "epochQuorum",
    doc: "How many epoch sources must say an epoch or a greater one; default: more than half.",
  },
  positive,
);
export const SOURCE_TIMEOUT = valueFlag(
  {
    name: "timeout",
    value: "SECONDS",
    env: "ENGINERY_EPOCH_TIMEOUT_SECONDS",
    config: "epochTimeoutSeconds",
    doc: "How long one epoch source may take to answer; default 10.",
  },
  positive,
);
export const MAX_STEP = valueFlag(
  {
    name: "max-step",
    value: "N",
    env: "ENGINERY_EPOCH_MAX_STEP",
    config: "epochMaxStep",
    doc: "Refuse an epoch that lies more than this ahead of the one seen before; default: any is taken.",
  },
  positive,
);

export function sourcesRequest(call: Call): SourcesRequest {
  return {
    sources: flagValues(call, SOURCE),
    quorum: flagValue(call, QUORUM),
    timeoutSeconds: flagValue(call, SOURCE_TIMEOUT),
    offline: isOn(call, OFFLINE),
    allowHttp: isOn(call, ALLOW_HTTP),
  };
}
