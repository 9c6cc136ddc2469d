import { allImports, fileOf, type ImportStatement, libraryOf } from "../support/modules.ts";
import type { Files } from "../support/tree.ts";

/** Libraries light enough to load at every start. All others wait for an `import()`. */
export const LIGHT_LIBRARIES = ["semver", "valibot"];
/** Parts of Node that cost time to load and that most verbs never need. */
const HEAVY_NODE = [
  "node:http",
  "node:https",
  "node:http2",
  "node:net",
  "node:tls",
  "node:dns",
  "node:sqlite",
  "node:test",
];

/** What a start at `entry` loads though few verbs need it, with the way to it. */
export function checkLazy(files: Files, entry: string): string[] {
  if (!files.has(entry)) return [`${entry} is not there`];
  const statics = Map.groupBy(
    allImports(files).filter((statement) => statement.how === "static"),
    (statement) => statement.from,
  );
  const problems: string[] = [];
  const seen = new Set([entry]);
  const visit = (path: string, way: readonly string[]) => {
    for (const statement of statics.get(path) ?? []) {
      const heavy = heavyModule(statement);
      if (heavy !== undefined) problems.push(`${[...way, path].join(" -> ")} loads ${heavy}`);
      const file = fileOf(statement);
      if (file !== undefined && !seen.has(file)) {
        seen.add(file);
        visit(file, [...way, path]);
      }
    }
  };
  visit(entry, []);
  return problems;
}

function heavyModule(statement: ImportStatement): string | undefined {
  const library = libraryOf(statement);
  if (library !== undefined) return LIGHT_LIBRARIES.includes(library) ? undefined : library;
  return HEAVY_NODE.includes(statement.specifier.replace(/^(node:[^/]+)\/.*/, "$1")) ? statement.specifier : undefined;
}
