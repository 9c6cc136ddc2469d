import type { EntryPoint } from "../core/model/manifest.ts";
import { quote } from "../core/quote.ts";
import { reportedVersion } from "../core/report-pattern.ts";
import type { RunResult } from "../ports/child-process.ts";
import type { World } from "./world.ts";

export interface RunRequest {
  /** Absolute folder of an installation, or of a stage before it is adopted. */
  readonly path: string;
  readonly entries: Readonly<Record<string, EntryPoint>>;
}

/** Why an entry point did not prove itself: a sentence without its end. `blame`: the host, where the linker says that it lacks something. */
export interface RunProblem {
  readonly reason: string;
  readonly blame: "host" | "release";
}

const TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
const MAX_EXPECT_LENGTH = 512;
const MAX_SHOWN = 200;
const ENVIRONMENT = { PATH: "/usr/bin:/bin", LANG: "C" } as const;

/** Starts an entry point in a clean environment and holds what it says against what it must say; undefined where it does. At most 10 s. */
export async function runProblem(
  world: World,
  { path: folder, entries }: RunRequest,
  { path, probe }: EntryPoint,
): Promise<RunProblem | undefined> {
  if (probe === undefined) return undefined;
  const unusable = expectProblem(probe.expect);
  if (unusable !== undefined) return release(`${path}: the publisher's expression ${quote(probe.expect)} ${unusable}`);
  const loader = probe.with === undefined ? undefined : loaderOf(entries, probe.with);
  if (loader === null)
    return release(`${path} is to be loaded by ${probe.with}, which is no executable of the release`);
  const args = loader === undefined ? probe.args : [...probe.args, `${folder}/${path}`];
  const { expect } = probe;
  const options = { env: ENVIRONMENT, timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES, expect };
  const result = await world.children.run(`${folder}/${loader ?? path}`, args, options);
  const command = [loader ?? path, ...probe.args, ...(loader === undefined ? [] : [path])].join(" ");
  const reason = resultProblem(command, expect, result);
  if (reason === undefined) return undefined;
  return { reason, blame: result.outcome === "exit" && missingPart(result.output) !== "" ? "host" : "release" };
}

const release = (reason: string): RunProblem => ({ reason, blame: "release" });

/** The path of the entry point that loads a library; null where it cannot. */
function loaderOf(entries: RunRequest["entries"], name: string): string | null {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  return entry?.kind === "executable" ? entry.path : null;
}

/** Why an expression of a manifest cannot be used; the publisher asks before signing. */
export function expectProblem(expect: string): string | undefined {
  if (expect.length > MAX_EXPECT_LENGTH) return `is longer than ${MAX_EXPECT_LENGTH} characters`;
  try {
    new RegExp(expect);
    return undefined;
  } catch {
    return "is not a regular expression";
  }
}

function resultProblem(command: string, expect: string, result: RunResult): string | undefined {
  switch (result.outcome) {
    case "not-started":
      return `${command} could not be started (${quote(result.reason)}); its architecture or its loader does not fit this host`;
    case "timeout":
      return `${command} was still running after ${TIMEOUT_MS / 1000} seconds; it said ${shown(result.output)}`;
    case "signal":
      return `${command} was ended by ${result.signal}${signalMeaning(result.signal)}; it said ${shown(result.output)}`;
    case "exit":
      return exitProblem(command, expect, result);
  }
}

function exitProblem(
  command: string,
  expect: string,
  result: RunResult & { readonly outcome: "exit" },
): string | undefined {
  const found = `it said ${shown(result.output)}`;
  if (result.status !== 0) return `${command} exited with ${result.status}${missingPart(result.output)}; ${found}`;
  const matched = result.matched ?? new RegExp(expect).test(result.output.trimEnd());
  if (matched === true) return undefined;
  if (matched === "timeout")
    return `${command}: the publisher's expression ${quote(expect)} takes too long on what it said`;
  return `${command} should say ${reportedVersion(expect) ?? quote(expect)}; ${found}`;
}

/** Where the dynamic linker names what it lacks. */
function missingPart(output: string): string {
  const version = /version [`'"]?((?:GLIBC|GLIBCXX|CXXABI|GCC)_[0-9.]+)'? not found/.exec(output)?.[1];
  if (version !== undefined) return ` because this host lacks ${version.replace("_", " ")}`;
  const library = /error while loading shared libraries: ([^\s:]{1,100}):/.exec(output)?.[1];
  return library === undefined ? "" : ` because this host lacks the library ${library}`;
}

function signalMeaning(signal: string): string {
  return signal === "SIGILL" ? " (it needs a feature that this CPU lacks)" : "";
}

const shown = (output: string): string => (output === "" ? "nothing" : quote(output.trim(), MAX_SHOWN));
