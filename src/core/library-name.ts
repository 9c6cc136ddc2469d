import type { Version } from "./model/manifest.ts";

/** `libNAME.so.X.Y`, NAME being the entry point's name: what hosts that load by version look for in lib/. */
export function libraryLinkName(entry: string, version: Version): string {
  const name = /^lib./.test(entry) ? entry.slice("lib".length) : entry;
  const [major, minor] = version.split(".");
  return `lib${name}.so.${major}.${minor}`;
}
