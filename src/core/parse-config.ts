import * as v from "valibot";
import { EngineryError } from "./errors.ts";
import { type JsonValue, parseJson } from "./json.ts";
import type { Config } from "./model/home.ts";
import { nearest } from "./nearest.ts";
import { quote } from "./quote.ts";
import { countShape, formatShape, nameShape, platformShape, positiveShape, shaped } from "./shapes.ts";
import { isAlarmKind } from "./watch/kinds.ts";

const locationShape = v.pipe(
  v.string(),
  v.check((text) => text !== "" && text.length <= 4096 && !/\p{Cc}/u.test(text), "an address or a folder"),
);

/** What it says is read by whoever asks the source: a source of a later kind spoils nothing else. */
const sourceShape = v.pipe(
  v.string(),
  v.check((text) => text !== "" && text.length <= 4096 && !/\p{Cc}/u.test(text), "an epoch source"),
);
const lineShape = v.pipe(
  v.string(),
  v.check((text) => text !== "" && text.length <= 4096 && !/\p{Cc}/u.test(text), "one line"),
);
const alarmShape = v.pipe(
  v.string(),
  v.check((text) => text === "any" || isAlarmKind(text), "a kind of alarm, or any"),
);

const configShape = v.object({
  format: formatShape,
  repository: locationShape,
  channel: nameShape,
  mirrors: v.exactOptional(v.array(locationShape)),
  keepGenerations: v.exactOptional(positiveShape),
  keepEpochs: v.exactOptional(countShape),
  keepSuperseded: v.exactOptional(countShape),
  epochMaxAge: v.exactOptional(countShape),
  reserveBytes: v.exactOptional(countShape),
  leadEpochs: v.exactOptional(countShape),
  epochSources: v.exactOptional(v.array(sourceShape)),
  epochQuorum: v.exactOptional(positiveShape),
  epochTimeoutSeconds: v.exactOptional(positiveShape),
  epochMaxStep: v.exactOptional(positiveShape),
  allowHttp: v.exactOptional(v.boolean()),
  platform: v.exactOptional(platformShape),
  watchInterval: v.exactOptional(positiveShape),
  watchCheckEvery: v.exactOptional(positiveShape),
  watchLeadEpochs: v.exactOptional(countShape),
  watchLeadTime: v.exactOptional(countShape),
  watchPrune: v.exactOptional(v.boolean()),
  watchMetrics: v.exactOptional(lineShape),
  alarmWebhook: v.exactOptional(lineShape),
  alarmCommand: v.exactOptional(v.pipe(v.array(lineShape), v.minLength(1, "a program and its arguments"))),
  alarmExit: v.exactOptional(v.array(alarmShape)),
});

/** The keys that config.json may have. */
export const CONFIG_KEYS: readonly string[] = Object.keys(configShape.entries);

/** A key that is not known is an error that names it and the nearest one: a misspelt rule is no rule. Errors: `config-invalid`. */
export function parseConfig(bytes: Uint8Array, what = "config.json"): Config {
  const code = "config-invalid";
  const value = parseJson(bytes, what, { code, maxBytes: 1024 * 1024 });
  checkKeys(value, what);
  return shaped(configShape, value, what, code);
}

function checkKeys(value: JsonValue, what: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const unknown = Object.keys(value).find((key) => !CONFIG_KEYS.includes(key));
  if (unknown === undefined) return;
  const known = nearest(unknown, CONFIG_KEYS);
  throw new EngineryError("config-invalid", `${what} has the unknown key ${quote(unknown)}.`, {
    hint: known === undefined ? "Remove it." : `The nearest known key is ${known}.`,
    context: { key: unknown, nearest: known ?? null },
  });
}
