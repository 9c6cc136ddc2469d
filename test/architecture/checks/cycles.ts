import { allImports, fileOf } from "../support/modules.ts";
import type { Files } from "../support/tree.ts";

/** Rings of files that need one another to load: `a -> b -> a`, each once. Types are gone by then, and `import()` waits until all is loaded. */
export function checkCycles(files: Files): string[] {
  const next = new Map<string, string[]>();
  for (const statement of allImports(files)) {
    const file = fileOf(statement);
    if (file !== undefined && statement.how === "static")
      next.set(statement.from, [...(next.get(statement.from) ?? []), file]);
  }
  const done = new Set<string>();
  const found = new Set<string>();
  const walk = (file: string, trail: readonly string[]) => {
    const before = trail.indexOf(file);
    if (before >= 0) {
      found.add([...trail.slice(before), file].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    for (const imported of next.get(file) ?? []) walk(imported, [...trail, file]);
    done.add(file);
  };
  for (const file of [...files.keys()].sort()) walk(file, []);
  return [...found];
}
