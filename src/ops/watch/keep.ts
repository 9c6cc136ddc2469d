import { isEngineryError } from "../../core/errors.ts";
import { releaseName } from "../../core/release-name.ts";
import { step } from "../../core/watch/machine.ts";
import { KEEP, type KeepEvent } from "../../core/watch/machines.ts";
import { checkDelay } from "../../core/watch/timing.ts";
import type { UpgradeRequest, UpgradeResult } from "../operator.ts";
import { upgrade } from "../upgrade.ts";
import { assess } from "./assess.ts";
import { problemOf } from "./problem.ts";
import { needsProof, PROOF_AGAIN_MS, prove } from "./prove.ts";
import { chance, failed, isEnding, type Session, say, succeeded } from "./session.ts";

/** How often it looks whether something is due; what is due is decided by ticks. */
const LOOK_MS = 1_000;

/** Takes what the publisher has and proves it, until the session ends (docs/operations/watch.md 7 to 9). */
export async function keep(session: Session, pause: (ms: number) => Promise<void>): Promise<void> {
  while (!isEnding(session)) {
    const due = dueEvent(session);
    if (due !== undefined) await keepOnce(session, due);
    // also after a round: one that fails at once must not keep everybody else from their turn
    await pause(LOOK_MS);
  }
}

/** From what is due to waiting again. */
export async function keepOnce(session: Session, due: KeepEvent): Promise<void> {
  for (let event: KeepEvent | undefined = due; event !== undefined && !isEnding(session); ) {
    const { mode, does } = step(KEEP, session.keep, event);
    session.keep = mode;
    event = undefined;
    for (const action of does) {
      if (action === "upgrade") event = await tryUpgrade(session);
      if (action === "prove") event = await proveAll(session);
      if (action === "assess") await assess(session);
    }
  }
  session.hasKept = true;
}

/** Undefined: nothing is due, or nothing has been seen of the home yet. */
function dueEvent(session: Session): KeepEvent | undefined {
  if (session.snapshot === undefined) return undefined;
  const tick = session.world.timer.ticks();
  if (tick >= session.nextCheckAt) return "check-due";
  return tick >= session.nextProofAt && needsProof(session).length > 0 ? "proof-due" : undefined;
}

async function tryUpgrade(session: Session): Promise<KeepEvent> {
  const { world, request } = session;
  try {
    const result = await upgrade(world, upgradeRequest(session));
    succeeded(session, "upgrade");
    session.failing = undefined;
    session.checkedAt = world.clock.now();
    taken(session, result);
    return result.held === undefined ? "upgraded" : "held";
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    // asked not to use the network: nothing failed
    if (request.offline && error.code === "offline") {
      session.held = "--offline: the publisher is not asked.";
      return "held";
    }
    failed(session, "upgrade", error);
    const { since, inARow } = session.failing ?? { since: world.timer.ticks(), inARow: 0 };
    session.failing = { problem: problemOf(error), since, inARow: inARow + 1 };
    return "failed";
  } finally {
    session.triedAt = world.timer.ticks();
    session.nextCheckAt =
      session.triedAt +
      checkDelay(
        {
          checkEveryMs: session.settings.checkEveryMs,
          failures: session.failing?.inARow ?? 0,
          urgent: session.missed.size > 0,
        },
        chance(session),
      );
  }
}

/** An upgrade only adds: what is in effect is the schedule's affair, so that taking early changes no answer. */
function upgradeRequest({ request, settings, config }: Session): UpgradeRequest {
  const { home, offline, allowHttp, allowExpired, noDeltas, dryRun } = request;
  return {
    home,
    config,
    offline,
    allowHttp,
    allowExpired,
    noDeltas,
    dryRun,
    names: [],
    stageOnly: false,
    again: false,
    prune: settings.prune,
    automatic: true,
  };
}

function taken(session: Session, result: UpgradeResult): void {
  session.held = result.held;
  session.refusals = new Map(result.failed.map((one) => [releaseName(one), one.message]));
  session.withdrawn = new Map(result.withdrawn.map((one) => [releaseName(one), one.reason]));
  const news = result.changed || result.failed.length > 0 || result.held !== session.toldHeld;
  session.toldHeld = result.held;
  if (!news) return;
  if (result.changed) session.upgradedAt = session.world.clock.now();
  say(session, {
    event: "upgrade",
    generation: result.generation,
    installed: result.installed.map(({ engine, version }) => ({ engine, version })),
    failed: result.failed.map(({ engine, version }) => ({ engine, version })),
    ...(result.held === undefined ? {} : { held: result.held }),
  });
}

async function proveAll(session: Session): Promise<KeepEvent> {
  try {
    // what was just laid out is seen first
    await assess(session);
    await prove(session);
    succeeded(session, "proof");
    session.unprovable = undefined;
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    failed(session, "proof", error);
    session.unprovable = problemOf(error);
    session.nextProofAt = session.world.timer.ticks() + PROOF_AGAIN_MS;
  }
  return "proven";
}
