import type { EntryPoint, Platform } from "../core/model/manifest.ts";
import type { Lack } from "../core/program/program-lacks.ts";
import { lacksOf } from "./host-check.ts";
import { type RunProblem, runProblem } from "./probe-run.ts";
import type { World } from "./world.ts";

export interface ProbeRequest {
  /** Absolute folder of an installation, or of a stage before it is adopted. */
  readonly path: string;
  readonly platform: Platform;
  readonly entries: Readonly<Record<string, EntryPoint>>;
}

/** What speaks for and against one entry point on this host. */
export interface EntryProof {
  readonly entry: string;
  readonly entryPoint: EntryPoint;
  /** What it needs and this host has not; what a probe that passed has shown to be there all the same is in `cleared`. */
  readonly lacks: readonly Lack[];
  readonly cleared: readonly Lack[];
  /** Undefined where it was not started: it has no probe, or cannot run here for certain. */
  readonly run: "passed" | RunProblem | undefined;
}

/** `reason`: a sentence without its end that names the file, what was expected and what was found. `mend`: a sentence. */
export type ProbeResult =
  | { readonly ok: true; readonly doubts: readonly string[] }
  | {
      readonly ok: false;
      readonly entry: string;
      readonly reason: string;
      /** `host`: it may be sound, and this host has to change. */
      readonly blame: "host" | "release";
      readonly mend?: string;
    };

/**
 * Whether a release may be committed to on this host. What is certain of its files is said before anything is started; of the rest a probe
 * has the last word. Without a probe an executable that lacks a library is refused, and a library only doubted: who loads it may bring the other.
 * Errors: those of ChildProcess.
 */
export async function probe(world: World, request: ProbeRequest): Promise<ProbeResult> {
  if (!isRunHere(world, request.platform)) return { ok: true, doubts: [] };
  const doubts: string[] = [];
  for (const [entry, entryPoint] of Object.entries(request.entries)) {
    const proof = await proveEntry(world, request, entry, entryPoint);
    const refusal = refusalOf(proof);
    if (refusal !== undefined) return { ok: false, entry, ...refusal };
    doubts.push(...proof.lacks.map(({ message }) => message));
  }
  return { ok: true, doubts };
}

/** Every entry point, whatever the others show; undefined for a release that is not run here, with a warning. */
export async function proveAll(world: World, request: ProbeRequest): Promise<readonly EntryProof[] | undefined> {
  if (!isRunHere(world, request.platform)) return undefined;
  const proofs: EntryProof[] = [];
  for (const [entry, entryPoint] of Object.entries(request.entries)) {
    proofs.push(await proveEntry(world, request, entry, entryPoint));
  }
  return proofs;
}

function isRunHere({ host, reporter }: World, platform: Platform): boolean {
  if (platform === "any" || platform === host.platform) return true;
  const what = `A release for ${platform} cannot be run on ${host.platform}: its entry points are not proven.`;
  reporter.warn("not-run-here", what);
  return false;
}

async function proveEntry(
  world: World,
  request: ProbeRequest,
  entry: string,
  entryPoint: EntryPoint,
): Promise<EntryProof> {
  const lacks = lacksOf(world, request.path, entryPoint.path);
  const isHopeless = lacks.some(({ weight }) => weight === "certain");
  // Node would give a foreign program to the shell: what the file itself says comes first
  if (entryPoint.probe === undefined || isHopeless) return { entry, entryPoint, lacks, cleared: [], run: undefined };
  const problem = await runProblem(world, request, entryPoint);
  if (problem !== undefined) return { entry, entryPoint, lacks, cleared: [], run: problem };
  return { entry, entryPoint, lacks: [], cleared: lacks, run: "passed" };
}

function refusalOf({ entryPoint, lacks, run }: EntryProof) {
  const [first] = lacks;
  const lack = first === undefined || first.weight === "unclear" ? undefined : first;
  if (run === undefined) {
    const isRefused = lack?.weight === "certain" || (lack !== undefined && entryPoint.kind === "executable");
    return isRefused ? { reason: lack.message, blame: lack.blame, mend: lack.mend } : undefined;
  }
  if (run === "passed") return undefined;
  if (lack === undefined) return run;
  return { reason: `${lack.message}; ${run.reason}`, blame: lack.blame, mend: lack.mend };
}
