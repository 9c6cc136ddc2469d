import type { Version } from "./model/manifest.ts";

/* What a probe expects where its publisher says nothing else: the version, whole. 1.2.3 is neither in 1.2.30 nor in 1.2.3-rc.1. */
const BEFORE = "(?<![0-9.])";
const BEHIND = "(?![0-9A-Za-z_-]|\\.[0-9A-Za-z])";

export function reportPattern(version: Version): string {
  return BEFORE + escaped(version) + BEHIND;
}

/** A library that is loaded as X.Y may say X.Y for X.Y.0. */
export function libraryReportPattern(version: Version): string {
  const [, short] = /^(.*)\.0$/.exec(version) ?? [];
  return short === undefined || version.includes("-")
    ? reportPattern(version)
    : `${BEFORE}${escaped(short)}(?:\\.0)?${BEHIND}`;
}

/** The version that such a pattern stands for; undefined where the publisher wrote another one. */
export function reportedVersion(pattern: string): string | undefined {
  if (!pattern.startsWith(BEFORE) || !pattern.endsWith(BEHIND)) return undefined;
  const inner = pattern.slice(BEFORE.length, -BEHIND.length).replace(/\(\?:\\\.0\)\?$/, "");
  return /^(?:[0-9A-Za-z-]|\\\.)+$/.test(inner) ? inner.replaceAll("\\", "") : undefined;
}

function escaped(version: Version): string {
  return version.replaceAll(".", "\\.");
}
