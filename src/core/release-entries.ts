import { EngineryError } from "./errors.ts";
import { inputProblem } from "./guard-shape.ts";
import type { EntryPoint, Guard, InputRule, Probe, Version } from "./model/manifest.ts";
import type { Tree, TreeFile } from "./model/tree.ts";
import { checkEntryName } from "./names.ts";
import { quote } from "./quote.ts";

const LIBRARY = /\.(?:dylib|dll|so(?:\.[0-9]+)*)$/;

export interface WantedEntry {
  readonly name: string;
  readonly path: string;
  /** Default: `library` where the file's name says so, else `executable`. */
  readonly kind?: EntryPoint["kind"] | undefined;
}

export interface EntryRules {
  readonly engine: string;
  readonly version: Version;
  /** Empty: an executable named like the engine, or the only executable. */
  readonly wanted: readonly WantedEntry[];
  /** Of every executable. `expect` left out: the version's text. */
  readonly probe: { readonly args: readonly string[]; readonly expect?: string | undefined } | undefined;
  readonly guards?: GuardRules | undefined;
}

/** Of every executable; what names an entry point, of that one alone. */
export interface GuardRules {
  /** Check every file of the release before each start. */
  readonly files: boolean;
  readonly inputs: readonly (InputRule & { readonly entry?: string | undefined })[];
}

/** A release's entry points, and its files with what is run marked as executable. Errors: `bad-name`, `unknown-entry`, `usage`. */
export function releaseEntries(
  files: readonly TreeFile[],
  rules: EntryRules,
): { readonly files: readonly TreeFile[]; readonly entries: Readonly<Record<string, EntryPoint>> } {
  const wanted = rules.wanted.length > 0 ? rules.wanted : [defaultEntry(files, rules.engine)];
  const probe = rules.probe === undefined ? undefined : probeOf(rules.probe, rules.version);
  const entries = new Map<string, EntryPoint>();
  for (const { name, path, kind: said } of wanted) {
    checkEntryName(name);
    requireFile(files, name, path);
    if (entries.has(name)) throw new EngineryError("usage", `Two entry points are called ${name}.`);
    const kind = said ?? (LIBRARY.test(path) ? "library" : "executable");
    const runs = kind === "executable";
    const guard = runs && rules.guards !== undefined ? guardOf(name, rules.guards) : undefined;
    entries.set(name, {
      path,
      kind,
      ...(runs && probe !== undefined && { probe }),
      ...(guard !== undefined && { guard }),
    });
  }
  requireGuarded(entries, rules.guards);
  const run = new Set([...entries.values()].filter(({ kind }) => kind === "executable").map(({ path }) => path));
  return {
    files: files.map((file) => (run.has(file.path) ? { ...file, executable: true } : file)),
    entries: Object.fromEntries(entries),
  };
}

/** Sorted as a tree's files are. */
export function treeOf(files: readonly TreeFile[]): Tree {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return {
    format: 1,
    files: sorted.map(({ path, bytes, sha256, executable }) => ({ path, bytes, sha256, executable })),
  };
}

function defaultEntry(files: readonly TreeFile[], engine: string): WantedEntry {
  const executables = files.filter(({ executable, path }) => executable || path.endsWith(".exe"));
  const named = executables.filter(({ path }) => [engine, `${engine}.exe`].includes(baseName(path)));
  const [only, ...others] = named.length > 0 ? named : executables;
  if (only !== undefined && others.length === 0) return { name: engine, path: only.path, kind: "executable" };
  const found = executables.map(({ path }) => path);
  const what = only === undefined ? "No file is executable" : `More than one file could be the entry point`;
  throw new EngineryError("usage", `${what}, and none is named ${engine} alone.`, {
    hint: "Say --entry NAME=PATH.",
    context: { executables: found.slice(0, 20) },
  });
}

function requireFile(files: readonly TreeFile[], name: string, path: string): void {
  if (files.some((file) => file.path === path)) return;
  throw new EngineryError(
    "unknown-entry",
    `The entry point ${name} is to be ${quote(path)}, and there is no such file.`,
    {
      hint: "Give a path within the release's tree, with / between folders.",
      context: { name, path },
    },
  );
}

function guardOf(name: string, { files, inputs }: GuardRules): Guard | undefined {
  const own = inputs.filter(({ entry }) => entry === undefined || entry === name);
  if (!files && own.length === 0) return undefined;
  return {
    ...(files && { files: "tree" as const }),
    ...(own.length > 0 && { inputs: own.map(({ after, offset, bytes }) => ({ after, offset, bytes })) }),
  };
}

/** A guard that would guard nothing is a mistake in the words. */
function requireGuarded(entries: ReadonlyMap<string, EntryPoint>, guards: GuardRules | undefined): void {
  if (guards === undefined) return;
  const executables = [...entries].filter(([, { kind }]) => kind === "executable").map(([name]) => name);
  if (executables.length === 0) {
    throw new EngineryError("usage", "A guard is for what is started, and the release has no executable entry point.");
  }
  for (const { entry, ...rule } of guards.inputs) {
    if (entry !== undefined && !executables.includes(entry)) {
      throw new EngineryError("unknown-entry", `There is no executable entry point ${entry} to guard.`, {
        hint: `Those of the release: ${executables.join(", ")}.`,
        context: { entry, executables },
      });
    }
    const problem = inputProblem(rule);
    if (problem !== undefined) {
      throw new EngineryError("usage", `The guard for ${quote(rule.after)} ${problem}.`, { context: { rule } });
    }
  }
}

function probeOf({ args, expect }: NonNullable<EntryRules["probe"]>, version: Version): Probe {
  const pattern = expect ?? version.replace(/[.+*?^$()[\]{}|\\]/g, "\\$&");
  try {
    new RegExp(pattern);
  } catch (cause) {
    throw new EngineryError("usage", `What the probe expects is not a regular expression: ${quote(pattern)}.`, {
      cause,
    });
  }
  return { args, expect: pattern };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
