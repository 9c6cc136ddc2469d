import { EngineryError, isEngineryError } from "../../core/errors.ts";
import { type AlarmNotice, alarmDocument } from "../../core/watch/alarms.ts";
import { deliveryDelay } from "../../core/watch/timing.ts";
import type { World } from "../world.ts";
import { runAlarmCommand } from "./alarm-command.ts";
import { chance, failed, type Session, succeeded } from "./session.ts";

/** Webhook and command, beside the loops that raise alarms. */
export interface Deliveries {
  put(session: Session, notice: AlarmNotice): void;
  /** Whether all was delivered. */
  isDone(): boolean;
  /** When all is delivered or given up, or after so many milliseconds. */
  settled(milliseconds: number): Promise<void>;
}

type Place = "webhook" | "command";

const TRIES = 4;
const WEBHOOK_TIMEOUT_MS = 10_000;

/** One at a time for each alarm and place; of what comes meanwhile the newest alone waits. */
export function makeDeliveries(world: World): Deliveries {
  const undelivered = new Set<string>();
  const lines = new Map<string, { waiting: AlarmNotice | undefined; readonly done: Promise<void> }>();

  function put(session: Session, place: Place, notice: AlarmNotice): void {
    const key = `${place} ${notice.alarm}`;
    const line = lines.get(key);
    if (line !== undefined) {
      line.waiting = notice;
      return;
    }
    const own: { waiting: AlarmNotice | undefined; done: Promise<void> } = {
      waiting: undefined,
      done: Promise.resolve(),
    };
    own.done = (async () => {
      for (let next: AlarmNotice | undefined = notice; next !== undefined; ) {
        const isDelivered = await deliver(session, place, next, () => own.waiting !== undefined);
        if (isDelivered) undelivered.delete(key);
        else undelivered.add(key);
        next = own.waiting;
        own.waiting = undefined;
      }
      lines.delete(key);
    })();
    lines.set(key, own);
  }

  return {
    put: (session, notice) => {
      if (session.settings.webhook !== undefined) put(session, "webhook", notice);
      if (session.settings.command !== undefined) put(session, "command", notice);
    },
    settled: async (milliseconds) => {
      const all = Promise.all([...lines.values()].map(({ done }) => done));
      const enough = new AbortController();
      await Promise.race([all, world.timer.sleep(milliseconds, enough.signal)]);
      enough.abort();
    },
    isDone: () => lines.size === 0 && undelivered.size === 0,
  };
}

/** Bounded tries; what is outdated meanwhile is not tried again. Never throws: who is told of a failure is the log. */
async function deliver(
  session: Session,
  place: Place,
  notice: AlarmNotice,
  isOutdated: () => boolean,
): Promise<boolean> {
  for (let tried = 1; ; tried += 1) {
    try {
      await (place === "webhook" ? post(session, notice) : runAlarmCommand(session, notice));
      succeeded(session, place);
      return true;
    } catch (error) {
      failed(session, place, isEngineryError(error) ? error : bugOf(error));
      const again = isEngineryError(error, "network", "timeout", "http-status") && place === "webhook";
      if (!again || tried === TRIES || isOutdated()) return false;
      await session.world.timer.sleep(deliveryDelay(tried, chance(session)), session.ending.signal);
    }
  }
}

async function post({ world, settings, config, request }: Session, notice: AlarmNotice): Promise<void> {
  if (settings.webhook === undefined) return;
  const { post: send } = await world.webhook();
  await send(settings.webhook, alarmDocument(request.home, notice), {
    timeoutMs: WEBHOOK_TIMEOUT_MS,
    token: request.webhookToken,
    allowHttp: config.allowHttp ?? request.allowHttp,
  });
}

function bugOf(error: unknown): EngineryError {
  return new EngineryError("internal", error instanceof Error ? error.message : String(error), { cause: error });
}
