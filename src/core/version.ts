import { EngineryError, type ErrorCode } from "./errors.ts";
import type { Version } from "./model/manifest.ts";
import { quote } from "./quote.ts";

const MAX_LENGTH = 64;

/** Semantic Versioning 2.0.0 without build metadata; held by a test to what semver answers, whose expressions take half a millisecond to build. */
const EXACT =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?$/;
const DIGITS = /^\d+$/;

/** Why `text` is no version; undefined where it is one. */
export function versionProblem(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  const [, ...numbers] = EXACT.exec(text) ?? [];
  const isExact = numbers.length > 0 && numbers.every((number) => Number.isSafeInteger(Number(number)));
  return isExact ? undefined : "is not exact semver without build metadata";
}

/** Exact semver without build metadata, at most 64 characters. Errors: `bad-version`, or `code`. */
export function checkVersion(text: string, code: ErrorCode = "bad-version"): Version {
  const problem = versionProblem(text);
  if (problem === undefined) return text;
  throw new EngineryError(code, `The version ${quote(text)} ${problem}.`, { context: { version: text } });
}

/** As people type it: `X.Y` is X.Y.0. Errors: `bad-version`. */
export function parseVersionArgument(text: string): Version {
  return checkVersion(/^[0-9]+\.[0-9]+$/.test(text) ? `${text}.0` : text);
}

/** Semver precedence: negative where `a` comes before `b`; 0 only for equal versions. */
export function compareVersions(a: Version, b: Version): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  const order = compareParts(one.numbers, other.numbers);
  if (order !== 0 || one.names.length === 0 || other.names.length === 0) {
    // a release comes after all that came before it
    return order || other.names.length - one.names.length;
  }
  return compareParts(one.names, other.names);
}

interface Parts {
  readonly numbers: readonly string[];
  /** What follows the dash: of a version before its release. */
  readonly names: readonly string[];
}

function partsOf(version: Version): Parts {
  const dash = version.indexOf("-");
  if (dash < 0) return { numbers: version.split("."), names: [] };
  return { numbers: version.slice(0, dash).split("."), names: version.slice(dash + 1).split(".") };
}

function compareParts(some: readonly string[], others: readonly string[]): number {
  for (const [at, one] of some.entries()) {
    const other = others[at];
    const order = other === undefined ? 1 : comparePart(one, other);
    if (order !== 0) return order;
  }
  return some.length - others.length;
}

/** Numbers by size, before all else; all else by text. No number has zeros before it. */
function comparePart(one: string, other: string): number {
  const isNumber = DIGITS.test(one);
  if (isNumber !== DIGITS.test(other)) return isNumber ? -1 : 1;
  if (isNumber && one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}
