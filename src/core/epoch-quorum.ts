import { EngineryError, type ErrorCode } from "./errors.ts";
import type { Epoch } from "./model/manifest.ts";

/** What one endpoint answered: an epoch, or why there is none. */
export type SourceOutcome =
  | { readonly name: string; readonly epoch: Epoch; readonly detail?: Readonly<Record<string, string | number>> }
  /** `late`: it was not waited for, and nothing is known against it. */
  | { readonly name: string; readonly problem: string; readonly late?: true };

export type QuorumAnswer =
  | { readonly epoch: Epoch; readonly saidBy: readonly string[]; readonly outcomes: readonly SourceOutcome[] }
  /** `problem`: one sentence with the reason of each endpoint. */
  | { readonly epoch: undefined; readonly problem: string; readonly outcomes: readonly SourceOutcome[] };

/** How many endpoints must agree: as asked for, else more than half. Errors: `usage` (or `code`). */
export function quorumOf(endpoints: number, asked: number | undefined, code: ErrorCode = "usage"): number {
  const quorum = asked ?? Math.floor(endpoints / 2) + 1;
  if (quorum >= 1 && quorum <= endpoints) return quorum;
  throw new EngineryError(code, `A quorum of ${quorum} of ${endpoints} epoch sources can never be met.`, {
    hint: "Name more sources, or ask for fewer to agree.",
  });
}

/**
 * The greatest epoch that at least `quorum` endpoints say or exceed: while fewer than `quorum` run ahead, none of them moves it
 * forward, and while `quorum` others answer nobody who lags holds it back.
 */
export function epochByQuorum(outcomes: readonly SourceOutcome[], quorum: number): QuorumAnswer {
  const readings = outcomes.flatMap((outcome) => ("epoch" in outcome ? [outcome] : []));
  const epoch = readings.map((reading) => reading.epoch).toSorted((one, other) => other - one)[quorum - 1];
  if (epoch === undefined) return { epoch, problem: tooFew(outcomes, readings.length, quorum), outcomes };
  return { epoch, saidBy: readings.filter((reading) => reading.epoch >= epoch).map(({ name }) => name), outcomes };
}

/**
 * Whether `outcomes` hold the epoch that all endpoints together would give, whatever the `pending` others say: then nobody who is slow need be
 * waited for. They could only raise it, and those of them that count are too few for that.
 */
export function isDecided(outcomes: readonly SourceOutcome[], pending: number, quorum: number): boolean {
  const { epoch } = epochByQuorum(outcomes, quorum);
  if (epoch === undefined) return false;
  return outcomes.filter((one) => "epoch" in one && one.epoch > epoch).length + pending < quorum;
}

function tooFew(outcomes: readonly SourceOutcome[], readings: number, quorum: number): string {
  const reasons = outcomes.map((one) => ("epoch" in one ? `${one.name} says ${one.epoch}.` : one.problem));
  return `${readings} of ${outcomes.length} epoch sources told an epoch, and ${quorum} must: ${reasons.join(" ")}`;
}

/**
 * What to make of an epoch after the one that was seen before. The epoch never goes back by itself, and where `maxStep` is given
 * it goes no further ahead at once: nothing takes back an epoch that was believed.
 */
export function judgeEpoch(
  before: Epoch | undefined,
  epoch: Epoch,
  maxStep: number | undefined,
): "taken" | "same" | "lower" | "too-far" {
  if (before === undefined) return "taken";
  if (epoch < before) return "lower";
  if (epoch === before) return "same";
  return maxStep !== undefined && epoch - before > maxStep ? "too-far" : "taken";
}
