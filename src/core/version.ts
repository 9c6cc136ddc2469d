import compare from "semver/functions/compare.js";
import valid from "semver/functions/valid.js";
import { EngineryError, type ErrorCode } from "./errors.ts";
import type { Version } from "./model/manifest.ts";
import { quote } from "./quote.ts";

const MAX_LENGTH = 64;

/** Why `text` is no version; undefined where it is one. */
export function versionProblem(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  // semver.valid takes "v1.2.3" and " 1.2.3 " and drops build metadata: only what it gives back unchanged is exact
  return valid(text) === text ? undefined : "is not exact semver without build metadata";
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
  return compare(a, b);
}
