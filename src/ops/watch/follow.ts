import type { QuorumAnswer, SourceOutcome } from "../../core/epoch-quorum.ts";
import { EngineryError, isEngineryError } from "../../core/errors.ts";
import type { Observation } from "../../core/model/home.ts";
import type { Epoch } from "../../core/model/manifest.ts";
import { step } from "../../core/watch/machine.ts";
import { FOLLOW, type FollowAction, type FollowEvent } from "../../core/watch/machines.ts";
import { advancePace } from "../../core/watch/pace.ts";
import { mustRecord } from "../../core/watch/record.ts";
import { readingDelay } from "../../core/watch/timing.ts";
import { openEpochSources } from "../epoch-sources.ts";
import { seenBy, takeEpoch } from "../observe.ts";
import { observedEpoch } from "../snapshot.ts";
import { assess } from "./assess.ts";
import { problemOf } from "./problem.ts";
import { chance, failed, isEnding, type Session, type SourceStanding, say, succeeded } from "./session.ts";
import { readSettings } from "./settings.ts";

/** Follows the epoch sources until the session ends (docs/operations/watch.md 4 to 6). `announce`: readers have their answer. */
export async function follow(
  session: Session,
  announce: () => void,
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  while (!isEnding(session)) {
    const actions = await followOnce(session);
    if (actions.includes("announce") && !session.announced) {
      session.announced = true;
      announce();
    }
    if (isEnding(session)) return;
    const { intervalMs } = session.settings;
    await pause(readingDelay({ intervalMs, failures: session.unreadInARow }, chance(session)));
  }
}

/** One reading, and what comes of it. */
export async function followOnce(session: Session): Promise<readonly FollowAction[]> {
  requireClaim(session);
  readSettings(session);
  const event = await readingEvent(session);
  if (isEnding(session)) return [];
  const { mode, does } = step(FOLLOW, session.follow, event);
  if (mode !== session.follow) say(session, { event: "mode", from: session.follow, to: mode });
  session.follow = mode;
  session.unreadInARow = does.includes("back-off") ? session.unreadInARow + 1 : 0;
  session.turnedAt = session.world.timer.ticks();
  session.hasFollowed = true;
  if (does.includes("assess")) await assess(session);
  return does;
}

/** Two watchers do no harm and double the work: the later one goes on, the earlier one leaves. */
function requireClaim({ home, operation, request }: Session): void {
  if (request.once || request.dryRun || home.watcher.isMine(operation)) return;
  const { holder } = home.watcher.claim(operation);
  if (holder !== undefined) throw alreadyWatched(holder.owner.pid);
}

export function alreadyWatched(pid: number): EngineryError {
  return new EngineryError("busy", `Another watch follows the network for this home: process ${pid}.`, {
    hint: "End it first, or use another --home.",
    context: { pid },
  });
}

async function readingEvent(session: Session): Promise<FollowEvent> {
  const answer = await readSources(session);
  session.outcomes = standingsOf(session, answer);
  if (answer.epoch === undefined) {
    untold(session, answer.problem);
    return knownFromBefore(session) === undefined ? "forgotten" : "unread";
  }
  return await takeReading(session, { ...answer, epoch: answer.epoch });
}

/** What cannot even be asked (a config that names no source, --offline) tells no epoch either. */
async function readSources(session: Session): Promise<QuorumAnswer> {
  try {
    const sources = await openedSources(session);
    return await sources.read(session.ending.signal);
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    failed(session, "source", error);
    return { epoch: undefined, problem: `${error.message} ${error.hint}`, outcomes: [] };
  }
}

/** Opened once, and anew where config.json says otherwise: connections may be kept. */
async function openedSources(session: Session) {
  const { epochSources, epochQuorum, epochTimeoutSeconds, allowHttp } = session.config;
  const key = JSON.stringify([epochSources, epochQuorum, epochTimeoutSeconds, allowHttp]);
  if (session.sources?.key !== key) {
    session.sources = { key, sources: await openEpochSources(session.world, session.config, session.request) };
  }
  return session.sources.sources;
}

async function takeReading(session: Session, answer: QuorumAnswer & { readonly epoch: Epoch }): Promise<FollowEvent> {
  const { world, home, config, request } = session;
  const seen = seenBy(answer);
  try {
    const recorded = recordedOrNone(session);
    const rules = { maxStep: config.epochMaxStep, dryRun: request.dryRun };
    if (mustRecord(recorded, seen.epoch, { now: world.clock.now(), maxAgeSeconds: config.epochMaxAge })) {
      const { before, changed } = await takeEpoch(world, home, seen, rules);
      if (changed) say(session, { event: "epoch", epoch: seen.epoch, before, from: seen.from });
    }
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    return notTaken(session, error);
  }
  session.pace = advancePace(session.pace, seen.epoch, world.timer.ticks());
  session.taken = seen.epoch;
  session.untold = undefined;
  session.unwritten = undefined;
  succeeded(session, "record");
  return "seen";
}

function notTaken(session: Session, error: EngineryError): FollowEvent {
  if (isEngineryError(error, "observation-lower", "observation-jump")) {
    untold(session, error.message);
    return "refused";
  }
  failed(session, "record", error);
  session.unwritten = problemOf(error);
  return "unwritten";
}

/** A damaged observation is written anew: the sources know it. */
function recordedOrNone({ home }: Session): Observation | undefined {
  try {
    return home.clock.read();
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return undefined;
    throw error;
  }
}

function knownFromBefore({ world, home, config }: Session): Epoch | undefined {
  try {
    return observedEpoch(world, home, config);
  } catch (error) {
    if (isEngineryError(error)) return undefined;
    throw error;
  }
}

function untold(session: Session, problem: string): void {
  session.untold = { since: session.untold?.since ?? session.world.timer.ticks(), problem };
}

/** By name: how long each has failed, or said far other epochs, while the others had an answer. */
function standingsOf(session: Session, answer: QuorumAnswer): Session["outcomes"] {
  const tick = session.world.timer.ticks();
  const astrayFrom = Math.max(1, session.settings.leadEpochs);
  return new Map(
    answer.outcomes.map((outcome): [string, SourceStanding] => {
      const before = session.outcomes.get(outcome.name);
      if (isLate(outcome) && before !== undefined) return [outcome.name, { ...before, failingSince: undefined }];
      const fails = "problem" in outcome && !isLate(outcome);
      if (fails) failed(session, "source", { code: "epoch-unreadable", message: outcome.problem }, outcome.name);
      else succeeded(session, "source", outcome.name);
      const astray = isAstray(outcome, answer.epoch, astrayFrom);
      return [
        outcome.name,
        {
          outcome,
          failingSince: fails && answer.epoch !== undefined ? (before?.failingSince ?? tick) : undefined,
          astraySince: astray ? (before?.astraySince ?? tick) : undefined,
        },
      ];
    }),
  );
}

/** Slower than the others and not failing, as far as is known: what it said before stands. */
function isLate(outcome: SourceOutcome): boolean {
  return "problem" in outcome && outcome.late === true;
}

function isAstray(outcome: SourceOutcome, epoch: Epoch | undefined, from: number): boolean {
  return "epoch" in outcome && epoch !== undefined && Math.abs(outcome.epoch - epoch) > from;
}
