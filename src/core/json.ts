import { EngineryError, type ErrorCode } from "./errors.ts";
import { JsonParser } from "./json-parser.ts";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
/** Inherits nothing: a member that is not there is undefined, whatever its name. */
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

export interface JsonLimits {
  /** Default: 64 MiB. */
  readonly maxBytes?: number;
  /** How deep arrays and objects may nest; default: 64. */
  readonly maxDepth?: number;
  /** Take other numbers than safe integers, each as NaN: for documents of others, of which one member matters. */
  readonly anyNumber?: boolean;
  /** Code of the errors; default: `document-invalid`. */
  readonly code?: ErrorCode;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_MAX_DEPTH = 64;

/**
 * Strict JSON: UTF-8 without a byte order mark, members unique and none called `__proto__`, numbers safe integers (no
 * fraction, no exponent, no -0), strings well formed. `what` begins the message ("The manifest").
 * Errors: `document-invalid`, or `limits.code`.
 */
export function parseJson(bytes: Uint8Array, what: string, limits: JsonLimits = {}): JsonValue {
  const {
    maxBytes = DEFAULT_MAX_BYTES,
    maxDepth = DEFAULT_MAX_DEPTH,
    anyNumber = false,
    code = "document-invalid",
  } = limits;
  const refuse = (why: string): never => {
    throw new EngineryError(code, `${what} is not strict JSON: ${why}.`);
  };
  if (bytes.length > maxBytes) refuse(`it has ${bytes.length} bytes, and at most ${maxBytes} are allowed`);
  return new JsonParser(decode(bytes, refuse), { maxDepth, anyNumber }, refuse).document();
}

/** Undefined for what is not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * By V8's own parser, several times as fast: for a document that is spelled as V8 spells its value, as ours are. Undefined for all others: a member
 * twice, white space, an escape that need not be, half a character. What it does not see is a number that is no whole one, nesting, and that
 * its objects inherit what every object does: for `takenExactly` alone.
 */
export function ownJson(bytes: Uint8Array): unknown {
  if (bytes.length > DEFAULT_MAX_BYTES) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // half a surrogate pair is spelled alike too, and so is this name
    if (text.includes("\\u") || text.includes('"__proto__"')) return undefined;
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array, refuse: (why: string) => never): string {
  const text = utf8Text(bytes) ?? refuse("it is not UTF-8");
  return text.startsWith("\uFEFF") ? refuse("it begins with a byte order mark") : text;
}

/**
 * The one spelling of a value: members sorted by UTF-16 code unit, no white space, safe integers only (RFC 8785 for such
 * values). Members that are undefined are left out. Errors: `internal` for what JSON cannot say.
 */
export function canonicalJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(spell(value));
}

function spell(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return spellText(value);
  if (typeof value === "number" && Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  if (Array.isArray(value)) return `[${value.map(spell).join(",")}]`;
  if (typeof value === "object") return spellObject(value as Readonly<Record<string, unknown>>);
  throw unspeakable(value);
}

function spellText(text: string): string {
  // most text of a tree needs no escape, and this is twice as fast to find out
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  if (text.isWellFormed()) return JSON.stringify(text);
  throw unspeakable(text);
}

function unspeakable(value: unknown): EngineryError {
  return new EngineryError("internal", `A document was to hold a ${typeof value} that JSON cannot say.`);
}

function spellObject(object: Readonly<Record<string, unknown>>): string {
  let members = "";
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    if (value !== undefined) members += `${members === "" ? "" : ","}${spellText(name)}:${spell(value)}`;
  }
  return `{${members}}`;
}
