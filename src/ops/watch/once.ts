import { assess } from "./assess.ts";
import type { Deliveries } from "./deliver.ts";
import { followOnce } from "./follow.ts";
import { keepOnce } from "./keep.ts";
import { recalled, rememberNews } from "./memory.ts";
import { end, isEnding, type Session } from "./session.ts";

/** A round takes its time to deliver alarms: nobody does it afterwards. */
const LAST_ALARMS_MS = 30_000;

/** One round for a timer: what an earlier round told already is told again only as a running `watch` would. */
export async function oneRound(session: Session, deliveries: Deliveries): Promise<void> {
  using _listening = session.world.service.listen({ stop: (signal) => end(session, signal), reload: () => {} });
  session.alarms = recalled(session);
  session.muted = true;
  try {
    await followOnce(session);
    await keepOnce(session, "check-due");
    session.muted = false;
    if (isEnding(session)) return;
    await assess(session);
    await deliveries.settled(LAST_ALARMS_MS);
    rememberNews(session);
  } finally {
    // sources that are slow are not heard out
    end(session, "once");
  }
}
