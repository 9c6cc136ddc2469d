import { isEngineryError } from "../../core/errors.ts";
import { recalledAlarms, toldAlarms } from "../../core/watch/told.ts";
import { assess } from "./assess.ts";
import type { Deliveries } from "./deliver.ts";
import { followOnce } from "./follow.ts";
import { keepOnce } from "./keep.ts";
import { end, failed, isEnding, type Session, succeeded } from "./session.ts";

/** A round takes its time to deliver alarms: nobody does it afterwards. */
const LAST_ALARMS_MS = 30_000;

/** One round for a timer: what an earlier round told already is told again only as a running `watch` would. */
export async function oneRound(session: Session, deliveries: Deliveries): Promise<void> {
  using _listening = session.world.service.listen({ stop: (signal) => end(session, signal), reload: () => {} });
  const { home } = session;
  session.alarms = recalledAlarms(home.watcher.told()?.alarms ?? [], clocksOf(session));
  session.muted = true;
  try {
    await followOnce(session);
    await keepOnce(session, "check-due");
    session.muted = false;
    if (isEnding(session)) return;
    const notices = await assess(session);
    // what nobody was told of is told by the next round
    const isTold = await deliveries.settled(LAST_ALARMS_MS);
    if (notices.length > 0 && isTold && !session.request.dryRun) remember(session);
  } finally {
    // sources that are slow are not heard out
    end(session, "once");
  }
}

/** Where that cannot be written, the next round tells it again. */
function remember(session: Session): void {
  try {
    session.home.watcher.tell(toldAlarms(session.alarms, clocksOf(session)));
    succeeded(session, "record");
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    failed(session, "record", error);
  }
}

function clocksOf({ world }: Session) {
  return { now: world.clock.now(), tick: world.timer.ticks() };
}
