import * as v from "valibot";
import { EngineryError } from "./errors.ts";
import { type JsonObject, type JsonValue, parseJson } from "./json.ts";
import type { Config } from "./model/home.ts";
import { nearest } from "./nearest.ts";
import { quote } from "./quote.ts";
import { countShape, formatShape, membersShape, nameShape, platformShape, positiveShape, shaped } from "./shapes.ts";
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

const retentionEntries = {
  keepGenerations: v.exactOptional(positiveShape),
  keepEpochs: v.exactOptional(countShape),
  keepSuperseded: v.exactOptional(countShape),
  keepLastKnownGood: v.exactOptional(v.boolean()),
};

const configShape = v.object({
  format: formatShape,
  repository: locationShape,
  channel: nameShape,
  mirrors: v.exactOptional(v.array(locationShape)),
  ...retentionEntries,
  retention: v.exactOptional(membersShape(retentionEntries)),
  epochMaxAge: v.exactOptional(countShape),
  reserveBytes: v.exactOptional(countShape),
  leadEpochs: v.exactOptional(countShape),
  epochSources: v.exactOptional(v.array(sourceShape)),
  epochQuorum: v.exactOptional(positiveShape),
  epochTimeoutSeconds: v.exactOptional(positiveShape),
  epochMaxStep: v.exactOptional(positiveShape),
  allowHttp: v.exactOptional(v.boolean()),
  platform: v.exactOptional(platformShape),
  deltas: v.exactOptional(v.boolean()),
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
const RETENTION_KEYS = Object.keys(retentionEntries) as readonly (keyof typeof retentionEntries)[];

/** Where a key stands in the file. */
export function configPath(key: string): string {
  return (RETENTION_KEYS as readonly string[]).includes(key) ? `retention.${key}` : key;
}

/** A key that is not known is an error that names it and the nearest one: a misspelt rule is no rule. Errors: `config-invalid`. */
export function parseConfig(bytes: Uint8Array, what = "config.json"): Config {
  const code = "config-invalid";
  const value = parseJson(bytes, what, { code, maxBytes: 1024 * 1024 });
  checkKeys(value, what, CONFIG_KEYS, "");
  if (isObject(value)) checkKeys(value["retention"], what, RETENTION_KEYS, "retention.");
  const { retention = {}, ...flat } = shaped(configShape, value, what, code);
  for (const key of RETENTION_KEYS) checkSaidOnce(key, flat[key], retention[key], what);
  return { ...flat, ...retention };
}

/** As it is written: what belongs to retention together. */
export function configDocument(config: Config): Readonly<Record<string, unknown>> {
  const { keepGenerations, keepEpochs, keepSuperseded, keepLastKnownGood, ...rest } = config;
  const said = { keepGenerations, keepEpochs, keepSuperseded, keepLastKnownGood };
  const retention = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return { ...rest, ...(Object.keys(retention).length === 0 ? {} : { retention }) };
}

/** `keepEpochs` may stand by itself, as it once did; of two that differ neither counts. */
function checkSaidOnce(key: string, flat: unknown, nested: unknown, what: string): void {
  if (flat === undefined || nested === undefined || flat === nested) return;
  throw new EngineryError(
    "config-invalid",
    `${what} says ${key} twice: ${String(flat)}, and in retention ${String(nested)}.`,
    {
      hint: `Keep retention.${key}, and remove the other.`,
      context: { key },
    },
  );
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkKeys(value: JsonValue | undefined, what: string, keys: readonly string[], within: string): void {
  if (!isObject(value)) return;
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown === undefined) return;
  const known = nearest(unknown, keys);
  throw new EngineryError("config-invalid", `${what} has the unknown key ${quote(`${within}${unknown}`)}.`, {
    hint: known === undefined ? "Remove it." : `The nearest known key is ${within}${known}.`,
    context: { key: `${within}${unknown}`, nearest: known === undefined ? null : `${within}${known}` },
  });
}
