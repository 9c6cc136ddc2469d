import { EngineryError } from "./errors.ts";
import { inputProblem } from "./guard-shape.ts";
import type { EntryPoint, Guard, InputRule, Probe, Version } from "./model/manifest.ts";
import { quote } from "./quote.ts";
import { libraryReportPattern, reportPattern } from "./report-pattern.ts";

/** How the entry points of a release prove themselves: once before they are installed, and each time before they start. */
export interface ProofRules {
  readonly version: Version;
  /** Of every executable. `expect` left out: the version. */
  readonly probe: { readonly args: readonly string[]; readonly expect?: string | undefined } | undefined;
  /** Of every library: the executable entry point that loads it. `expect` left out: the version, and X.Y for X.Y.0, too. */
  readonly libraryProbe?: { readonly with: string; readonly expect?: string | undefined } | undefined;
  readonly guards?: GuardRules | undefined;
}

/** Of every executable; what names an entry point, of that one alone. */
export interface GuardRules {
  /** Check every file of the release before each start. */
  readonly files: boolean;
  readonly inputs: readonly (InputRule & { readonly entry?: string | undefined })[];
}

type Entries = Readonly<Record<string, EntryPoint>>;

/** The entry points with the probes and guards that the rules give them. Errors: `unknown-entry`, `usage`. */
export function withProofs(entries: Entries, rules: ProofRules): Entries {
  requireLoader(entries, rules.libraryProbe);
  requireGuarded(entries, rules.guards);
  const probes = { executable: probeOf(rules), library: libraryProbeOf(rules) };
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => {
      const probe = probes[entry.kind];
      const guard = entry.kind === "executable" ? guardOf(name, rules.guards) : undefined;
      return [name, { ...entry, ...(probe && { probe }), ...(guard && { guard }) }];
    }),
  );
}

function probeOf({ probe, version }: ProofRules): Probe | undefined {
  if (probe === undefined) return undefined;
  return { args: probe.args, expect: usable(probe.expect ?? reportPattern(version)) };
}

function libraryProbeOf({ libraryProbe, version }: ProofRules): Probe | undefined {
  if (libraryProbe === undefined) return undefined;
  return {
    args: [],
    expect: usable(libraryProbe.expect ?? libraryReportPattern(version)),
    with: libraryProbe.with,
  };
}

function guardOf(name: string, guards: GuardRules | undefined): Guard | undefined {
  if (guards === undefined) return undefined;
  const own = guards.inputs.filter(({ entry }) => entry === undefined || entry === name);
  if (!guards.files && own.length === 0) return undefined;
  return {
    ...(guards.files && { files: "tree" as const }),
    ...(own.length > 0 && { inputs: own.map(({ after, offset, bytes }) => ({ after, offset, bytes })) }),
  };
}

function requireLoader(entries: Entries, libraryProbe: ProofRules["libraryProbe"]): void {
  if (libraryProbe === undefined) return;
  const { with: loader } = libraryProbe;
  if (!namesOf(entries, "executable").includes(loader)) {
    throw new EngineryError("unknown-entry", `There is no executable entry point ${loader} to load the libraries.`, {
      hint: `Name it, too: --entry ${loader}=PATH:executable`,
      context: { entry: loader },
    });
  }
  if (namesOf(entries, "library").length > 0) return;
  throw new EngineryError("usage", `${loader} is to load the release's libraries, and it has none.`);
}

/** A guard that would guard nothing is a mistake in the words. */
function requireGuarded(entries: Entries, guards: GuardRules | undefined): void {
  if (guards === undefined) return;
  const executables = namesOf(entries, "executable");
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

function namesOf(entries: Entries, kind: EntryPoint["kind"]): readonly string[] {
  return Object.keys(entries).filter((name) => entries[name]?.kind === kind);
}

function usable(pattern: string): string {
  try {
    new RegExp(pattern);
    return pattern;
  } catch (cause) {
    throw new EngineryError("usage", `What the probe expects is not a regular expression: ${quote(pattern)}.`, {
      cause,
    });
  }
}
