import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Path from the top of the project, `/` between components, to text. A check is a function over such a map. */
export type Files = ReadonlyMap<string, string>;

export const PROJECT = join(import.meta.dirname, "..", "..", "..");

/** The project's own files of these globs. */
export function readProject(...globs: readonly string[]): Files {
  const paths = globSync([...globs], { cwd: PROJECT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(PROJECT.length + 1)
        .replaceAll("\\", "/"),
    );
  return new Map(paths.sort().map((path) => [path, readFileSync(join(PROJECT, path), "utf8")]));
}

/** A small made-up project for the checks' own tests. */
export function sample(files: Readonly<Record<string, string>>): Files {
  return new Map(Object.entries(files));
}
