import type { ElfProgram } from "../model/program.ts";
import { compareNumbers, type Lack, shown } from "./lack.ts";
import type { Loaded } from "./library-search.ts";

/** Versions that the file needs of libraries which are there and do not have them; one sentence a library, for the newest. */
export function versionLacks(
  file: string,
  { requires }: ElfProgram,
  loaded: ReadonlyMap<string, Loaded>,
  isCertain: boolean,
): readonly Lack[] {
  return requires.flatMap(({ library, versions }) => {
    const found = loaded.get(library);
    // missing altogether is said already; one without any versions is taken by the linker with a warning
    if (found === undefined || found.program.unread !== undefined || found.program.provides.length === 0) return [];
    const there = new Set(found.program.provides);
    const missing = versions.filter((version) => !there.has(version));
    const worst = newest(missing) ?? missing[0];
    return worst === undefined ? [] : [versionLack(file, library, worst, found, isCertain)];
  });
}

function versionLack(file: string, library: string, version: string, found: Loaded, isCertain: boolean): Lack {
  const family = familyOf(version);
  const best = newest(found.program.provides.filter((one) => familyOf(one) === family));
  const there = best === undefined ? `knows no ${shown(family)}` : `goes up to ${shown(best)}`;
  const isGlibc = family === "GLIBC";
  return {
    weight: isCertain && isGlibc ? "certain" : "likely",
    blame: "host",
    message: `${file} needs ${shown(version)} of ${shown(library)}, and ${shown(found.path)} ${there}`,
    mend: `Upgrade ${isGlibc ? "this host's glibc" : shown(library)}, or ask the publisher for a build that needs less.`,
  };
}

/** `GLIBC` of `GLIBC_2.36`. */
function familyOf(version: string): string {
  return version.replace(/_[^_]*$/, "");
}

/** Of those that end in numbers. */
function newest(versions: readonly string[]): string | undefined {
  const numbered = versions.filter((version) => /_\d+(?:\.\d+)*$/.test(version));
  return numbered.toSorted((one, other) => compareVersionNames(one, other)).at(-1);
}

function compareVersionNames(one: string, other: string): number {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  return compareNumbers(a, b) || a.length - b.length;
}

function numbersOf(version: string): readonly number[] {
  return version
    .slice(version.lastIndexOf("_") + 1)
    .split(".")
    .map(Number);
}
