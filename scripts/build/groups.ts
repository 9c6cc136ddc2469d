import { build, type Metafile } from "esbuild";
import { leanLock } from "./lean-lock.ts";
import { asRead } from "./settings.ts";

/**
 * The files that the command line is made into, in this order: a module lies in the first whose roots lead to it by static imports.
 * What most verbs need is in `start`; a short verb reads no more than that.
 */
const ROOTS: Readonly<Record<string, readonly string[]>> = {
  start: [
    "src/main.ts",
    "src/cli/run.ts",
    "src/compose.ts",
    "src/adapters/terminal/reporter.ts",
    "src/ops/which.ts",
    "src/ops/list.ts",
    "src/ops/status.ts",
    "src/ops/pin.ts",
    "src/ops/exec.ts",
    "src/ops/rollback.ts",
  ],
  upgrade: [
    "src/ops/upgrade.ts",
    "src/ops/use.ts",
    "src/ops/observe.ts",
    "src/adapters/fetch/fetcher.ts",
    "src/adapters/tuf/keeper.ts",
  ],
  complete: ["src/cli/completing/complete.ts", "src/ops/names.ts"],
  web: ["src/adapters/fetch/undici-parts.ts"],
  protocol: ["src/adapters/tuf/protocol.ts"],
  questions: ["src/adapters/terminal/questions.ts"],
};
/** In each file anew: of a library that is asked for from elsewhere nothing can be left out, and this one leaves out nine tenths. */
const COPIED = /^node_modules\/valibot\//;
/** Whatever else of our own. */
const REST = "rest";

export interface Groups {
  /** From a module, as esbuild names it, to its file. */
  readonly of: ReadonlyMap<string, string>;
  /** Files with the modules that others ask them for. */
  readonly asked: ReadonlyMap<string, readonly string[]>;
  /** What a module means by a specifier; undefined where it lies outside of all files. */
  readonly target: (importer: string, specifier: string) => string | undefined;
}

/** Follows the imports from `entry`. A library that only an `import()` leads to gets a file of its own. */
export async function groupModules(root: string, entry: string): Promise<Groups> {
  const { inputs } = (await build({ ...asRead(root, entry), plugins: [leanLock] })).metafile;
  const of = new Map<string, string>();
  const claim = (group: string, roots: readonly string[]) => {
    for (const path of roots) {
      if (of.has(path)) continue;
      of.set(path, group);
      claim(group, importsOf(inputs, path, false));
    }
  };
  for (const [group, roots] of Object.entries(ROOTS)) claim(group, roots);
  const later = Object.keys(inputs).flatMap((path) => importsOf(inputs, path, true));
  for (const path of later.filter(isOurs)) claim(REST, [path]);
  for (const path of later.filter((path) => !isOurs(path))) claim(libraryName(path), [path]);
  for (const path of of.keys()) if (COPIED.test(path)) of.delete(path);
  const target = (importer: string, specifier: string) =>
    inputs[importer]?.imports.find(({ original, external }) => !external && original === specifier)?.path;
  return { of, asked: askedOf(inputs, of, entry), target };
}

function importsOf(inputs: Metafile["inputs"], path: string, later: boolean): string[] {
  const imports = inputs[path]?.imports ?? [];
  return imports.filter((each) => !each.external && (each.kind === "dynamic-import") === later).map(({ path }) => path);
}

function askedOf(inputs: Metafile["inputs"], of: ReadonlyMap<string, string>, entry: string) {
  const asked = new Map<string, Set<string>>();
  const ask = (path: string) => {
    const group = of.get(path) ?? "";
    asked.set(group, (asked.get(group) ?? new Set()).add(path));
  };
  ask(entry);
  for (const [from, { imports }] of Object.entries(inputs)) {
    for (const { path, external } of imports) if (!external && of.has(path) && of.get(path) !== of.get(from)) ask(path);
  }
  return new Map([...asked].map(([group, paths]) => [group, [...paths].toSorted()]));
}

function isOurs(path: string): boolean {
  return path.startsWith("src/");
}

/** `node_modules/@npmcli/config/lib/index.js`: `npmcli-config`. */
function libraryName(path: string): string {
  return (/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1] ?? "library")
    .replace(/^@/, "")
    .replace("/", "-");
}
