import { FORMAT_BYTES, formatProblem, readFormat } from "../core/executable-format.ts";
import type { EntryPoint, Platform } from "../core/model/manifest.ts";
import { quote } from "../core/quote.ts";
import { reportedVersion } from "../core/report-pattern.ts";
import type { RunResult } from "../ports/child-process.ts";
import type { World } from "./world.ts";

export interface ProbeRequest {
  /** Absolute folder of an installation, or of a stage before it is adopted. */
  readonly path: string;
  readonly platform: Platform;
  readonly entries: Readonly<Record<string, EntryPoint>>;
}

/** `reason`: a sentence without its end that names the file, what was expected and what was found. */
export type ProbeResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly entry: string; readonly reason: string };

const TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
const MAX_EXPECT_LENGTH = 512;
const MAX_SHOWN = 200;
const ENVIRONMENT = { PATH: "/usr/bin:/bin", LANG: "C" } as const;

/**
 * Proves on this host that each entry point is what it is called: built for this machine, and, where the publisher says how, started in a
 * clean environment and held against what it must say. A release for another platform is not run, with a warning. At most 10 s an entry.
 */
export async function probe(world: World, request: ProbeRequest): Promise<ProbeResult> {
  const { platform, entries } = request;
  if (platform !== "any" && platform !== world.host.platform) {
    world.reporter.warn(
      "not-run-here",
      `A release for ${platform} cannot be run on ${world.host.platform}: its entry points are not proven.`,
    );
    return { ok: true };
  }
  for (const [entry, entryPoint] of Object.entries(entries)) {
    const reason = await entryProblem(world, request, entryPoint);
    if (reason !== undefined) return { ok: false, entry, reason };
  }
  return { ok: true };
}

async function entryProblem(
  world: World,
  { path: folder, entries }: ProbeRequest,
  { path, probe }: EntryPoint,
): Promise<string | undefined> {
  const problem = fileProblem(world, `${folder}/${path}`);
  if (problem !== undefined) return `${path} ${problem}`;
  if (probe === undefined) return undefined;
  const unusable = expectProblem(probe.expect);
  if (unusable !== undefined) return `${path}: the publisher's expression ${quote(probe.expect)} ${unusable}`;
  const loader = probe.with === undefined ? undefined : loaderOf(entries, probe.with);
  if (loader === null) return `${path} is to be loaded by ${probe.with}, which is no executable of the release`;
  const args = loader === undefined ? probe.args : [...probe.args, `${folder}/${path}`];
  const { expect } = probe;
  const options = { env: ENVIRONMENT, timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES, expect };
  const result = await world.children.run(`${folder}/${loader ?? path}`, args, options);
  const command = [loader ?? path, ...probe.args, ...(loader === undefined ? [] : [path])].join(" ");
  return resultProblem(command, expect, result);
}

/** The path of the entry point that loads a library; null where it cannot. */
function loaderOf(entries: ProbeRequest["entries"], name: string): string | null {
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  return entry?.kind === "executable" ? entry.path : null;
}

/** What the file itself says, before it is run: Node would give a foreign program to the shell. */
function fileProblem(world: World, file: string): string | undefined {
  const format = readFormat(headOf(world, file));
  const problem = formatProblem(format, world.host.platform);
  if (problem !== undefined) return problem;
  const loader = format.kind === "elf" || format.kind === "script" ? format.interpreter : undefined;
  if (loader === undefined || !loader.startsWith("/") || world.fileSystem.status(loader) !== undefined)
    return undefined;
  const what = format.kind === "elf" ? "the loader (glibc or musl)" : "the interpreter";
  return `needs ${what} ${loader}, which is not on this host`;
}

function headOf(world: World, file: string): Uint8Array {
  const buffer = new Uint8Array(FORMAT_BYTES);
  using handle = world.fileSystem.openRead(file);
  return buffer.subarray(0, handle.read(buffer, 0));
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
