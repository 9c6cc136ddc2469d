import { quote } from "../../core/quote.ts";
import { hostile, malformed } from "./refusal.ts";

/** Long names and their kin: more than this is refused unread. */
export const MAX_META_BYTES = 64 * 1024;

/** Largest size that a header's own twelve octal digits can say. */
const MAX_OCTAL_SIZE = 0o77777777777;
/** Keys that would make of a file something else, or whose text would be read otherwise. */
const FORBIDDEN = /^(?:linkpath|hdrcharset|charset|type|mode|GNU\.sparse\..*)$/;
const DATES = new Set(["mtime", "atime", "ctime"]);
const COUNTS = new Set(["size", "uid", "gid"]);

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Checks the records of a PAX extended header (POSIX pax, "pax Extended Header"); answers the size of the next entry, where they say one. */
export function checkPax(bytes: Uint8Array, global: boolean): { readonly size: number | undefined } {
  let size: number | undefined;
  const keys = new Set<string>();
  for (const [key, value] of records(bytes)) {
    if (keys.has(key)) throw malformed(`an extended header says ${quote(key)} twice`);
    keys.add(key);
    checkRecord(key, value, global);
    if (key === "size") size = Number(value);
  }
  return { size };
}

function checkRecord(key: string, value: string, global: boolean): void {
  if (FORBIDDEN.test(key)) throw hostile(`an extended header says ${quote(key)}`, { key });
  if (global && key !== "comment") throw hostile(`a global extended header says ${quote(key)}`, { key });
  // The parser reads line by line and stops at a zero: a value with either would mean two things.
  if (/[\0\n]/.test(value))
    throw hostile(`the value of ${quote(key)} in an extended header holds a zero or a line break`, { key });
  if (key === "path" && value.includes("\\")) throw hostile("a name holds a backslash");
  if (DATES.has(key) && !/^-?\d{1,15}(?:\.\d{1,20})?$/.test(value))
    throw malformed(`an extended header's ${key} is no date`);
  if (COUNTS.has(key) && !/^\d{1,15}$/.test(value)) throw malformed(`an extended header's ${key} is no number`);
}

function* records(bytes: Uint8Array): Generator<readonly [string, string]> {
  let position = 0;
  while (position < bytes.length) {
    const space = bytes.indexOf(0x20, position);
    const digits = space === -1 ? "" : Buffer.from(bytes.subarray(position, space)).toString("latin1");
    const end = position + Number(digits);
    const whole = /^[1-9]\d{0,7}$/.test(digits) && end <= bytes.length && end > space + 1 && bytes[end - 1] === 0x0a;
    if (!whole) throw malformed("an extended header's record has a wrong length");
    const text = decode(bytes.subarray(space + 1, end - 1));
    const equals = text.indexOf("=");
    if (equals < 1) throw malformed("an extended header's record has no key");
    yield [text.slice(0, equals), text.slice(equals + 1)];
    position = end;
  }
}

/** A GNU long name is the name, one or more zeros, nothing else. */
export function checkLongName(bytes: Uint8Array): void {
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  if (end === 0) throw malformed("a long name is empty");
  readName(bytes.subarray(0, end));
}

/** A name as the headers hold it. The parser would cut it at a zero and, on Windows, take a backslash for a slash. */
export function readName(bytes: Uint8Array): string {
  const name = decode(bytes);
  if (/[\p{Cc}\\]/u.test(name)) throw hostile("a name holds a control character or a backslash");
  return name;
}

/** Whether the size in the extended header is one that the entry's own header could not say, or the same. */
export function sizesAgree(extended: number | undefined, own: number): boolean {
  return extended === undefined || extended === own || extended > MAX_OCTAL_SIZE;
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw malformed("a name is not UTF-8", {}, error);
  }
}
