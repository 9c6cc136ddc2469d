import { parseEpoch } from "./epoch.ts";
import { EngineryError, isEngineryError } from "./errors.ts";
import { type JsonValue, parseJson } from "./json.ts";
import { pointed } from "./json-pointer.ts";
import type { Epoch } from "./model/manifest.ts";
import { quote } from "./quote.ts";

/** More than this of an answer is not read: a height is short, and a node's status is a few KiB. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** A whole number and nothing else; `line`: with the line end that proves it whole. Errors of all here: `epoch-unreadable`. */
export function epochOfText(name: string, bytes: Uint8Array, line: "ended" | "any"): Epoch {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const [, digits, end] = /^([^\r\n]*)(\r?\n)?$/.exec(text) ?? [];
  if (digits === undefined) throw unreadable(name, `is not one line with a whole number: ${quote(text, 60)}`);
  const epoch = wholeNumber(name, digits);
  if (line === "ended" && end === undefined)
    throw unreadable(name, `does not end its line, so it may be half written: ${quote(text, 60)}`);
  return epoch;
}

/** A number, or its decimal digits as a string, at `pointer`. */
export function epochOfJson(name: string, bytes: Uint8Array, pointer: readonly string[]): Epoch {
  const value = pointed(foreignJson(name, bytes), pointer);
  if (value === undefined) throw unreadable(name, "is JSON that holds nothing at that pointer");
  return epochOfValue(name, value);
}

/** JSON of somebody else: members unique, numbers of any kind. */
export function foreignJson(name: string, bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, "It", { anyNumber: true, maxBytes: MAX_ANSWER_BYTES, code: "epoch-unreadable" });
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    throw unreadable(name, `does not say it in strict JSON: ${error.message}`);
  }
}

export function epochOfValue(name: string, value: JsonValue): Epoch {
  if (typeof value === "string") return wholeNumber(name, value);
  if (typeof value === "number" && value >= 0) return value;
  throw unreadable(name, `says ${shown(value)}, which is no whole number from 0 to 9007199254740991`);
}

export function unreadable(name: string, what: string, cause?: unknown): EngineryError {
  return new EngineryError("epoch-unreadable", `The epoch source ${name} ${what}.`, {
    context: { source: name },
    ...(cause === undefined ? {} : { cause }),
  });
}

function wholeNumber(name: string, text: string): Epoch {
  try {
    return parseEpoch(text);
  } catch {
    throw unreadable(name, `says ${quote(text, 60)}, which is no whole number from 0 to 9007199254740991`);
  }
}

function shown(value: JsonValue): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return Number.isNaN(value) ? "another number" : String(value);
}
