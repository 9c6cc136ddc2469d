import { isEngineryError } from "../../core/errors.ts";
import { releaseName } from "../../core/release-name.ts";
import type { Condition, FiringAlarms } from "../../core/watch/alarms.ts";
import { recalledAlarms, toldAlarms } from "../../core/watch/told.ts";
import { failed, type Session, succeeded } from "./session.ts";

/** What an earlier `watch` left firing. */
export function recalled(session: Session): FiringAlarms {
  return recalledAlarms(session.home.watcher.told()?.alarms ?? [], clocksOf(session));
}

/** As `recalled`, but for alarms that are to end a `watch`: they end each one. */
export function recallForLong(session: Session): void {
  const alarms = [...recalled(session)].filter(([, { condition }]) => !session.settings.exits(condition.kind));
  session.alarms = new Map(alarms);
}

/** What was told since it was last remembered, once webhook and command have taken it all: what nobody was told of is told anew. */
export function rememberNews(session: Session): void {
  if (!session.hasNews || session.request.dryRun || !session.isDelivered()) return;
  session.hasNews = false;
  remember(session);
}

/** Where that cannot be written, it is told again. */
function remember(session: Session): void {
  try {
    session.home.watcher.tell(toldAlarms(session.alarms, clocksOf(session)));
    succeeded(session, "record");
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    failed(session, "record", error);
  }
}

/** Whether what an earlier process told may be so still though it was not found: it has not been looked at long enough. */
export function isUnseen(session: Session, condition: Condition): boolean {
  const { request, hasFollowed, hasKept, failing, untold, outcomes, missed } = session;
  if (request.once) return false;
  if (!hasFollowed || !hasKept) return true;
  const { kind, engine, version, subject = "" } = condition;
  if (kind === "upgrade-failed") return failing !== undefined;
  if (kind === "epoch-unknown") return untold !== undefined;
  if (kind === "source-failing") return outcomes.get(subject)?.failingSince !== undefined;
  if (kind === "source-disagreement") return outcomes.get(subject)?.astraySince !== undefined;
  return engine !== undefined && version !== undefined && missed.has(releaseName({ engine, version }));
}

function clocksOf({ world }: Session) {
  return { now: world.clock.now(), tick: world.timer.ticks() };
}
