import { judgeEpoch, type QuorumAnswer, type SourceOutcome } from "../core/epoch-quorum.ts";
import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Config } from "../core/model/home.ts";
import type { Epoch } from "../core/model/manifest.ts";
import type { Home } from "../store/home.ts";
import { record } from "./commit.ts";
import { openEpochSources, unknownEpoch } from "./epoch-sources.ts";
import { prepareToWrite } from "./locking.ts";
import type { ObserveRequest, ObserveResult, SourcesRequest } from "./operator.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/**
 * Records the epoch that was said or that the epoch sources tell; one file, replaced by rename. Errors: `observation-lower` and
 * `observation-jump` unless forced with a reason; `epoch-unreadable` and `epoch-unknown` where the sources tell none.
 */
export async function observe(world: World, request: ObserveRequest): Promise<ObserveResult> {
  const { home, config } = takeSnapshot(world, request);
  const seen: SeenEpoch =
    "epoch" in request ? { epoch: request.epoch, from: "observe" } : await askSources(world, config, request);
  const rules = { force: request.force, maxStep: request.maxStep ?? config.epochMaxStep };
  const { before, changed } = await takeEpoch(world, home, seen, { ...rules, dryRun: request.dryRun });
  const { outcomes } = seen;
  return {
    epoch: seen.epoch,
    before,
    changed,
    from: seen.from,
    ...(outcomes === undefined ? {} : { sources: outcomes }),
    ...(request.dryRun ? { dryRun: true } : {}),
  };
}

async function askSources(world: World, config: Config, request: SourcesRequest): Promise<SeenEpoch> {
  const sources = await openEpochSources(world, config, request);
  const enough = new AbortController();
  const answer = await sources.read(enough.signal);
  enough.abort();
  if (answer.epoch === undefined) throw unknownEpoch(answer);
  // the others were enough: yet the next one that fails may be one too many
  for (const outcome of answer.outcomes) {
    if ("problem" in outcome) world.reporter.warn("epoch-source", outcome.problem);
  }
  return seenBy(answer);
}

/** An epoch that was said, with who said it for the observation. */
export interface SeenEpoch {
  readonly epoch: Epoch;
  readonly from: string;
  readonly outcomes?: readonly SourceOutcome[];
}

export function seenBy(answer: QuorumAnswer & { readonly epoch: Epoch }): SeenEpoch {
  const { epoch, saidBy, outcomes } = answer;
  return { epoch, from: saidBy.join(", ").slice(0, MAX_FROM), outcomes };
}

/** As much of the names as an observation holds. */
const MAX_FROM = 2000;

export interface EpochRules {
  /** Why an epoch that is lower or too far ahead is taken all the same. */
  readonly force?: string | undefined;
  /** Further ahead of the epoch seen before than this is refused; absent: any. */
  readonly maxStep?: number | undefined;
  readonly dryRun?: boolean;
}

/**
 * Takes a seen epoch for the home's. The same epoch is written again: it is younger now. Durable when it returns. Whoever else records one
 * meanwhile takes turns: the observation goes back only where that is forced. Errors: `observation-lower`, `observation-jump` unless forced.
 */
export async function takeEpoch(
  world: World,
  home: Home,
  { epoch, from }: SeenEpoch,
  rules: EpochRules,
): Promise<TakenEpoch> {
  const judged = judgedEpoch(home, epoch, rules);
  if (rules.dryRun) return judged.taken;
  prepareToWrite(world, home);
  await using _turn = await turnToRecord(world, home);
  const { taken, verdict } = judgedEpoch(home, epoch, rules);
  home.clock.write({ format: 1, epoch, at: new Date(world.clock.now()).toISOString(), from });
  if (verdict === "lower" || verdict === "too-far") {
    const { before } = taken;
    const reasons = { force: rules.force };
    record(world, home, world.identifiers.operation(), "observe", { epoch, before, from, reasons });
  }
  return taken;
}

export interface TakenEpoch {
  readonly before: Epoch | null;
  readonly changed: boolean;
}

function judgedEpoch(home: Home, epoch: Epoch, { force, maxStep }: EpochRules) {
  const before = epochBefore(home);
  const verdict = judgeEpoch(before ?? undefined, epoch, maxStep);
  if (force === undefined && before !== null) refuse(verdict, epoch, before, maxStep);
  const taken: TakenEpoch = { before, changed: epoch !== before };
  return { taken, verdict };
}

/** Who holds it longer than this died or was stopped within a few milliseconds: the epoch must not wait for that. */
const TURN_MS = 2_000;

async function turnToRecord(world: World, home: Home): Promise<AsyncDisposable> {
  try {
    return await world.lock.acquire(home.clock.folder, `observe (process ${world.host.self().pid})`, TURN_MS);
  } catch (error) {
    if (isEngineryError(error, "busy")) return { [Symbol.asyncDispose]: async () => undefined };
    throw error;
  }
}

function refuse(
  verdict: ReturnType<typeof judgeEpoch>,
  epoch: Epoch,
  before: Epoch,
  maxStep: number | undefined,
): void {
  if (verdict === "lower") {
    throw new EngineryError("observation-lower", `Epoch ${epoch} is lower than ${before}, which was seen before.`, {
      context: { epoch, before },
    });
  }
  if (verdict === "too-far") {
    const message = `Epoch ${epoch} is ${epoch - before} ahead of ${before}, which was seen before, and at most ${maxStep} are taken at once.`;
    throw new EngineryError("observation-jump", message, { context: { epoch, before, maxStep } });
  }
}

/** A damaged observation is replaced: whoever says the epoch knows it. */
function epochBefore(home: Home): Epoch | null {
  try {
    return home.clock.read()?.epoch ?? null;
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return null;
    throw error;
  }
}
