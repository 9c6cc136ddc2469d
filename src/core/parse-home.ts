import * as v from "valibot";
import type { ErrorCode } from "./errors.ts";
import { parseJson } from "./json.ts";
import type {
  Hold,
  Lease,
  LedgerEntry,
  Mark,
  Observation,
  Pin,
  Quarantine,
  Seal,
  ToldAlarms,
  Watcher,
} from "./model/home.ts";
import {
  countShape,
  formatShape,
  idShape,
  instantShape,
  mapShape,
  nameShape,
  platformShape,
  positiveShape,
  reasonShape,
  sha256Shape,
  shaped,
  tenantShape,
  tokenShape,
  versionShape,
} from "./shapes.ts";
import { ALARM_KINDS, type AlarmKind } from "./watch/kinds.ts";

export { parseConfig } from "./parse-config.ts";
export { encodeGeneration, parseGeneration } from "./parse-generation.ts";

const releaseEntries = { engine: nameShape, version: versionShape };

const sealShape = v.object({
  format: formatShape,
  ...releaseEntries,
  platform: platformShape,
  tree: sha256Shape,
  bytes: countShape,
  files: countShape,
});

const pinShape = v.object({
  format: formatShape,
  tenant: tenantShape,
  ...releaseEntries,
  tree: sha256Shape,
  at: instantShape,
});

const ownerEntries = {
  pid: positiveShape,
  started: v.exactOptional(tokenShape),
  boot: v.exactOptional(tokenShape),
  machine: v.exactOptional(tokenShape),
  namespace: v.exactOptional(tokenShape),
};

const leaseShape = v.object({
  format: formatShape,
  id: idShape,
  ...releaseEntries,
  ...ownerEntries,
  tenant: v.exactOptional(tenantShape),
  epoch: v.exactOptional(countShape),
});

const markShape = v.object({
  format: formatShape,
  ...releaseEntries,
  operation: idShape,
  owner: v.object(ownerEntries),
});

const observationShape = v.object({
  format: formatShape,
  epoch: countShape,
  at: instantShape,
  from: reasonShape,
  ledger: v.exactOptional(v.array(sha256Shape)),
});

const quarantineShape = v.object({
  format: formatShape,
  tree: sha256Shape,
  ...releaseEntries,
  reason: reasonShape,
  at: instantShape,
  host: v.exactOptional(sha256Shape),
});

const watcherShape = v.object({
  format: formatShape,
  operation: idShape,
  at: instantShape,
  owner: v.object(ownerEntries),
});

const toldAlarmsShape = v.object({
  format: formatShape,
  at: instantShape,
  alarms: v.array(
    v.object({
      kind: v.picklist(Object.keys(ALARM_KINDS) as readonly AlarmKind[]),
      engine: v.exactOptional(nameShape),
      version: v.exactOptional(versionShape),
      subject: v.exactOptional(reasonShape),
      message: reasonShape,
      mend: reasonShape,
      since: instantShape,
      toldAt: instantShape,
      told: positiveShape,
      toldLeft: v.exactOptional(countShape),
    }),
  ),
});

const holdShape = v.object({
  format: formatShape,
  at: instantShape,
  until: v.exactOptional(instantShape),
  untilEpoch: v.exactOptional(countShape),
  reason: v.exactOptional(reasonShape),
});

const ledgerEntryShape = v.object({
  at: instantShape,
  operation: idShape,
  verb: nameShape,
  from: v.exactOptional(countShape),
  to: v.exactOptional(countShape),
  generation: v.exactOptional(countShape),
  detail: v.exactOptional(mapShape(v.string(), v.unknown())),
  previous: v.exactOptional(v.nullable(sha256Shape)),
  also: v.exactOptional(v.array(sha256Shape)),
});

/** Errors of all that follow: `home-damaged`. `what` begins the message. */

export function parseSeal(bytes: Uint8Array, what = "The seal"): Seal {
  return record(sealShape, bytes, what);
}

export function parsePin(bytes: Uint8Array, what = "The pin"): Pin {
  return record(pinShape, bytes, what);
}

export function parseLease(bytes: Uint8Array, what = "The lease"): Lease {
  return record(leaseShape, bytes, what);
}

export function parseMark(bytes: Uint8Array, what = "The mark"): Mark {
  return record(markShape, bytes, what);
}

export function parseObservation(bytes: Uint8Array, what = "The observed epoch"): Observation {
  return record(observationShape, bytes, what);
}

export function parseQuarantine(bytes: Uint8Array, what = "The quarantine record"): Quarantine {
  return record(quarantineShape, bytes, what);
}

export function parseWatcher(bytes: Uint8Array, what = "The watcher's claim"): Watcher {
  return record(watcherShape, bytes, what);
}

export function parseToldAlarms(bytes: Uint8Array, what = "The alarms that were told"): ToldAlarms {
  return record(toldAlarmsShape, bytes, what);
}

export function parseHold(bytes: Uint8Array, what = "The hold"): Hold {
  return record(holdShape, bytes, what);
}

export function parseLedgerEntry(bytes: Uint8Array, what = "The ledger's line"): LedgerEntry {
  return record(ledgerEntryShape, bytes, what);
}

function record<S extends v.GenericSchema>(schema: S, bytes: Uint8Array, what: string): v.InferOutput<S> {
  const code: ErrorCode = "home-damaged";
  return shaped(schema, parseJson(bytes, what, { code, maxBytes: MAX_RECORD_BYTES }), what, code);
}

const MAX_RECORD_BYTES = 1024 * 1024;
