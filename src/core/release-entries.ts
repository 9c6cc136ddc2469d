import { EngineryError } from "./errors.ts";
import type { EntryPoint } from "./model/manifest.ts";
import type { Tree, TreeFile } from "./model/tree.ts";
import { checkEntryName } from "./names.ts";
import { quote } from "./quote.ts";
import { type ProofRules, withProofs } from "./release-proofs.ts";

const LIBRARY = /\.(?:dylib|dll|so(?:\.[0-9]+)*)$/;

export interface WantedEntry {
  readonly name: string;
  readonly path: string;
  /** Default: `library` where the file's name says so, else `executable`. */
  readonly kind?: EntryPoint["kind"] | undefined;
}

export interface EntryRules extends ProofRules {
  readonly engine: string;
  /** Empty: an executable named like the engine, or the only executable. */
  readonly wanted: readonly WantedEntry[];
}

/** A release's entry points, and its files with what is run marked as executable. Errors: `bad-name`, `unknown-entry`, `usage`. */
export function releaseEntries(
  files: readonly TreeFile[],
  rules: EntryRules,
): { readonly files: readonly TreeFile[]; readonly entries: Readonly<Record<string, EntryPoint>> } {
  const wanted = rules.wanted.length > 0 ? rules.wanted : [defaultEntry(files, rules.engine)];
  const entries = new Map<string, EntryPoint>();
  for (const { name, path, kind } of wanted) {
    checkEntryName(name);
    requireFile(files, name, path);
    if (entries.has(name)) throw new EngineryError("usage", `Two entry points are called ${name}.`);
    entries.set(name, { path, kind: kind ?? (LIBRARY.test(path) ? "library" : "executable") });
  }
  const run = new Set([...entries.values()].filter(({ kind }) => kind === "executable").map(({ path }) => path));
  return {
    files: files.map((file) => (run.has(file.path) ? { ...file, executable: true } : file)),
    entries: withProofs(Object.fromEntries(entries), rules),
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

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
