import type { Installation } from "./model/home.ts";
import { compareVersions } from "./version.ts";

/** By engine, then version: a generation's list is sorted. Of one release, as `anew` has it. */
export function mergeInstallations(
  before: readonly Installation[],
  anew: readonly Installation[],
): readonly Installation[] {
  const byName = new Map([...before, ...anew].map((release) => [`${release.engine}@${release.version}`, release]));
  return [...byName.values()].sort((one, other) =>
    one.engine === other.engine ? compareVersions(one.version, other.version) : compareText(one.engine, other.engine),
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
